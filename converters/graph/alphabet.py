"""The few symbols that a vectorizer of text tells apart, and what each Unicode character becomes.

`str.lower` and the stripping of accents are asked of this Python, character by character; both
look at one character at a time, but for the Greek capital sigma, whose lower form at the end of a
word is another (`final_sigmas`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.characters import END
from converters.graph.table import constant

CHARACTERS = 0x110000
SIGMA, SMALL_SIGMA, FINAL_SIGMA = 0x3A3, 0x3C3, 0x3C2
UNKNOWN = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class Alphabet:
    """Symbols are numbered: END is 0, then `classes`, then one for each of `known`.

    `classes` gives, for each code point, the number of its class (1, 2, ...), which stands for
    all characters that no term holds.
    """

    lowercase: bool
    accents: str | None
    classes: Array
    known: Sequence[str]
    numbers: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        first = int(self.classes.max()) + 1
        numbers = {character: first + i for i, character in enumerate(self.known)}
        object.__setattr__(self, "numbers", numbers)

    @property
    def size(self) -> int:
        """How many symbols."""
        return int(self.classes.max()) + 1 + len(self.known)

    def term(self, text: str) -> tuple[int, ...]:
        """The symbols of a text all of whose characters are known."""
        return tuple(self.numbers[character] for character in text)

    def symbols(self, points: Var) -> Var:
        """Int64 [m]: the symbols of code points [n], which may become none or several each."""
        if self.lowercase and {chr(SMALL_SIGMA), chr(FINAL_SIGMA)} & set(self.known):
            points = final_sigmas(points)
        codes, runs = self.runs()
        found = lookup(codes, points)
        width = max(len(run) for run in runs)
        if all(len(run) == 1 for run in runs):
            return (
                found
                if runs == [(i,) for i in range(len(runs))]
                else op.gather(constant([run[0] for run in runs], np.int64), found, axis=0)
            )
        padded = [[*run, *[UNKNOWN] * (width - len(run))] for run in runs]
        flat = op.reshape(
            op.gather(constant(padded, np.int64), found, axis=0), constant([-1], np.int64)
        )
        return op.compress(flat, op.greater(flat, constant(UNKNOWN, np.int64)))

    def runs(self) -> tuple[Array, list[tuple[int, ...]]]:
        """For each code point the number of its run, and the runs of symbols."""
        single = self.classes.astype(np.int64)
        for character, number in self.numbers.items():
            single[ord(character)] = number
        single[END] = 0
        codes = single.copy()
        runs: dict[tuple[int, ...], int] = {(i,): i for i in range(self.size)}
        changed, dropped = _changes(self.lowercase, self.accents)
        for point, text in changed.items():
            run = tuple(int(single[ord(character)]) for character in text)
            codes[point] = runs.setdefault(run, len(runs))
        if dropped.any():
            codes[dropped] = runs.setdefault((), len(runs))
        codes[END] = 0
        return codes, list(runs)


def changed_points(points: Var, *, lowercase: bool, accents: str | None) -> Var:
    """Int64 [m]: the characters that the code points [n] become, none or several each."""
    if not lowercase and accents is None:
        return points
    if lowercase:
        points = final_sigmas(points)
    codes, runs = _changed_runs(lowercase, accents)
    code = lookup(codes, points)
    sizes = np.array([len(run) for run in runs])
    length = op.gather(constant(sizes, np.int64), code, axis=0)
    ends = op.cumsum(length, constant(0, np.int64))
    owner = repeated(ends)
    before = op.gather(op.sub(ends, length), owner, axis=0)
    zero, one = constant(0, np.int64), constant(1, np.int64)
    count = op.reshape(op.shape(owner), constant([], np.int64))
    within = op.sub(op.range(zero, count, one), before)
    code = op.gather(code, owner, axis=0)
    first = op.gather(constant(np.cumsum(sizes) - sizes, np.int64), code, axis=0)
    flat = constant([ord(character) for run in runs for character in run], np.int32)
    new = op.cast(op.gather(flat, op.add(first, within), axis=0), to=np.int64)
    return op.where(op.equal(code, zero), op.gather(points, owner, axis=0), new)


def repeated(ends: Var) -> Var:
    """Int64 [m]: i as often as `ends`, sums of [n] lengths, grow at i."""
    length = op.reduce_max(op.concat([ends, constant([0], np.int64)], axis=0), keepdims=1)
    zeros = op.constant_of_shape(op.add(length, constant(1, np.int64)), value=np.zeros(1, np.int64))
    ones = op.expand(constant(1, np.int64), op.shape(ends))
    ended = op.scatter_elements(zeros, ends, ones, axis=0, reduction="add")
    numbers = op.cumsum(ended, constant(0, np.int64))
    return op.slice(numbers, constant([0], np.int64), length)


@cache
def _changed_runs(lowercase: bool, accents: str | None) -> tuple[Array, list[str]]:  # noqa: FBT001 - a key of the cache
    """For each code point the number of what it becomes, 0 if it stays, and those texts."""
    changed, dropped = _changes(lowercase, accents)
    codes = np.zeros(CHARACTERS, np.int64)
    runs = {"\0": 0}  # of the length of what stays
    for point, text in changed.items():
        codes[point] = runs.setdefault(text, len(runs))
    if dropped.any():
        codes[dropped] = runs.setdefault("", len(runs))
    codes[END] = 0
    return codes, list(runs)


@cache
def _changes(lowercase: bool, accents: str | None) -> tuple[dict[int, str], Array]:  # noqa: FBT001 - a key of the cache
    """What characters become that do not stay, and which of them become nothing."""
    change = _change(lowercase, accents)
    changed, dropped = {}, np.zeros(CHARACTERS, dtype=bool)
    for point in _characters():
        found = change(chr(point))
        if not found:
            dropped[point] = True
        elif found != chr(point):
            changed[point] = found
    if accents == "ascii":  # also what is not assigned
        dropped[128:] = True
        dropped[list(changed)] = False
    return changed, dropped


def _change(lowercase: bool, accents: str | None) -> Callable[[str], str]:  # noqa: FBT001
    """As `_preprocess`, `strip_accents_unicode` and `strip_accents_ascii` do, on one character."""

    def change(character: str) -> str:
        text = character.lower() if lowercase else character
        if accents is None or text.isascii():
            return text
        parts = unicodedata.normalize("NFKD", text)
        if accents == "ascii":
            return "".join(part for part in parts if part.isascii())
        return "".join(part for part in parts if not unicodedata.combining(part))

    return change


@cache
def _characters() -> list[int]:
    """The assigned code points: what is not assigned has no case and no accents."""
    return [i for i in range(CHARACTERS) if unicodedata.category(chr(i)) not in ("Cn", "Co", "Cs")]


@cache
def members(pattern: str) -> Array:
    """[code points] whether the character matches the regular expression, of one character."""
    found = np.zeros(CHARACTERS, dtype=bool)
    found[[ord(each) for each in re.findall(pattern, _all())]] = True
    return found


@cache
def _all() -> str:
    return "".join(chr(i) for i in range(CHARACTERS) if not 0xD800 <= i <= 0xDFFF)


def lookup(values: Array, points: Var) -> Var:
    """Int64: `values` [code points] at each point, by pages of which equal ones are kept once."""
    numbers, pages = min((_pages(values, 2**bits) for bits in (6, 7, 8)), key=_size)
    width = constant(pages.shape[1], np.int64)
    page = op.gather(constant(numbers, numbers.dtype), op.div(points, width), axis=0)
    place = op.add(op.mul(op.cast(page, to=np.int64), width), op.mod(points, width))
    found = op.gather(constant(pages.ravel(), pages.dtype), place, axis=0)
    return op.cast(found, to=np.int64)


def _pages(values: Array, width: int) -> tuple[Array, Array]:
    """The number of each page of `width` values, and the pages that differ."""
    pages: dict[bytes, int] = {}
    rows = _small(values).reshape(-1, width)
    numbers = np.array([pages.setdefault(row.tobytes(), len(pages)) for row in rows])
    return _small(numbers), np.frombuffer(b"".join(pages), rows.dtype).reshape(-1, width)


def _small(values: Array) -> Array:
    return values.astype(np.min_scalar_type(int(values.max())))


def _size(tables: tuple[Array, Array]) -> int:
    return sum(table.nbytes for table in tables)


def final_sigmas(points: Var) -> Var:
    """Code points with the last sigma of each word as U+03C2, which `str.lower` leaves alone.

    Last is a sigma after a cased letter and not before one; case-ignorable characters between
    them do not count (Unicode, Final_Sigma; CPython's `handle_capital_sigma`).
    """
    kind = lookup(cases(), points)  # 0: neither, 1: cased, 2: case-ignorable
    counts = op.not_(op.equal(kind, constant(2, np.int64)))
    counted = op.cast(counts, to=np.int64)
    before = op.sub(op.cumsum(counted, constant(0, np.int64)), counted)
    edge = constant([0], np.int64)
    row = op.concat([edge, op.compress(kind, counts), edge], axis=0)  # row[i + 1]: the i-th counted
    previous = op.gather(row, before, axis=0)
    following = op.gather(row, op.add(before, op.add(counted, constant(1, np.int64))), axis=0)
    cased = constant(1, np.int64)
    last = op.and_(op.equal(previous, cased), op.not_(op.equal(following, cased)))
    last = op.and_(last, op.equal(points, constant(SIGMA, np.int64)))
    return op.where(last, constant(FINAL_SIGMA, np.int64), points)


@cache
def cases() -> Array:
    """Which characters are cased or case-ignorable, as `str.lower` treats them beside a sigma."""
    kinds = np.zeros(CHARACTERS, np.int64)
    for point in _characters():
        character = chr(point)
        if (character + "\u03a3").lower().endswith("\u03c2"):
            kinds[point] = 1
        elif ("A" + character + "\u03a3").lower().endswith("\u03c2"):
            kinds[point] = 2
    return kinds


def characters_of(texts: Iterable[str]) -> list[str]:
    """The characters of all texts, each once, in order."""
    return sorted(set().union(*texts)) if texts else []
