"""Open Inference Protocol V2 tensors into the blocks of a signature, and back.

A number block takes any numeric datatype, because what it needs is a float64 that is exactly
the value sent: BOOL, the integers up to 2**53, FP32 (read as float32 first) and FP64.
"""

from __future__ import annotations

import math
from typing import Any

import msgspec
import numpy as np

from bundle.arrays import DTYPES, MISSING_TEXT, Array
from bundle.errors import InputError
from bundle.rows import number_column, text_column
from bundle.signature import Block, Column, Output, Signature
from runtime import strict
from runtime.errors import MalformedError
from runtime.records import EXACT
from runtime.rows import check_value, column_of

NUMBERS = ("FP64", "FP32", "INT64", "INT32", "BOOL")
MAX_ELEMENTS = 2**31

Parameters = dict[str, bool | int | float | str]

_FLOATS = msgspec.json.Decoder(list[float | None])
_TEXTS = msgspec.json.Decoder(list[str | None])


class InputTensor(msgspec.Struct, forbid_unknown_fields=True):
    """A tensor of a request; `data` stays as it came until its datatype is known."""

    name: str
    shape: list[int]
    datatype: str
    data: msgspec.Raw
    parameters: Parameters | None = None


def to_block(tensor: InputTensor, block: Block, signature: Signature) -> Array:
    """The tensor as this block, [rows, columns]. Raises InputError."""
    _check_datatype(tensor, block)
    rows = _rows(tensor, block)
    data = bytes(tensor.data)
    fast = _fast(data, tensor.datatype, rows * len(block.columns))
    if fast is not None:
        return fast.reshape(rows, len(block.columns))
    values = _flat(strict.loads(data))
    _check_length(len(values), rows * len(block.columns))
    table = column_of(values).reshape(rows, len(block.columns))
    columns = [signature.by_name[name] for name in block.columns]
    parts = [_column(table[:, i], tensor.datatype, column) for i, column in enumerate(columns)]
    return np.column_stack(parts)


def to_json(output: Output, values: Array) -> dict[str, Any]:
    """A tensor of a response."""
    return {
        "name": output.name,
        "shape": list(values.shape),
        "datatype": output.datatype,
        "data": values.ravel().tolist(),
    }


def _check_datatype(tensor: InputTensor, block: Block) -> None:
    accepted = ("BYTES",) if block.datatype == "BYTES" else NUMBERS
    if tensor.datatype not in accepted:
        raise InputError(
            f"the input {block.name!r} has another datatype",
            mend=f"Send {' or '.join(accepted)}",
        )


def _rows(tensor: InputTensor, block: Block) -> int:
    """The rows that the shape says; Python integers, so a product cannot overflow."""
    width = len(block.columns)
    shape = tensor.shape
    if len(shape) != 2 or shape[1] != width or shape[0] < 0 or math.prod(shape) > MAX_ELEMENTS:
        raise InputError(
            f"the input {block.name!r} has another shape", mend=f"Send shape [rows, {width}]"
        )
    return shape[0]


def _fast(data: bytes, datatype: str, due: int) -> Array | None:
    """Flat data that is plainly right; None where the slow road must look."""
    try:
        if datatype == "BYTES":
            texts = _TEXTS.decode(data)
            if len(texts) != due or MISSING_TEXT in texts:
                return None
            return column_of([MISSING_TEXT if each is None else each for each in texts])
        if datatype != "FP64":
            return None
        numbers = np.array(_FLOATS.decode(data), dtype=np.float64)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return None if len(numbers) != due or (np.abs(numbers) >= EXACT).any() else numbers


def _flat(data: Any) -> list[Any]:
    """Nested lists, row-major, as one; the parser has bounded the depth."""
    if not isinstance(data, list):
        raise MalformedError("a tensor's data is not an array", mend="Send it flat or nested")
    if not any(isinstance(each, list) for each in data):
        return data
    if not all(isinstance(each, list) for each in data):
        raise MalformedError("a tensor's data is nested unevenly", mend="Send it flat or nested")
    return [value for each in data for value in _flat(each)]


def _check_length(found: int, due: int) -> None:
    if found != due:
        raise InputError(
            f"the data has {found} elements and the shape says {due}",
            mend="Send as many elements as the shape says",
        )


def _column(values: Array, datatype: str, column: Column) -> Array:
    for row, value in enumerate(values):
        if datatype == "BOOL":
            _check_kind(isinstance(value, bool | None), "true or false", row, column)
        else:
            check_value(value, row, column)
        if datatype in ("INT64", "INT32"):
            whole = value is None or isinstance(value, int)
            _check_kind(whole, "an integer", row, column)
    if datatype == "BYTES":
        return text_column(values, column)
    numbers = number_column(values, column)
    return _as_float32(numbers, column) if datatype == "FP32" else numbers


def _check_kind(fits: bool, due: str, row: int, column: Column) -> None:  # noqa: FBT001
    if not fits:
        raise InputError(
            f"{due} is due here",
            row=row,
            column=column.name,
            mend="Send what the tensor's datatype says",
        )


def _as_float32(numbers: Array, column: Column) -> Array:
    """An FP32 element is the float32 next to the decimal; float64 then holds it exactly."""
    with np.errstate(over="ignore"):
        rounded = numbers.astype(DTYPES["FP32"]).astype(np.float64)
    for row in np.flatnonzero(np.isinf(rounded)):
        raise InputError(
            "the number is beyond float32", row=int(row), column=column.name, mend="Send FP64"
        )
    return rounded
