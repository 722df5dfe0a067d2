"""A vectorizer's reading of text as replacements by regular expressions, for PMML.

One after the other, they leave of a text its units, words or characters, with a space between, so
that a term of the vocabulary is counted unit by unit. Characters that no term holds become one, as
in the graph's own alphabet: nothing depends on the Unicode or the locale of an engine. All that
stays is of the Basic Multilingual Plane, for engines that know text as UTF-16 may look for a match
in the middle of other characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bundle.arrays import Array
from converters.graph.alphabet import FINAL_SIGMA, SIGMA, SMALL_SIGMA, Alphabet, cases
from converters.graph.terms import (
    APART,
    OTHER_SPACE,
    UNKNOWN,
    UNKNOWN_IN_WORD,
    WRONG_IN_WORD,
    Terms,
    alphabet_of_characters,
    alphabet_of_words,
    by_length,
    reached_words,
    spaces,
    words_of,
)

PRIVATE = range(0xE000, 0xF900)
"""Characters without a meaning of their own, which stand for others."""
SUPPLEMENTARY = 0x10000
EACH = ("(.)", "$1 ")
"""A space after each character."""

Replacement = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Reading:
    """Replacements (regular expression, text), and how the term of each column then reads.

    A term that is found in no text reads "".
    """

    replacements: tuple[Replacement, ...]
    terms: tuple[str, ...]


def reading(model: Any, terms: Terms) -> Reading:
    """How a vectorizer finds the terms of a vocabulary in a text."""
    replacements, spelt = READINGS[model.analyzer](model, terms)
    columns = [""] * len(terms)
    for column, text in spelt.items():
        columns[column] = text
    return Reading(replacements=tuple(replacements), terms=tuple(columns))


Found = tuple[list[Replacement], dict[int, str]]


def _words(model: Any, terms: Terms) -> Found:
    """Words that are no stop words."""
    words = words_of(model.token_pattern)
    stop = sorted(word for word in model.get_stop_words() or () if word and words.hold(word))
    reached = {
        terms[term]: run
        for term, run in reached_words(model, words, terms).items()
        if all(words.hold(word) and len(word) >= words.least for word in run)
        and not set(run).intersection(stop)
    }
    sequences = model.ngram_range[1] > 1
    known = [word for run in reached.values() for word in run] + (stop if sequences else [])
    alphabet = alphabet_of_words(model, words, known)
    spelling = _Spelling.of(alphabet, {APART: " ", UNKNOWN_IN_WORD: "", WRONG_IN_WORD: ""}, APART)
    found = list(spelling.replacements)
    if sequences:  # what stands between two words that are neighbours
        if WRONG_IN_WORD in alphabet.classes:
            wrong = spelling.written[WRONG_IN_WORD]
            found.append((_alone(f"[^ {wrong}]*+{wrong}[^ ]*+"), ""))
        if words.least > 1:
            found.append((_alone(f"[^ ]{{1,{words.least - 1}}}"), ""))
        if stop:
            found.append((_alone("|".join(map(spelling.text, map(alphabet.term, stop)))), ""))
    texts = {
        column: " ".join(spelling.text(alphabet.term(word)) for word in run)
        for column, run in reached.items()
    }
    return found, texts


def _alone(pattern: str) -> str:
    return f"(?<![^ ])(?:{pattern})(?![^ ])"


def _characters(model: Any, terms: Terms) -> Found:
    """Characters, of which two or more of white space are one space."""
    alphabet = alphabet_of_characters(model, terms)
    spelling = _Spelling.of(alphabet, {OTHER_SPACE: "", UNKNOWN: ""}, UNKNOWN)
    space = f"[{spelling.text(spaces(alphabet))}]{{2,}}"
    found = [*spelling.replacements, (space, spelling.text(alphabet.term(" "))), EACH]
    return found, _runs(spelling, by_length(model, alphabet, terms))


def _characters_in_words(model: Any, terms: Terms) -> Found:
    """Characters of what white space separates, each with a space before and after."""
    alphabet = alphabet_of_characters(model, terms)
    # END, 0, stands between the words.
    spelling = _Spelling.of(alphabet, {0: "", OTHER_SPACE: "", UNKNOWN: ""}, UNKNOWN)
    edge, blank = spelling.written[0], spelling.text(alphabet.term(" "))
    found = [
        *spelling.replacements,
        (f"[{spelling.text(spaces(alphabet))}]+", edge),
        (f"([^{edge}]+)", f"{blank}$1{blank}"),
        (r"\A|\z", edge),
        EACH,
    ]
    return found, _runs(spelling, by_length(model, alphabet, terms, whole=True))


READINGS = {"word": _words, "char": _characters, "char_wb": _characters_in_words}
"""By analyzer."""


def _runs(
    spelling: _Spelling, found: Mapping[int, Mapping[tuple[int, ...], int]]
) -> dict[int, str]:
    runs = [pair for each in found.values() for pair in each.items()]
    return {column: " ".join(spelling.text(run)) for run, column in runs}


@dataclass(frozen=True, kw_only=True)
class _Spelling:
    """What is written for each symbol of an alphabet, and the replacements that write it."""

    written: Mapping[int, str]
    replacements: Sequence[Replacement]

    def text(self, run: Iterable[int]) -> str:
        return "".join(self.written[symbol] for symbol in run)

    @classmethod
    def of(cls, alphabet: Alphabet, classes: Mapping[int, str], default: int) -> _Spelling:
        """`classes`: what to write for symbols that are no character; "": a private character.

        `default`: the class of all that is not replaced otherwise.
        """
        codes, runs = alphabet.runs()
        private = _private(alphabet, codes)
        written = {symbol: text or next(private) for symbol, text in classes.items()}
        for character, symbol in alphabet.numbers.items():
            stays = runs[codes[ord(character)]] == (symbol,) and ord(character) < SUPPLEMENTARY
            # What is no letter or digit may be trimmed as punctuation.
            written[symbol] = character if stays and character.isalnum() else next(private)
        spelling = cls(written=written, replacements=())
        kept = {ord(text) for text in written.values()}
        given = [point for point in kept if point in PRIVATE]
        found = [(_class(given), spelling.text(runs[codes[given[0]]]))] if given else []
        if alphabet.lowercase and {SMALL_SIGMA, FINAL_SIGMA} & set(map(ord, alphabet.known)):
            found.append(_final_sigma())
        for run, points in zip(runs, _grouped(codes, len(runs)), strict=True):
            left = np.setdiff1d(points, list(kept))
            if len(left) and 0 not in run and run != (default,):
                found.append((_class(left), spelling.text(run)))
        found.append((f"[^{_ranges(kept)}]", written[default]))
        return cls(written=written, replacements=found)


def _private(alphabet: Alphabet, codes: Array) -> Iterator[str]:
    """Private characters that no term holds, all of one class."""
    free = [point for point in PRIVATE if chr(point) not in alphabet.numbers]
    yield from (chr(point) for point in free if codes[point] == codes[free[0]])
    raise NotImplementedError(f"a vocabulary of over {len(free)} characters that are no letters")


def _grouped(codes: Array, count: int) -> list[Array]:
    """The code points of each code."""
    order = np.argsort(codes, kind="stable")
    return np.split(order, np.searchsorted(codes[order], np.arange(1, count)))


def _final_sigma() -> Replacement:
    """The last sigma of each word, as `final_sigmas` finds it."""
    cased, ignorable = (_class(np.flatnonzero(cases() == kind)) for kind in (1, 2))
    sigma = chr(SIGMA)
    before = f"({cased}{ignorable}*+)"
    return f"{before}{sigma}(?!{ignorable}*+{cased})", f"$1{chr(FINAL_SIGMA)}"


def _class(points: Iterable[int]) -> str:
    return f"[{_ranges(points)}]"


def _ranges(points: Iterable[int]) -> str:
    """Code points as the inside of a class of characters; surrogates are left out."""
    known = np.unique(np.fromiter(points, np.int64))
    known = known[(known < 0xD800) | (known > 0xDFFF)]
    ends = np.flatnonzero(np.diff(known) > 1)
    firsts, lasts = known[[0, *(ends + 1)]].tolist(), known[[*ends, -1]].tolist()
    return "".join(
        _escaped(a) + ("" if a == b else ("" if b == a + 1 else "-") + _escaped(b))
        for a, b in zip(firsts, lasts, strict=True)
    )


def _escaped(point: int) -> str:
    return chr(point) if point < 0x80 and chr(point).isalnum() else f"\\x{{{point:X}}}"
