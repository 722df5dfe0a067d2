"""Terms of a vocabulary found in rows of text: words, characters, and sequences of them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.alphabet import Alphabet, characters_of, members
from converters.graph.characters import code_points
from converters.graph.sequences import Run, find, windows
from converters.graph.table import constant, cut

Terms = Mapping[str, int]
"""The column of each term."""

SPACE, OTHER_SPACE, UNKNOWN = 1, 2, 3
"""Classes of characters for the analyzers of characters."""
APART, UNKNOWN_IN_WORD, WRONG_IN_WORD = 1, 2, 3
"""Classes of characters for the analyzer of words."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """Occurrences: int64 [n] rows and columns; the number of columns stands for no term."""

    rows: Var
    columns: Var

    @staticmethod
    def join(parts: Sequence[Found]) -> Found:
        """All of them."""
        if len(parts) == 1:
            return parts[0]
        return Found(
            rows=op.concat([part.rows for part in parts], axis=0),
            columns=op.concat([part.columns for part in parts], axis=0),
        )


def char_terms(model: Any, text: Var, terms: Terms) -> Found:
    """Sequences of characters; a run of white space is one space."""
    alphabet = alphabet_of_characters(model, terms)
    values = alphabet.symbols(code_points(text))
    kept, spaced = _single_spaces(values, alphabet)
    values = op.compress(op.where(spaced, constant(alphabet.term(" ")[0], np.int64), values), kept)
    return _sequences(values, alphabet, by_length(model, alphabet, terms), len(terms))


def _single_spaces(values: Var, alphabet: Alphabet) -> tuple[Var, Var]:
    """Which symbols stay, and which of them become a space: the first of two or more."""
    space = _is_space(values, alphabet)
    first = op.not_(op.and_(space, shifted(space, 1)))
    return first, op.and_(space, shifted(space, -1))


def char_wb_terms(model: Any, text: Var, terms: Terms) -> Found:
    """Sequences of characters inside words, each word with a space on both sides.

    Between words stands a 0, which no term holds, so no sequence goes over it. A word too short
    for the shortest sequence counts once, as a whole: it is looked for with the 0 on both sides.
    """
    alphabet = alphabet_of_characters(model, terms)
    values = alphabet.symbols(code_points(text))
    space = op.or_(_is_space(values, alphabet), op.equal(values, constant(0, np.int64)))
    inside = op.not_(space)
    starts = op.and_(inside, op.not_(shifted(inside, 1)))
    ends = op.and_(inside, op.not_(shifted(inside, -1)))
    end_of_row = op.equal(values, constant(0, np.int64))
    blank, none = constant(alphabet.term(" ")[0], np.int64), constant(-1, np.int64)
    # A row's end is ROW, to be told from the 0 between words, until rows are numbered.
    columns = [
        op.where(starts, constant(0, np.int64), none),
        op.where(starts, blank, none),
        op.where(inside, values, op.where(end_of_row, constant(alphabet.size, np.int64), none)),
        op.where(ends, blank, none),
        op.where(ends, constant(0, np.int64), none),
    ]
    axis = constant([1], np.int64)
    wide = op.concat([op.unsqueeze(column, axis) for column in columns], axis=1)
    flat = op.reshape(wide, constant([-1], np.int64))
    values = op.compress(flat, op.greater(flat, none))
    return _sequences(
        values,
        alphabet,
        by_length(model, alphabet, terms, whole=True),
        len(terms),
        end=alphabet.size,
    )


def alphabet_of_characters(model: Any, terms: Terms) -> Alphabet:
    """Every character of a term is known; of the others, only white space counts."""
    classes = np.where(members(r"\s"), OTHER_SPACE, UNKNOWN)
    known = characters_of([*terms, " "])
    return Alphabet(
        lowercase=model.lowercase, accents=model.strip_accents, classes=classes, known=known
    )


def _is_space(values: Var, alphabet: Alphabet) -> Var:
    flags = np.zeros(alphabet.size, dtype=bool)
    flags[spaces(alphabet)] = True
    return op.gather(constant(flags, np.bool_), values, axis=0)


def spaces(alphabet: Alphabet) -> list[int]:
    """The symbols of white space."""
    return [OTHER_SPACE, *(n for text, n in alphabet.numbers.items() if text.isspace())]


def shifted(flags: Var, by: int) -> Var:
    """The flag of the neighbour before (1) or after (-1); False beyond the ends."""
    edge = constant([False], np.bool_)
    if by == 1:
        return op.concat([edge, cut(flags, 0, -1)], axis=0)
    return op.concat([cut(flags, 1), edge], axis=0)


def by_length(
    model: Any, alphabet: Alphabet, terms: Terms, *, whole: bool = False
) -> dict[int, dict[Run, int]]:
    """The terms that can be found, as symbols, by how many symbols they are."""
    least, most = model.ngram_range
    found: dict[int, dict[Run, int]] = {}
    for term, column in terms.items():
        run = alphabet.term(term)
        if whole and len(run) < least:
            run = (0, *run, 0)
        elif not least <= len(run) <= most:
            continue
        found.setdefault(len(run), {})[run] = column
    return found


def _sequences(
    values: Var, alphabet: Alphabet, terms: dict[int, dict[Run, int]], absent: int, end: int = 0
) -> Found:
    """Every sequence of symbols that is one of `terms`, anywhere within a row."""
    over = op.equal(values, constant(end, np.int64))
    ended = op.cast(over, to=np.int64)
    rows = op.sub(op.cumsum(ended, constant(0, np.int64)), ended)
    starts = op.range(constant(0, np.int64), _count(values), constant(1, np.int64))
    parts = []
    for width, known in sorted(terms.items()):
        runs = windows(values, starts, width)
        place = find(runs, width, alphabet.size + 1, list(known), -1)
        parts.append(Found(rows=rows, columns=_columns(place, list(known.values()), absent)))
    if not parts:
        nothing = op.add(op.mul(rows, constant(0, np.int64)), constant(absent, np.int64))
        return Found(rows=rows, columns=nothing)
    return Found.join(parts)


def _count(values: Var) -> Var:
    return op.reshape(op.shape(values), constant(np.array([], np.int64), np.int64))


def _columns(place: Var, columns: list[int], absent: int) -> Var:
    """The column of each place, of which -1 is none."""
    return op.gather(constant([*columns, absent], np.int64), place, axis=0)


@dataclass(frozen=True, kw_only=True)
class Words:
    """Which runs of characters are words: at least `least` of `inside`.

    `bounded`: of a run of characters of words, as the regular expression has it, all are inside.
    """

    inside: Array
    least: int
    bounded: bool

    def hold(self, word: str) -> bool:
        """Whether a word is made of characters that are inside."""
        return all(self.inside[ord(character)] for character in word)


ATOM = r"(?P<atom>\\[wWdDsS]|\[\^?\]?(?:\\.|[^\]\\])*\]|\.)"
PATTERN = re.compile(
    rf"(?P<flags>\(\?[aLimsux]+\))?(?P<before>\\b)?(?P<group>\()?(?P<again>(?:{ATOM}(?P<more>(?:(?P=atom))*)))"
    r"(?P<many>\+|\{(?P<count>\d+),\})(?P<close>\))?(?P<after>\\b)?"
)


def words_of(pattern: str) -> Words:
    r"""The words that `token_pattern` finds: runs of one kind of character, such as `\b\w\w+\b`."""
    said = PATTERN.fullmatch(pattern)
    if (
        said is None
        or bool(said["before"]) != bool(said["after"])
        or bool(said["group"]) != bool(said["close"])
    ):
        raise NotImplementedError(f"token_pattern={pattern!r}, not a run of one kind of character")
    inside = members((said["flags"] or "") + said["atom"])
    fixed = len(said["more"]) // len(said["atom"])
    least = fixed + (1 if said["many"] == "+" else int(said["count"]))
    bounded = bool(said["before"])
    word = members((said["flags"] or "") + r"\w")
    if not least or (bounded and (inside & ~word).any()):
        raise NotImplementedError(f"token_pattern={pattern!r}, whose words end where \\b is not")
    return Words(inside=inside, least=least, bounded=bounded)


def word_terms(model: Any, text: Var, terms: Terms) -> Found:
    """Words, and sequences of words joined by a space, stop words left out."""
    words = words_of(model.token_pattern)
    stop = frozenset(model.get_stop_words() or ())
    most = model.ngram_range[1]
    reached = reached_words(model, words, terms)
    known = list(dict.fromkeys(word for run in reached.values() for word in run))
    if most > 1:
        known += sorted(stop - set(known))
    number, rows = _numbered(model, text, words, [word for word in known if word])
    if stop:
        kept = op.gather(
            constant([False, *(word in stop for word in known)], np.bool_), number, axis=0
        )
        kept = op.not_(kept)
        number, rows = op.compress(number, kept), op.compress(rows, kept)
    return _word_sequences(number, rows, reached, known, terms)


def reached_words(model: Any, words: Words, terms: Terms) -> dict[str, tuple[str, ...]]:
    """The words of each term that is of as many as are looked for."""
    if words.inside[ord(" ")]:
        raise NotImplementedError(f"token_pattern={model.token_pattern!r}, which keeps spaces")
    least, most = model.ngram_range
    spoken = {term: tuple(term.split(" ")) for term in terms}
    return {term: run for term, run in spoken.items() if least <= len(run) <= most and all(run)}


def _word_sequences(
    number: Var, rows: Var, reached: Mapping[str, tuple[str, ...]], known: list[str], terms: Terms
) -> Found:
    """`number`: 1 + the place of each word among `known`, 0 for another word."""
    absent = len(terms)
    place = {word: i + 1 for i, word in enumerate(known)}
    columns = np.full(len(known) + 1, absent)
    longer: dict[int, dict[Run, int]] = {}
    for term, run in reached.items():
        if len(run) == 1:
            columns[place[term]] = terms[term]
        else:
            longer.setdefault(len(run), {})[tuple(place[word] for word in run)] = terms[term]
    parts = [Found(rows=rows, columns=op.gather(constant(columns, np.int64), number, axis=0))]
    starts = op.range(constant(0, np.int64), _count(number), constant(1, np.int64))
    for width, runs in sorted(longer.items()):
        joined = find(windows(number, starts, width), width, len(known) + 1, list(runs), -1)
        row = windows(op.add(rows, constant(1, np.int64)), starts, width)
        ends = op.gather(row, constant([0, width - 1], np.int64), axis=1)
        first, last = op.split(ends, num_outputs=2, axis=1)
        same = op.reshape(op.equal(first, last), constant([-1], np.int64))
        found = op.where(same, joined, constant(-1, np.int64))
        parts.append(Found(rows=rows, columns=_columns(found, list(runs.values()), absent)))
    return Found.join(parts)


def _numbered(model: Any, text: Var, words: Words, known: list[str]) -> tuple[Var, Var]:
    """Int64 [words]: 1 + the place of each word of the rows among `known`, else 0; its row."""
    inner = [word for word in known if words.hold(word)]
    alphabet = alphabet_of_words(model, words, inner)
    values = alphabet.symbols(code_points(text))
    inside = op.greater(values, constant(APART, np.int64))
    starts, lengths, rows = stretches(values, inside)
    right = op.greater_or_equal(lengths, constant(words.least, np.int64))
    if WRONG_IN_WORD in alphabet.classes:
        right = op.and_(right, all_right(values, starts, lengths))
    starts, lengths, rows = (op.compress(each, right) for each in (starts, lengths, rows))
    width = max((len(word) for word in inner), default=0) + 1  # one more: a longer word differs
    reach = op.less(
        constant([np.arange(width)], np.int64), op.unsqueeze(lengths, constant([1], np.int64))
    )
    symbols = op.where(reach, windows(values, starts, width), constant(0, np.int64))
    runs = [alphabet.term(word) for word in inner]
    place = find(symbols, width, alphabet.size, runs, -1)
    order = {word: i + 1 for i, word in enumerate(known)}
    numbers = [order[word] for word in inner]
    return op.gather(constant([*numbers, 0], np.int64), place, axis=0), rows


def alphabet_of_words(model: Any, words: Words, known: list[str]) -> Alphabet:
    """Every character of the words `known`; of the others, whether it may stand in a word."""
    within = members(r"\w") if words.bounded else words.inside
    classes = np.where(words.inside, UNKNOWN_IN_WORD, np.where(within, WRONG_IN_WORD, APART))
    return Alphabet(
        lowercase=model.lowercase,
        accents=model.strip_accents,
        classes=np.asarray(classes),
        known=characters_of(known),
    )


def stretches(values: Var, inside: Var) -> tuple[Var, Var, Var]:
    """Where each run of symbols starts, how long it is, and its row."""
    places = op.range(constant(0, np.int64), _count(values), constant(1, np.int64))
    first = op.and_(inside, op.not_(shifted(inside, 1)))
    last = op.and_(inside, op.not_(shifted(inside, -1)))
    starts = op.compress(places, first)
    lengths = op.add(op.sub(op.compress(places, last), starts), constant(1, np.int64))
    ended = op.cast(op.equal(values, constant(0, np.int64)), to=np.int64)
    rows = op.compress(op.cumsum(ended, constant(0, np.int64)), first)
    return starts, lengths, rows


def all_right(values: Var, starts: Var, lengths: Var) -> Var:
    """Whether no symbol of a run is WRONG_IN_WORD."""
    wrong = op.cast(op.equal(values, constant(WRONG_IN_WORD, np.int64)), to=np.int64)
    before = op.concat([constant([0], np.int64), op.cumsum(wrong, constant(0, np.int64))], axis=0)
    count = op.sub(
        op.gather(before, op.add(starts, lengths), axis=0), op.gather(before, starts, axis=0)
    )
    return op.equal(count, constant(0, np.int64))
