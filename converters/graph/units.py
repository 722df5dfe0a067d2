"""Every term in rows of text, known or not, as runs of the bytes of one long text.

The terms of a vectorizer are sequences of units: words, or characters. The text is written anew so
that the bytes of each sequence stand side by side, words with one space between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.alphabet import changed_points, characters_of, lookup, members
from converters.graph.characters import END, code_points
from converters.graph.sequences import find, windows
from converters.graph.table import constant, cut
from converters.graph.terms import (
    APART,
    UNKNOWN_IN_WORD,
    WRONG_IN_WORD,
    all_right,
    shifted,
    stretches,
    words_of,
)

SPACE = ord(" ")
NO_CHARACTER = -1


@dataclass(frozen=True, kw_only=True)
class Spans:
    """Runs of `data`, the bytes: [n] first, the one after the last, and the row of text."""

    data: Var
    first: Var
    last: Var
    rows: Var


@dataclass(frozen=True, kw_only=True)
class Units(Spans):
    """Words or characters in order; a term is a sequence of those of one segment [n]."""

    segments: Var


def terms_of(model: Any, text: Var) -> Spans:
    """Every term that the analyzer of `model` finds in `text` [rows]."""
    least, most = model.ngram_range
    if least < 1:
        raise NotImplementedError(f"ngram_range={model.ngram_range}, with terms of nothing")
    units = UNITS[model.analyzer](model, text)
    parts = [_sequences(units, length) for length in range(least, most + 1)]
    if model.analyzer == "char_wb" and least > SHORTEST:
        parts.append(_short(units, least))
    return _joined(parts)


def _words(model: Any, text: Var) -> Units:
    """Words that are no stop words."""
    words = words_of(model.token_pattern)
    points = _points(model, text)
    within = members(r"\w") if words.bounded else words.inside
    kinds = np.where(words.inside, UNKNOWN_IN_WORD, np.where(within, WRONG_IN_WORD, APART))
    kinds[END] = 0
    kind = lookup(kinds, points)
    starts, lengths, rows = stretches(kind, op.greater(kind, constant(APART, np.int64)))
    right = op.greater_or_equal(lengths, constant(words.least, np.int64))
    if WRONG_IN_WORD in kinds:
        right = op.and_(right, all_right(kind, starts, lengths))
    stop = sorted(word for word in model.get_stop_words() or () if word)
    if stop:
        right = op.and_(right, op.not_(_among(stop, points, starts, lengths)))
    starts, lengths, rows = (op.compress(each, right) for each in (starts, lengths, rows))
    ends = op.add(starts, lengths)  # there a character outside of words stands: the space's place
    none = op.mul(points, constant(0, np.int64))
    ones = op.expand(constant(1, np.int64), op.shape(starts))
    spaces = op.scatter_elements(none, ends, ones, axis=0)
    edges = op.sub(op.scatter_elements(none, starts, ones, axis=0), spaces)
    inside = op.cast(op.cumsum(edges, constant(0, np.int64)), to=np.bool_)
    space = op.cast(spaces, to=np.bool_)
    points = op.where(inside, points, constant(NO_CHARACTER, np.int64))
    data, places = _encoded(op.where(space, constant(SPACE, np.int64), points))
    first, last = op.gather(places, starts, axis=0), op.gather(places, ends, axis=0)
    return Units(data=data, first=first, last=last, rows=rows, segments=rows)


def _among(stop: list[str], points: Var, starts: Var, lengths: Var) -> Var:
    """Whether each run of characters is one of the words `stop`."""
    known = characters_of(stop)
    numbers = np.ones(0x110000, np.int64)  # 1: a character of none of them
    numbers[[ord(character) for character in known]] = np.arange(len(known)) + 2
    width = max(len(word) for word in stop) + 1  # one more: a longer word differs
    reach = op.less(
        constant([np.arange(width)], np.int64), op.unsqueeze(lengths, constant([1], np.int64))
    )
    symbols = windows(lookup(numbers, points), starts, width)
    symbols = op.where(reach, symbols, constant(0, np.int64))
    sought = [tuple(int(numbers[ord(character)]) for character in word) for word in stop]
    place = find(symbols, width, len(known) + 2, sought, -1)
    return op.greater_or_equal(place, constant(0, np.int64))


def _characters(model: Any, text: Var) -> Units:
    """Characters, of which two or more of white space are one space."""
    points = _points(model, text)
    space = op.cast(lookup(_spaces(), points), to=np.bool_)
    first = op.not_(op.and_(space, shifted(space, 1)))
    more = op.and_(space, shifted(space, -1))
    points = op.compress(op.where(more, constant(SPACE, np.int64), points), first)
    end = op.equal(points, constant(END, np.int64))
    inside = op.not_(end)
    rows = _rows(end)
    points = op.compress(points, inside)
    rows = op.compress(rows, inside)
    return _one_by_one(points, rows, rows)


def _characters_in_words(model: Any, text: Var) -> Units:
    """Characters of what white space separates, each with a space before and after."""
    points = _points(model, text)
    end = op.equal(points, constant(END, np.int64))
    space = op.cast(lookup(_spaces(), points), to=np.bool_)
    inside = op.not_(op.or_(space, end))
    first = op.and_(inside, op.not_(shifted(inside, 1)))
    last = op.and_(inside, op.not_(shifted(inside, -1)))
    blank, none = constant(SPACE, np.int64), constant(NO_CHARACTER, np.int64)
    parts = [op.where(first, blank, none), op.where(inside, points, none)]
    wide = _columns([*parts, op.where(last, blank, none)])
    kept = op.greater(wide, none)
    words = op.cumsum(op.cast(first, to=np.int64), constant(0, np.int64))
    each = (op.compress(value, kept) for value in (wide, *map(_tripled, (_rows(end), words))))
    return _one_by_one(*each)


def _tripled(values: Var) -> Var:
    return _columns([values] * 3)


def _columns(parts: list[Var]) -> Var:
    """The first of each, then the second of each, and so on."""
    columns = [op.unsqueeze(part, constant([1], np.int64)) for part in parts]
    return op.reshape(op.concat(columns, axis=1), constant([-1], np.int64))


UNITS = {"word": _words, "char": _characters, "char_wb": _characters_in_words}
SHORTEST = 3
"""Characters of the shortest word with its spaces."""


def _points(model: Any, text: Var) -> Var:
    return changed_points(code_points(text), lowercase=model.lowercase, accents=model.strip_accents)


def _spaces() -> Array:
    return members(r"\s").astype(np.int64)


def _rows(end: Var) -> Var:
    """The row of each character: how many have ended before."""
    return op.cumsum(op.cast(end, to=np.int64), constant(0, np.int64), exclusive=1)


def _one_by_one(points: Var, rows: Var, segments: Var) -> Units:
    data, places = _encoded(points)
    first, last = cut(places, 0, -1), cut(places, 1)
    return Units(data=data, first=first, last=last, rows=rows, segments=segments)


LIMITS = (0, 0x80, 0x800, 0x10000)
"""From each on, UTF-8 takes a byte more."""


def _encoded(points: Var) -> tuple[Var, Var]:
    """The bytes in UTF-8 of code points [n], and [n + 1] the places where each starts."""
    axis = constant([1], np.int64)
    wide = op.unsqueeze(points, axis)
    above = op.greater_or_equal(wide, constant([LIMITS], np.int64))
    size = op.reduce_sum(op.cast(above, to=np.int64), axis, keepdims=0)
    modulus, marks = (op.gather(constant(each, np.int64), size, axis=0) for each in _layouts())
    parts = op.div(wide, constant([[64**3, 64**2, 64, 1]], np.int64))
    found = op.reshape(op.add(op.mod(parts, modulus), marks), constant([-1], np.int64))
    data = op.compress(found, op.greater_or_equal(found, constant(0, np.int64)))
    ends = op.cumsum(size, constant(0, np.int64))
    return data, op.concat([constant([0], np.int64), ends], axis=0)


def _layouts() -> tuple[Array, Array]:
    """For 0 to 4 bytes, [5, 4]: what each is the rest of a division by, and its mark."""
    modulus, marks = np.full((5, 4), 64), np.full((5, 4), -256)  # no byte: less than 0
    for size, mark in enumerate((0, 0xC0, 0xE0, 0xF0), start=1):
        modulus[size, 4 - size] = 256
        marks[size, 4 - size] = mark
        marks[size, 5 - size :] = 0x80
    return modulus, marks


def _sequences(units: Units, length: int) -> Spans:
    """Every sequence of `length` units of one segment."""
    if length == 1:
        return units
    more = constant(np.full(length - 1, -1), np.int64)
    ahead = [
        cut(op.concat([values, more], axis=0), length - 1)
        for values in (units.segments, units.last)
    ]
    fits = op.equal(units.segments, ahead[0])
    first, last, rows = (op.compress(each, fits) for each in (units.first, ahead[1], units.rows))
    return Spans(data=units.data, first=first, last=last, rows=rows)


def _short(units: Units, least: int) -> Spans:
    """Whole segments of fewer than `least` units."""
    edge = constant([-1], np.int64)
    starts = op.not_(
        op.equal(units.segments, op.concat([edge, cut(units.segments, 0, -1)], axis=0))
    )
    stops = op.not_(op.equal(units.segments, op.concat([cut(units.segments, 1), edge], axis=0)))
    count = op.reshape(op.shape(units.rows), constant([], np.int64))
    places = op.range(constant(0, np.int64), count, constant(1, np.int64))
    size = op.sub(op.compress(places, stops), op.compress(places, starts))
    short = op.less(size, constant(least - 1, np.int64))
    first, last, rows = (
        op.compress(op.compress(each, flags), short)
        for each, flags in ((units.first, starts), (units.last, stops), (units.rows, starts))
    )
    return Spans(data=units.data, first=first, last=last, rows=rows)


def _joined(parts: list[Spans]) -> Spans:
    if len(parts) == 1:
        return parts[0]
    first, last, rows = (
        op.concat([getattr(part, name) for part in parts], axis=0)
        for name in ("first", "last", "rows")
    )
    return Spans(data=parts[0].data, first=first, last=last, rows=rows)
