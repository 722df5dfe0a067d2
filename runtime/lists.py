"""The fast road of lists: rows without names, and one list for each column (`runtime.records`)."""

from __future__ import annotations

from collections.abc import Callable
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any

import msgspec
import numpy as np

from bundle.arrays import Array, Arrays
from bundle.signature import Block, Signature
from runtime.records import as_block, as_texts, cell_type, named_members, numbers

Read = tuple[Arrays, int]
"""Blocks, and how many strings stand in the JSON: the caller compares it with the quotes."""


class RowLists:
    """Rows as lists, in the order of the signature."""

    def __init__(self, signature: Signature) -> None:
        cells = tuple(cell_type(column) for column in signature.columns)
        self._decoder = msgspec.json.Decoder(list[tuple[cells]])  # type: ignore[valid-type]
        names = [column.name for column in signature.columns]
        self._blocks = [(block, _cells(block, names)) for block in signature.inputs]

    def decode(self, body: bytes) -> Read | None:
        """The rows; None where the slow road must look."""
        try:
            rows = self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        blocks: dict[str, Array] = {}
        strings = 0
        for block, cells_of in self._blocks:
            array, texts = as_block(block, rows if cells_of is None else list(map(cells_of, rows)))
            if array is None:
                return None
            blocks[block.name] = array
            strings += texts
        return blocks, strings


class ColumnLists:
    """An object of one list for each column."""

    def __init__(self, signature: Signature) -> None:
        columns = signature.columns
        lists = named_members(columns, [list[cell_type(column)] for column in columns])  # type: ignore[misc]
        self._decoder = lists and msgspec.json.Decoder(lists)
        names = [column.name for column in columns]
        self._blocks = [
            (block, [attrgetter(f"f{names.index(name)}") for name in block.columns])
            for block in signature.inputs
        ]
        self._names = len(names)

    def decode(self, body: bytes) -> Read | None:
        """The rows; None where the slow road must look."""
        if self._decoder is None:
            return None
        try:
            decoded = self._decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        lists = {block: [each(decoded) for each in getters] for block, getters in self._blocks}
        if len({len(values) for columns in lists.values() for values in columns}) > 1:
            return None
        blocks: dict[str, Array] = {}
        strings = self._names
        for block, columns in lists.items():
            array, texts = _block_of_columns(block, columns)
            if array is None:
                return None
            blocks[block.name] = array
            strings += texts
        return blocks, strings


def _block_of_columns(block: Block, columns: list[list[Any]]) -> tuple[Array | None, int]:
    if block.datatype != "BYTES":
        shape = (len(columns), len(columns[0]))
        return np.ascontiguousarray(numbers(tuple(chain.from_iterable(columns)), shape).T), 0
    texts = [as_texts(values) for values in columns]
    missing = sum(values.count(None) for values in columns)
    found = [each for each in texts if each is not None]
    if len(found) < len(texts):
        return None, 0
    return np.column_stack(found), sum(map(len, found)) - missing


def _cells(block: Block, names: list[str]) -> Callable[[Any], Any] | None:
    """What takes a block's cells out of a row; None where they are the row."""
    if len(names) > 1 and list(block.columns) == names:
        return None
    return itemgetter(*map(names.index, block.columns))
