"""The fast road: decoders that msgspec compiles from a signature, straight into its blocks.

They take what is plainly right; everything else, right or wrong, goes the slow road
(`runtime.rows`), which names it.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from itertools import chain
from operator import attrgetter
from struct import pack
from typing import Annotated, Any

import msgspec
import numpy as np

from bundle.arrays import MISSING_TEXT, Array, Arrays
from bundle.signature import Block, Column, Signature

SHORT = 2**12  # bytes, in which Python finds quotes before NumPy has begun
EXACT = 2**53  # from here on an integer may have lost digits on its way to float64
Number = Annotated[int, msgspec.Meta(ge=-EXACT, le=EXACT)] | float
"""What JSON says exactly: an integer beyond it goes the slow road, which knows whether it is."""


class Records:
    """Records of one signature: an object is one row, an array is many."""

    def __init__(self, signature: Signature) -> None:
        columns = signature.columns
        self._width = len(columns)
        record = named_members(columns, [cell_type(column) for column in columns])
        self._one = record and msgspec.json.Decoder(record)
        self._many = record and msgspec.json.Decoder(list[record])  # type: ignore[valid-type]
        names = [column.name for column in columns]
        self._blocks = [
            (block, attrgetter(*[f"f{names.index(name)}" for name in block.columns]))
            for block in signature.inputs
        ]

    def decode(self, body: bytes, *, single: bool) -> Arrays | None:
        """The rows; None where the slow road must look. `single`: the body is an object."""
        decoder = self._one if single else self._many
        if decoder is None:
            return None
        try:
            decoded = decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        rows = [decoded] if single else decoded
        blocks: dict[str, Array] = {}
        strings = len(rows) * self._width
        for block, values_of in self._blocks:
            array, texts = as_block(block, list(map(values_of, rows)))
            if array is None:
                return None
            blocks[block.name] = array
            strings += texts
        # Every string has two quotes. One more means a repeated key, whose first value msgspec
        # drops without a word, or an escaped quote: the slow road tells which.
        return blocks if quotes(body) == 2 * strings else None


def quotes(body: bytes) -> int:
    """How many quotes stand in it."""
    if len(body) < SHORT:
        return body.count(b'"')
    return int(np.count_nonzero(np.frombuffer(body, np.uint8) == ord('"')))


def as_block(block: Block, rows: Sequence[Any]) -> tuple[Array | None, int]:
    """Rows of its cells as the block, and how many strings; None where the slow road must look.

    A row of one cell is that cell.
    """
    shape = (len(rows), len(block.columns))
    flat = rows if shape[1] == 1 else list(chain.from_iterable(rows))
    if block.datatype != "BYTES":
        return numbers(flat, shape), 0
    texts = as_texts(flat)
    return None if texts is None else texts.reshape(shape), len(flat) - flat.count(None)


def numbers(values: Sequence[float | None], shape: tuple[int, int]) -> Array:
    """The values of all rows as a block; None becomes NaN."""
    try:
        packed = pack(f"{len(values)}d", *values)  # takes a third of the time of np.array
    except struct.error:
        return np.array(values, dtype=np.float64).reshape(shape)
    return np.frombuffer(packed).reshape(shape)


def as_texts(values: Sequence[str | None]) -> Array | None:
    """Objects [n], None as missing; None where a text is what stands for missing."""
    if MISSING_TEXT in values:
        return None
    texts = np.empty(len(values), dtype=object)
    texts[:] = [MISSING_TEXT if value is None else value for value in values]
    return texts


def named_members(columns: Sequence[Column], types: Sequence[Any]) -> Any:
    """A struct of one member for each column, f0, f1, ...; None where a name has an escape."""
    fields = [(f"f{i}", each) for i, each in enumerate(types)]
    names = {f"f{i}": column.name for i, column in enumerate(columns)}
    try:
        return msgspec.defstruct(
            "Members", fields, rename=names, forbid_unknown_fields=True, gc=False
        )
    except ValueError:  # a column's name holds a quote or a backslash
        return None


def cell_type(column: Column) -> Any:
    """What msgspec reads a cell as."""
    if column.kind == "text":
        return str | None
    if column.dtype == "bool":
        return bool | Number | None
    return Number | None
