"""Arrow arrays as the columns of a signature: float64 with NaN, text with its marker, or refused.

Arrow data is trusted by Arrow: offsets and indices are looked at here before any of its functions
follows them. Numbers never become Python objects (decimals do: float() rounds them as JSON does).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np

from bundle.arrays import MISSING_TEXT, Array
from bundle.errors import InputError
from bundle.rows import known_columns, number_column, text_column
from bundle.signature import Column, Signature
from runtime.arrow import pyarrow
from runtime.errors import MalformedError

NUMBERS = {
    **{f"{sign}int{bits}": np.dtype(f"{sign}int{bits}") for sign in ("", "u") for bits in (8, 16)},
    **{f"{sign}int{bits}": np.dtype(f"{sign}int{bits}") for sign in ("", "u") for bits in (32, 64)},
    "halffloat": np.dtype(np.float16),
    "float": np.dtype(np.float32),
    "double": np.dtype(np.float64),
}
"""Arrow's names of what lies in memory as NumPy has it."""
TEXTS = ("string", "large_string", "string_view")


def check_schema(signature: Signature, schema: Any) -> None:
    """Raise InputError unless the names are the signature's and every type can hold its column."""
    seen: set[str] = set()
    for name in schema.names:
        if name in seen:
            raise InputError("the column stands twice", column=name, mend="Send it once")
        seen.add(name)
    known_columns(signature, schema.names)
    for name, column in signature.by_name.items():
        _check_type(schema.field(name).type, column)


def to_blocks(signature: Signature, batch: Any) -> dict[str, Array]:
    """The blocks in a record batch. Raises InputError with row and column."""
    return {
        block.name: np.column_stack(
            [
                (text if block.datatype == "BYTES" else numbers)(
                    batch.column(name), signature.by_name[name]
                )
                for name in block.columns
            ]
        )
        for block in signature.inputs
    }


def numbers(array: Any, column: Column) -> Array:
    """Float64 [n]; null and NaN are NaN."""
    if _is_dictionary(array):
        array = _decoded(array)
    missing = _missing(array)
    name = str(array.type)
    if name == "null":
        return np.full(len(array), np.nan)
    if name.startswith("decimal"):
        return number_column([_from_decimal(value) for value in array.to_pylist()], column)
    if name == "bool":
        values = array.fill_null(False).to_numpy(zero_copy_only=False)  # noqa: FBT003
    else:
        values = _values(array)
    if missing is None:
        return number_column(values, column)
    # What lies below a null is anything, such as an integer that float64 cannot hold.
    return np.where(missing, np.nan, number_column(np.where(missing, 0, values), column))


def text(array: Any, column: Column) -> Array:
    """Object [n] of str; null is MISSING_TEXT."""
    if str(array.type) == "null":
        return text_column([None] * len(array), column)
    if _is_dictionary(array):
        array = _decoded(array)
    missing = _missing(array)
    try:
        array.validate(full=True)
    except pyarrow().ArrowInvalid as error:
        raise InputError(
            "the text is not valid UTF-8", column=column.name, mend="Send well-formed UTF-8"
        ) from error
    values: Array = array.to_numpy(zero_copy_only=False)
    if (values == MISSING_TEXT).any():
        return text_column(values, column)  # which names the row
    if missing is not None:
        values[missing] = MISSING_TEXT
    return values


def text_bytes(array: Any) -> int:
    """The bytes of text in these rows, each time it stands in one. Raises MalformedError.

    A dictionary, or views, may repeat a text of megabytes in every row at no cost to the sender.
    """
    if str(array.type) == "null":
        return 0
    missing = _missing(array)
    there = np.arange(len(array)) if missing is None else np.flatnonzero(~missing)
    if _is_dictionary(array):
        return int(_lengths(array.dictionary, _indices(array)[there]).sum(dtype=np.float64))
    return int(_lengths(array, there).sum(dtype=np.float64))


def _check_type(found: Any, column: Column) -> None:
    if pyarrow().types.is_dictionary(found):
        found = found.value_type
    name = str(found)
    if name == "null":
        return
    if column.kind == "text":
        if name not in TEXTS:
            raise InputError("text is due here", column=column.name, mend="Send strings")
    elif name == "bool" and column.dtype != "bool":
        raise InputError(
            "a number is due here",
            column=column.name,
            mend="Send a number, not true or false",
        )
    elif name != "bool" and name not in NUMBERS and not name.startswith("decimal"):
        raise InputError("a number is due here", column=column.name, mend="Send integers or floats")


def _is_dictionary(array: Any) -> bool:
    return bool(pyarrow().types.is_dictionary(array.type))


def _missing(array: Any) -> Array | None:
    found: Array | None = None
    if array.null_count:
        found = array.is_null().to_numpy(zero_copy_only=False)
    return found


def _values(array: Any) -> Array:
    """What lies in memory, not copied; below a null it may be anything."""
    dtype = NUMBERS[str(array.type)]
    buffer = array.buffers()[1]
    if not len(array):
        return np.empty(0, dtype)
    return np.frombuffer(buffer, dtype, len(array), array.offset * dtype.itemsize)


def _from_decimal(value: Decimal | None) -> int | float | None:
    """A decimal without a fraction is an integer, which must not be rounded unseen."""
    if value is None:
        return None
    exponent = value.as_tuple().exponent
    return int(value) if isinstance(exponent, int) and exponent >= 0 else float(value)


def _indices(array: Any) -> Array:
    """Where each row points in the dictionary; 0 where it is missing."""
    missing = _missing(array)
    found = _values(array.indices)
    used = found if missing is None else np.where(missing, 0, found)
    there = used if missing is None else found[~missing]
    if len(there) and (there.min() < 0 or int(there.max()) >= len(array.dictionary)):
        raise MalformedError("an index is outside its dictionary", mend="Write it again")
    return used.astype(np.int64)


def _decoded(array: Any) -> Any:
    """The rows of a dictionary array, each with its own value."""
    pa, indices, dictionary = pyarrow(), _indices(array), array.dictionary
    if not len(dictionary):
        return pa.nulls(len(array), array.type.value_type)
    missing = _missing(array)
    if str(array.type.value_type) != "string_view":
        return dictionary.take(pa.array(indices, mask=missing))
    # Arrow does not take from views: what is taken is 16 bytes a row, and the rest is shared.
    views = _views(dictionary)[indices]
    absent = _missing(dictionary)
    none = np.zeros(len(array), bool) if missing is None else missing
    none = none if absent is None else none | absent[indices]
    valid = pa.array(~none).buffers()[1]
    buffers = [valid, pa.py_buffer(views.tobytes()), *dictionary.buffers()[2:]]
    return pa.Array.from_buffers(pa.string_view(), len(array), buffers)


def _views(array: Any) -> Array:
    """[n, 4] int32: a view is its length, and where the text is."""
    flat = np.frombuffer(array.buffers()[1], np.int32)
    return flat.reshape(-1, 4)[array.offset : array.offset + len(array)]


def _lengths(array: Any, at: Array) -> Array:
    """Of the texts at these places."""
    if not len(at):
        return np.zeros(0, np.int64)
    if str(array.type) == "string_view":
        sizes: Array = np.abs(_views(array)[at, 0].astype(np.int64))
        return sizes
    if str(array.type) == "null":
        return np.zeros(len(at), np.int64)
    dtype = np.dtype(np.int64 if str(array.type) == "large_string" else np.int32)
    offsets = np.frombuffer(array.buffers()[1], dtype)[array.offset :]
    begin: Array = offsets[at].astype(np.int64)
    end: Array = offsets[at + 1].astype(np.int64)
    data = array.buffers()[2]
    if (begin < 0).any() or (end < begin).any() or end.max() > (0 if data is None else data.size):
        raise MalformedError("an offset is outside its text", mend="Write it again")
    return end - begin
