"""Open Inference Protocol V2 tensors into columns of rows, and back.

Numbers come in any datatype, because what a model needs is a float64 that is exactly the value
sent: BOOL, integers that float64 holds, and every float (FP32 is read as float32 first).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

import msgspec
import numpy as np

from bundle.arrays import Array
from bundle.errors import InputError
from bundle.rows import number_column, text_column
from bundle.signature import Column, Output
from runtime import strict
from runtime.answers import with_nulls
from runtime.binary_tensors import DTYPES, to_numbers, to_texts
from runtime.errors import MalformedError, UnsupportedError
from runtime.records import EXACT, Number, as_texts, numbers
from runtime.rows import check_value, column_of

MAX_ELEMENTS = 2**31
BINARY_ONLY = ("FP16", "BF16")  # the protocol gives them no JSON form

Parameters = dict[str, bool | int | float | str]
Count = Annotated[int, msgspec.Meta(ge=0)]

# A kind of datatype: its elements flat, and as a list of rows.
_DECODERS = {
    kind: (msgspec.json.Decoder(list[element]), msgspec.json.Decoder(list[list[element]]))  # type: ignore[valid-type]
    for kind, element in (
        ("f", Number | None),
        ("i", Annotated[int, msgspec.Meta(ge=-EXACT, le=EXACT)]),
        ("b", bool),
        ("text", str | None),
    )
}
_KINDS = {"BYTES": "text", "BOOL": "b"} | dict.fromkeys(("FP32", "FP64"), "f")
_SPACE = b" \t\r\n"

_Told = TypeVar("_Told")


class InputTensor(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A tensor of a request; `data` stays as it came until its datatype is known."""

    name: str
    shape: list[int]
    datatype: str
    data: msgspec.Raw = msgspec.Raw()
    parameters: Parameters | None = None


class _InputParameters(msgspec.Struct):
    """What a tensor's parameters may mean; others mean nothing."""

    binary_data_size: Count | None = None
    shared_memory_region: str | None = None


def binary_size(tensor: InputTensor) -> int | None:
    """How many bytes of the body, behind its JSON, are this tensor; None: it is in the JSON.

    Raises MalformedError, UnsupportedError.
    """
    if tensor.parameters is None:
        return None
    told = typed(tensor.parameters, _InputParameters)
    if told.shared_memory_region is not None:
        raise UnsupportedError("shared memory is not supported", mend="Send the data itself")
    if told.binary_data_size is not None and bytes(tensor.data) not in (b"", b"null"):
        raise MalformedError("a tensor has data twice", mend="Send data or binary_data_size")
    return told.binary_data_size


def typed(parameters: Parameters, kind: type[_Told]) -> _Told:
    """Parameters with the types that are due. Raises MalformedError."""
    try:
        return msgspec.convert(parameters, kind)
    except msgspec.ValidationError as error:
        raise MalformedError(
            "a parameter has another type",
            mend="Send sizes and counts as whole numbers, flags as true or false",
        ) from error


def to_columns(tensor: InputTensor, columns: Sequence[Column], blob: memoryview | None) -> Array:
    """The tensor as [rows, columns]; `blob` holds its bytes, else its JSON. Raises InputError."""
    _check_datatype(tensor.datatype, columns)
    due = _rows(tensor.shape, columns) * len(columns)
    if blob is None:
        return _from_json(bytes(tensor.data), tensor.datatype, due, columns)
    if tensor.datatype == "BYTES":
        return to_texts(blob, due, columns)
    _check_length(len(blob), due * np.dtype(DTYPES[tensor.datatype]).itemsize, "bytes")
    return to_numbers(blob, tensor.datatype, columns)


def to_json(output: Output, values: Array) -> dict[str, Any]:
    """A tensor of a response; missing is null (msgspec says so of NaN)."""
    told = with_nulls(values) if output.datatype == "BYTES" else values
    return {
        "name": output.name,
        "shape": list(values.shape),
        "datatype": output.datatype,
        "data": told.ravel().tolist(),
    }


def _check_datatype(datatype: str, columns: Sequence[Column]) -> None:
    text = columns[0].kind == "text"
    if (datatype != "BYTES") if text else (datatype not in DTYPES):
        raise InputError(
            "the tensor has another datatype",
            column=columns[0].name if len(columns) == 1 else None,
            mend="Send BYTES" if text else f"Send one of: {', '.join(DTYPES)}",
        )


def _rows(shape: list[int], columns: Sequence[Column]) -> int:
    """The rows that the shape says; Python integers, so a product cannot overflow."""
    width = len(columns)
    fits = shape[1:] == [width] or (len(shape) == 1 and width == 1)
    if not fits or shape[0] < 0 or math.prod(shape) > MAX_ELEMENTS:
        raise InputError(
            "the tensor has another shape",
            column=columns[0].name if width == 1 else None,
            mend=f"Send shape [rows, {width}]" + (" or [rows]" if width == 1 else ""),
        )
    return shape[0]


def _from_json(data: bytes, datatype: str, due: int, columns: Sequence[Column]) -> Array:
    if datatype in BINARY_ONLY:
        raise InputError(f"{datatype} has no form in JSON", mend="Send it as binary data")
    fast = _fast(data, datatype, due)
    if fast is not None:
        return fast.reshape(-1, len(columns))
    values = _flat(strict.loads(data))
    _check_length(len(values), due, "elements")
    table = column_of(values).reshape(-1, len(columns))
    parts = [_column(table[:, i], datatype, column) for i, column in enumerate(columns)]
    return np.column_stack(parts)


def _fast(data: bytes, datatype: str, due: int) -> Array | None:
    """Data that is plainly right; None where the slow road must look."""
    kind = _KINDS.get(datatype, "i")
    try:
        values = _values(data, kind)
        if len(values) != due:
            return None
        if kind == "text":
            return as_texts(values)
        found = numbers(values, (len(values), 1))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError):
        return None
    return found if datatype == "FP64" else _narrow(found, datatype)


def _values(data: bytes, kind: str) -> list[Any]:
    flat, nested = _DECODERS[kind]
    if data[:64].translate(None, _SPACE)[:2] == b"[[":
        return [value for row in nested.decode(data) for value in row]
    return flat.decode(data)


def _narrow(found: Array, datatype: str) -> Array | None:
    """The numbers as the datatype holds them; None where one is beyond it."""
    if datatype == "BOOL":
        return found
    if datatype == "FP32":
        limit = np.finfo(np.float32).max
        beyond = np.abs(found) > limit
        return None if beyond.any() else found.astype(np.float32).astype(np.float64)
    limits = np.iinfo(DTYPES[datatype])
    # Powers of two, so exact as floats; the largest INT64 is not.
    beyond = (found < limits.min) | (found >= float(int(limits.max) + 1))
    return None if beyond.any() else found


def _flat(data: Any) -> list[Any]:
    """Nested lists, row-major, as one; the parser has bounded the depth."""
    if not isinstance(data, list):
        raise MalformedError("a tensor's data is not an array", mend="Send it flat or nested")
    if not any(isinstance(each, list) for each in data):
        return data
    if not all(isinstance(each, list) for each in data):
        raise MalformedError("a tensor's data is nested unevenly", mend="Send it flat or nested")
    return [value for each in data for value in _flat(each)]


def _check_length(found: int, due: int, what: str) -> None:
    if found != due:
        raise InputError(
            f"the data has {found} {what} and the shape says {due}",
            mend="Send as many elements as the shape says",
        )


def _column(values: Array, datatype: str, column: Column) -> Array:
    kind = _KINDS.get(datatype, "i")
    limits = np.iinfo(DTYPES[datatype]) if kind == "i" else None
    for row, value in enumerate(values):
        if kind == "b":
            _check_kind(isinstance(value, bool | None), "true or false", row, column)
            continue
        check_value(value, row, column)
        if limits is not None and value is not None:
            fits = type(value) is int and limits.min <= value <= limits.max
            _check_kind(fits, f"an integer of {datatype}", row, column)
    if kind == "text":
        return text_column(values, column)
    found = number_column(values, column)
    return _as_float32(found, column) if datatype == "FP32" else found


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
        rounded = numbers.astype(np.float32).astype(np.float64)
    for row in np.flatnonzero(np.isinf(rounded)):
        raise InputError(
            "the number is beyond float32", row=int(row), column=column.name, mend="Send FP64"
        )
    return rounded
