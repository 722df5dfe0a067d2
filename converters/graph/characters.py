"""Text as numbers: each string's Unicode code points, by operators of the standard domain alone.

ONNX has no operator that splits text into characters; StringSplit cuts at one literal. So text is
cut at every byte that UTF-8 uses, one after another, and each cut leaves the byte's number behind,
written in digits. Bytes that no text holds cost one operator and a test each.

StringSplit pads what it makes of each string to the most that it makes of any. Of few and short
strings that is little; what is more is joined after each cut into one string, of which nothing is
padded, so that memory grows with the text and not with rows times the longest.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from functools import cache

import numpy as np
import onnx
import spox
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import MISSING_TEXT, Array
from converters.graph.table import constant, cut

END = ord(MISSING_TEXT)
"""Follows the last character of each row; no text that a client can send holds it."""

SEPARATOR = b"\xff"
"""Follows each number; no UTF-8 holds it."""
FEW, SHORT = 16, 256
"""Rows, and characters of each, up to which pieces are not joined: joining takes longer there."""

DIGITS = b"0123456789"
GROUPS: tuple[tuple[str, bytes], ...] = (
    (r"\x00-\x1f\x7f", bytes([*range(32), 127])),
    (r"!-/:-@\[-`{-~", bytes([*range(33, 48), *range(58, 65), *range(91, 97), *range(123, 127)])),
    ("A-Z", b"QZXJVKWYGBPMFUCDLHRSNIOATE"),
    (r"\x{800}-\x{10ffff}", bytes([*range(0xE0, 0xEF), *range(0xF0, 0xF5)])),
    (r"\x{80}-\x{7ff}", bytes(range(0xC2, 0xE0))),
    (r"\x{80}-\x{10ffff}", bytes(range(0x80, 0xBF))),
    ("", MISSING_TEXT.encode()[:2] + b"zqjxkvbpygwfmucdlhrsnioate "),
)
"""Characters, as a class of RE2's, and bytes that occur only where one of them does.

The frequent ones come last: each cut goes through all the pieces that those before it made.
"""


def code_points(text: Var) -> Var:
    """Int64 [n]: the characters of `text` [rows], row after row, END after each row."""
    (found,) = spox.inline(_splitter())(text).values()
    return found


@cache
def _splitter() -> onnx.ModelProto:
    """The graph of `code_points`, built once: it has thousands of operators, the same each time."""
    with warnings.catch_warnings():
        # What Loop hands on gets shorter from turn to turn, so that its shape is not inferred.
        warnings.filterwarnings("ignore", "Output type for variable")
        return _built()


def _built() -> onnx.ModelProto:
    text = spox.argument(spox.Tensor(np.str_, ("rows",)))
    cut = _Cut(text)
    pieces = cut.joined(op.string_concat(text, constant(MISSING_TEXT, np.str_)))
    pieces = cut.where(text, "0-9", DIGITS, pieces)  # first: later numbers are made of digits
    for characters, some in GROUPS:
        pieces = cut.where(text, characters, some, pieces)
    parts, _ = op.string_split(pieces, delimiter=SEPARATOR)
    numbers = op.cast(cut.present(parts), to=np.int64)
    points = _decoded(op.gather(constant(_byte_of_number(), np.int64), numbers, axis=0))
    return spox.build({"text": text}, {"points": points})


class _Cut:
    """Cuts pieces of text; its constants stand once in the graph, not once for each byte."""

    def __init__(self, text: Var) -> None:
        self.one, self.whole, self.first, self.second, self.pair, self.end = (
            constant(value, np.int64) for value in (1, [-1], [0], [1], [2], [2**62])
        )
        self.nothing = constant([""], np.str_)
        short = op.regex_full_match(text, pattern=f"(?s).{{0,{SHORT}}}")
        many = op.greater(op.shape(text), constant([FEW], np.int64))
        joins = op.or_(many, self.any(op.not_(short)))
        self.powers = constant(2 ** np.arange(48), np.int64)
        # As many of them are below a number of pieces as joining by twos takes turns; or none.
        self.turns = op.where(joins, self.powers, self.end)

    def where(self, text: Var, characters: str, some: bytes, pieces: Var) -> Var:
        """Cut at each byte of `some`, if any row of `text` holds any of `characters`."""
        if not characters:
            return self.all(pieces, some)
        (cut,) = op.if_(
            self.any(op.regex_full_match(text, pattern=f"(?s).*[{characters}].*")),
            then_branch=lambda: [self.all(pieces, some)],
            else_branch=lambda: [op.identity(pieces)],
        )
        return cut

    def any(self, flags: Var) -> Var:
        """Bool [1]."""
        return op.equal(op.reduce_max(op.cast(flags, to=np.int64), keepdims=1), self.second)

    def all(self, pieces: Var, some: bytes) -> Var:
        """Cut at each byte of `some`."""
        for byte in some:
            pieces = self.at(pieces, byte)
        return pieces

    def at(self, pieces: Var, byte: int) -> Var:
        """Cut at the byte, and leave its number, as text, in its places."""
        # An attribute of ONNX is bytes; spox says str, but hands bytes through.
        parts, counts = op.string_split(pieces, delimiter=bytes([byte]))
        most = op.reduce_max(counts, keepdims=0)
        mark = _number(byte).encode() + SEPARATOR
        (cut,) = op.if_(
            op.greater(most, self.one),
            then_branch=lambda: [self.joined(self.marked(parts, counts, most, mark))],
            else_branch=lambda: [op.identity(pieces)],
        )
        return cut

    def marked(self, parts: Var, counts: Var, most: Var, mark: bytes) -> Var:
        """`parts` [n, most] one after the other, with the mark after all but the last of each n."""
        place = op.range(self.one, op.add(most, self.one), self.one)
        inner = op.less(place, op.unsqueeze(counts, self.second))
        marks = op.where(inner, constant([mark], np.object_), self.nothing)
        return self.present(op.string_concat(parts, marks))

    def present(self, pieces: Var) -> Var:
        """[n]: those that are not empty."""
        flat = op.reshape(pieces, self.whole)
        return op.compress(flat, op.not_(op.equal(flat, self.nothing)))

    def joined(self, pieces: Var) -> Var:
        """One string, where pieces are to be joined: each with the next, and so on."""
        count = op.shape(pieces)
        turns = op.reduce_sum(op.cast(op.less(self.turns, count), to=np.int64), keepdims=1)
        missing = op.max([op.sub(op.gather(self.powers, turns), count), self.first])
        padded = op.concat([pieces, op.expand(self.nothing, missing)], axis=0)

        def pairs(_: Var, more: Var, pieces: Var) -> list[Var]:
            firsts = op.slice(pieces, self.first, self.end, self.first, self.pair)
            seconds = op.slice(pieces, self.second, self.end, self.first, self.pair)
            return [more, op.string_concat(firsts, seconds)]

        (found,) = op.loop(turns, v_initial=[padded], body=pairs)
        return found


def _number(byte: int) -> str:
    """The byte's number in digits: no digit stands for itself, and none for the first ten bytes."""
    if byte in DIGITS:
        return chr(byte)
    return str(byte if byte >= 10 else 1000 + byte)


def _byte_of_number() -> Array:
    table = np.zeros(1010, np.int64)
    for byte in range(256):
        table[int(_number(byte))] = byte
    return table


def _decoded(values: Var) -> Var:
    """Code points of UTF-8: what a lead byte and up to three that follow it weigh."""
    padded = op.concat([values, constant([0, 0, 0], np.int64)], axis=0)
    shifted = [values, *(cut(padded, i, i - 3 or None) for i in (1, 2, 3))]
    axis = constant([1], np.int64)
    run = op.concat([op.unsqueeze(each, axis) for each in shifted], axis=1)
    weights = op.gather(constant(_weights(), np.int64), values, axis=0)
    found = op.reduce_sum(op.mul(run, weights), axis, keepdims=0)
    found = op.add(found, op.gather(constant(_offsets(), np.int64), values, axis=0))
    lead = op.or_(
        op.less(values, constant(0x80, np.int64)), op.greater(values, constant(0xBF, np.int64))
    )
    return op.compress(found, lead)


LEADS: Sequence[tuple[int, int, int]] = (
    (0, 0x80, 0),
    (0xC0, 0xE0, 1),
    (0xE0, 0xF0, 2),
    (0xF0, 256, 3),
)
"""First lead byte, the first after them, and how many bytes follow."""


def _weights() -> Array:
    table = np.zeros((256, 4), np.int64)
    for first, last, following in LEADS:
        table[first:last, : following + 1] = 64 ** np.arange(following, -1, -1)
    return table


def _offsets() -> Array:
    """What to add so that the lead byte's mark and the followers' 0x80 do not count."""
    table = np.zeros(256, np.int64)
    for first, last, following in LEADS:
        table[first:last] = -first * 64**following - 0x80 * sum(64**i for i in range(following))
    return table
