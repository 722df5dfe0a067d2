"""A request body, or a query, into the blocks of a signature.

The fast road is a decoder that msgspec compiles from the signature. It takes what is plainly
right; everything else, right or wrong, goes the slow road (`runtime.rows`), which names it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import attrgetter, itemgetter
from typing import Any

import msgspec
import numpy as np

from bundle.arrays import MISSING_TEXT, Array, Arrays
from bundle.signature import Block, Column, Signature
from runtime import strict
from runtime.errors import MalformedError
from runtime.rows import from_json

EXACT = 2**53  # from here on an integer may have lost digits on its way to float64


class Records:
    """Bodies for one signature: an object is one row, an array is many."""

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self._one, self._many = _decoders(signature)
        types = tuple(_type(column) for column in signature.columns)
        self._lists = msgspec.json.Decoder(list[tuple[types]])  # type: ignore[valid-type]
        names = [column.name for column in signature.columns]
        places = [[names.index(name) for name in block.columns] for block in signature.inputs]
        self._members = [attrgetter(*[f"f{i}" for i in each]) for each in places]
        self._elements = [itemgetter(*each) for each in places]

    def decode(self, body: bytes) -> tuple[Arrays, bool]:
        """The rows, and whether the body was a single one. Raises InputError."""
        single = body.lstrip(b" \t\r\n")[:1] == b"{"
        arrays = self._fast(body, single=single)
        if arrays is None:
            arrays = from_json(self.signature, _container(strict.loads(body)))
        return arrays, single

    def plain_rows(self, body: bytes) -> Arrays | None:
        """An array of records, or of lists in order; None where the slow road must look."""
        if body[1:].lstrip(b" \t\r\n")[:1] == b"{":
            return self._fast(body, single=False)
        try:
            rows = self._lists.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        return self._blocks(rows, self._elements)[0]

    def _fast(self, body: bytes, *, single: bool) -> Arrays | None:
        decoder = self._one if single else self._many
        if decoder is None:
            return None
        try:
            decoded = decoder.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return None
        rows = [decoded] if single else decoded
        blocks, texts = self._blocks(rows, self._members)
        strings = len(rows) * len(self.signature.columns) + texts
        # Every string has two quotes. One more means a repeated key, whose first value msgspec
        # drops without a word, or an escaped quote: the slow road tells which.
        return blocks if body.count(b'"') == 2 * strings else None

    def _blocks(
        self, rows: list[Any], getters: Sequence[Callable[[Any], Any]]
    ) -> tuple[Arrays | None, int]:
        """The blocks and how many strings they hold; None where the slow road must look."""
        blocks: dict[str, Array] = {}
        strings = 0
        for block, values_of in zip(self.signature.inputs, getters, strict=True):
            array, texts = _block(block, [values_of(row) for row in rows])
            if array is None:
                return None, 0
            blocks[block.name] = array
            strings += texts
        return blocks, strings


def _container(value: Any) -> list[Any]:
    if isinstance(value, strict.Record):
        return [value]
    if isinstance(value, list):
        return value
    raise MalformedError(
        "the body is neither an object nor an array", mend="Send one record, or an array of them"
    )


def _block(block: Block, rows: list[Any]) -> tuple[Array | None, int]:
    """The block and how many strings it holds; None where the slow road must look."""
    shape = (len(rows), len(block.columns))
    if block.datatype != "BYTES":
        numbers = np.array(rows, dtype=np.float64).reshape(shape)  # None becomes NaN
        return (None if (np.abs(numbers) >= EXACT).any() else numbers), 0
    flat = rows if shape[1] == 1 else [value for row in rows for value in row]
    if MISSING_TEXT in flat:
        return None, 0
    text = np.empty(len(flat), dtype=object)
    text[:] = [MISSING_TEXT if value is None else value for value in flat]
    return text.reshape(shape), len(flat) - flat.count(None)


def _decoders(
    signature: Signature,
) -> tuple[msgspec.json.Decoder[Any] | None, msgspec.json.Decoder[Any] | None]:
    fields = [(f"f{i}", _type(column)) for i, column in enumerate(signature.columns)]
    names = {f"f{i}": column.name for i, column in enumerate(signature.columns)}
    try:
        record = msgspec.defstruct(
            "Record", fields, rename=names, forbid_unknown_fields=True, gc=False
        )
    except ValueError:  # a column's name holds a quote or a backslash
        return None, None
    return msgspec.json.Decoder(record), msgspec.json.Decoder(list[record])  # type: ignore[valid-type]


def _type(column: Column) -> Any:
    if column.kind == "text":
        return str | None
    if column.dtype == "bool":
        return bool | float | None
    return float | None
