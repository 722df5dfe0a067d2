"""Rows as people hold them (a frame, records, columns, an array) into the blocks of a signature.

Pandas is never imported: anything with `.columns` and `[name]` is a frame.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from bundle.arrays import DTYPES, MISSING_TEXT, Array, Arrays
from bundle.errors import InputError
from bundle.signature import Column, Signature


def to_arrays(signature: Signature, data: Any) -> Arrays:
    """Blocks for `data`: a frame, a mapping of columns, a list of records or a 2-D array.

    Raises InputError with row and column. Says nothing of ranges and categories: see
    `bundle.domain`.
    """
    columns = _columns(signature, data)
    _same_length(columns)
    blocks: dict[str, Array] = {}
    for block in signature.inputs:
        read = text_column if block.datatype == "BYTES" else number_column
        parts = [read(columns[name], signature.by_name[name]) for name in block.columns]
        blocks[block.name] = np.column_stack(parts).astype(DTYPES[block.datatype], copy=False)
    return blocks


def number_column(values: Any, column: Column) -> Array:
    """Float64 [n]; missing is NaN. Text, and integers that float64 cannot hold, are refused."""
    array = np.asarray(_plain(values))
    if array.dtype.kind == "f":
        return array.astype(np.float64, copy=False)
    if array.dtype.kind in "iu":
        return _exact(array, column)
    if array.dtype.kind == "b":
        return array.astype(np.float64)
    return np.fromiter(_each(_number, array, column), np.float64, len(array))


def text_column(values: Any, column: Column) -> Array:
    """Object [n] of str; missing (None, NaN, NA) is MISSING_TEXT."""
    array = np.asarray(_plain(values), dtype=object)
    text = np.empty(len(array), dtype=object)
    text[:] = list(_each(_text, array, column))
    return text


def known_columns(signature: Signature, names: Iterable[str], *, row: int | None = None) -> None:
    """Raise InputError unless `names` are exactly the signature's columns, in any order."""
    seen = list(names)
    for name in seen:
        if name not in signature.by_name:
            expected = ", ".join(signature.by_name)
            raise InputError(
                "the model has no such column",
                row=row,
                column=name,
                mend=f"Send exactly these columns: {expected}",
            )
    for name in signature.by_name:
        if name not in seen:
            raise InputError(
                "the column is missing", row=row, column=name, mend="Send every column in every row"
            )


def _columns(signature: Signature, data: Any) -> Mapping[str, Any]:
    if hasattr(data, "columns") and hasattr(data, "__getitem__"):
        names = [str(name) for name in data.columns]
        _no_repeats(names)
        known_columns(signature, names)
        return {str(name): data[name] for name in data.columns}
    if isinstance(data, Mapping):
        known_columns(signature, data)
        return data
    if isinstance(data, Sequence) and data and isinstance(data[0], Mapping):
        for row, record in enumerate(data):
            known_columns(signature, record, row=row)
        return {name: [record[name] for record in data] for name in signature.by_name}
    return _matrix_columns(signature, data)


def _matrix_columns(signature: Signature, data: Any) -> Mapping[str, Any]:
    array = data if isinstance(data, np.ndarray) else np.array(data, dtype=object)
    names = list(signature.by_name)
    if array.ndim != 2 or array.shape[1] != len(names):
        raise InputError(
            f"the rows have shape {array.shape}, the model takes [n, {len(names)}]",
            mend="Send one value for each column, in the order of the signature",
        )
    return {name: array[:, position] for position, name in enumerate(names)}


def _no_repeats(names: Sequence[str]) -> None:
    for name in names:
        if names.count(name) > 1:
            raise InputError("the column stands twice", column=name, mend="Send it once")


def _same_length(columns: Mapping[str, Any]) -> None:
    lengths = {len(values) for values in columns.values()}
    if len(lengths) > 1:
        raise InputError(
            f"the columns have different lengths: {sorted(lengths)}",
            mend="Send one value for each row in every column",
        )


def _plain(values: Any) -> Any:
    """A NumPy array as it is; a pandas extension array or a list as an array of objects.

    NumPy would turn the list [1.5, "a"] into text and [1.5, 2**53 + 1] into floats, so that a
    fault showed in the wrong row or not at all.
    """
    if isinstance(getattr(values, "dtype", None), np.dtype):
        return values
    return np.asarray(values, dtype=object)


def _exact(array: Array, column: Column) -> Array:
    floats = array.astype(np.float64)
    # An int64 near 2**63 rounds to 2**63, which does not come back: compare as Python integers.
    wrong = np.abs(floats) >= 2**53  # 2**53 + 1 has become 2**53
    for row in np.flatnonzero(wrong):
        _number(int(array[row]), int(row), column)
    return floats


def _each(read: Callable[[Any, int, Column], Any], array: Array, column: Column) -> Iterable[Any]:
    return itertools.starmap(read, ((value, row, column) for row, value in enumerate(array)))


def _missing(value: Any) -> bool:
    if value is None:
        return True
    if isinstance(value, float | np.floating):
        return bool(np.isnan(value))
    return type(value).__name__ in ("NAType", "NaTType")


def _number(value: Any, row: int, column: Column) -> float:
    if _missing(value):
        return float("nan")
    if isinstance(value, bool | np.bool_ | float | np.floating):
        return float(value)
    if isinstance(value, int | np.integer):
        if abs(int(value)) > 2**53 and _rounded(int(value)) != int(value):
            raise InputError(
                "the integer has no exact float64",
                row=row,
                column=column.name,
                mend="Send a number of at most 2**53",
            )
        return float(value)
    raise InputError(
        "a number is due here",
        row=row,
        column=column.name,
        mend="Send a JSON number without quotes" if isinstance(value, str) else "",
    )


def _rounded(value: int) -> int:
    try:
        return int(float(value))
    except OverflowError:
        return 0


def _text(value: Any, row: int, column: Column) -> str:
    if isinstance(value, str):
        if value == MISSING_TEXT:
            raise InputError(
                "U+FFFF alone is reserved for missing text",
                row=row,
                column=column.name,
                mend="Send null for missing",
            )
        if not value.isascii() and not _encodes(value):
            raise InputError(
                "the text is not valid Unicode (a lone surrogate)",
                row=row,
                column=column.name,
                mend="Send well-formed UTF-8",
            )
        return str(value)
    if _missing(value):
        return MISSING_TEXT
    raise InputError(
        "text is due here", row=row, column=column.name, mend="Send a string, or null for missing"
    )


def _encodes(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
