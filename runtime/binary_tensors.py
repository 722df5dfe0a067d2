"""Tensors as bytes: little-endian, row-major; a text is its length (uint32) and its UTF-8.

Source: github.com/triton-inference-server/server, docs/protocol/extension_binary_data.md. It has
no spelling for a missing text: here it is the text U+FFFF, which is no character (`MISSING_TEXT`
of bundle/arrays.py).
A missing number is NaN.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from bundle.arrays import Array
from bundle.errors import InputError
from bundle.rows import number_column
from bundle.signature import Column, Output
from runtime.errors import MalformedError
from runtime.records import EXACT

DTYPES = {
    "BOOL": "u1",
    "INT8": "i1",
    "INT16": "<i2",
    "INT32": "<i4",
    "INT64": "<i8",
    "UINT8": "u1",
    "UINT16": "<u2",
    "UINT32": "<u4",
    "UINT64": "<u8",
    "FP16": "<f2",
    "BF16": "<u2",  # NumPy has none: the upper half of a float32
    "FP32": "<f4",
    "FP64": "<f8",
}
"""How NumPy reads each datatype of numbers."""

_LENGTH = struct.Struct("<I")


def to_numbers(blob: memoryview, datatype: str, columns: Sequence[Column]) -> Array:
    """Float64 [rows, columns], a copy, with exactly the values sent. Raises InputError."""
    read = np.frombuffer(blob, DTYPES[datatype]).reshape(-1, len(columns))
    if datatype == "FP64":
        return read.astype(np.float64)
    if datatype == "BF16":
        read = (read.astype(np.uint32) << 16).view(np.float32)
    if datatype == "BOOL":
        _check_bools(read, columns)
    with np.errstate(invalid="ignore"):  # a signalling NaN is a missing value like any other
        numbers = read.astype(np.float64)
    if datatype in ("INT64", "UINT64") and (np.abs(numbers) >= EXACT).any():
        for position, column in enumerate(columns):
            number_column(read[:, position], column)
    return numbers


def to_texts(blob: memoryview, due: int, columns: Sequence[Column]) -> Array:
    """Text [rows, columns] from `due` elements. Raises InputError."""
    content, at, found = bytes(blob), 0, []
    try:
        for _ in range(due):
            start = at + 4
            at = start + _LENGTH.unpack_from(content, at)[0]
            found.append(content[start:at].decode())
    except struct.error:
        at = -1
    except UnicodeDecodeError as error:
        row, position = divmod(len(found), len(columns))
        raise InputError(
            "the text is not UTF-8",
            row=row,
            column=columns[position].name,
            mend="Send well-formed UTF-8",
        ) from error
    if at != len(content):
        raise MalformedError(
            "the lengths of the texts do not add up",
            mend="Send each text as its length in bytes (uint32, little-endian) and its UTF-8",
        )
    texts = np.empty(due, dtype=object)
    texts[:] = found
    return texts.reshape(-1, len(columns))


def one_text(body: bytes, columns: Sequence[Column]) -> Array:
    """A raw body, which is one text without its length, as [1, 1]."""
    return to_texts(memoryview(_LENGTH.pack(len(body)) + body), 1, columns)


def to_bytes(output: Output, values: Array) -> bytes:
    """The bytes of a response's tensor."""
    if output.datatype == "BYTES":
        texts = [text.encode() for text in values.ravel().tolist()]
        return b"".join(part for text in texts for part in (_LENGTH.pack(len(text)), text))
    return values.astype(DTYPES[output.datatype], copy=False).tobytes()


def _check_bools(read: Array, columns: Sequence[Column]) -> None:
    for row, position in np.argwhere(read > 1):
        raise InputError(
            "true or false is due here",
            row=int(row),
            column=columns[position].name,
            mend="Send one byte, 0 or 1",
        )
