"""The slow road: rows of plain JSON values into blocks, each fault named by row and column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bundle.arrays import Array, Arrays
from bundle.errors import InputError
from bundle.rows import known_columns, to_arrays
from bundle.signature import Column, Signature
from runtime.strict import Record, Refused


def from_json(signature: Signature, rows: Sequence[Any]) -> Arrays:
    """Blocks for records, or for lists where the model was fitted on an array.

    Raises InputError with row and column.
    """
    names = list(signature.by_name)
    table = [_row(signature, names, record, row) for row, record in enumerate(rows)]
    columns = {name: column_of([row[i] for row in table]) for i, name in enumerate(names)}
    return to_arrays(signature, columns)


def check_value(value: Any, row: int, column: Column) -> None:
    """Refuse what JSON can say and a cell cannot be; text and numbers are told apart later."""
    if isinstance(value, Refused):
        raise InputError(
            value.fault,
            row=row,
            column=column.name,
            mend="Send a finite number, or null where the column is nullable",
        )
    due = "text" if column.kind == "text" else "a number"
    if isinstance(value, dict | list):
        raise InputError(f"{due} is due here", row=row, column=column.name, mend="Send one value")
    if isinstance(value, bool) and column.kind == "number" and column.dtype != "bool":
        raise InputError(
            "a number is due here",
            row=row,
            column=column.name,
            mend="Send a number, not true or false",
        )


def column_of(values: list[Any]) -> Array:
    """Objects, so that NumPy neither turns numbers into text nor rounds an integer unseen."""
    column = np.empty(len(values), dtype=object)
    column[:] = values
    return column


def _row(signature: Signature, names: list[str], record: Any, row: int) -> list[Any]:
    values = _values(signature, names, record, row)
    for value, column in zip(values, signature.columns, strict=True):
        check_value(value, row, column)
    return values


def _values(signature: Signature, names: list[str], record: Any, row: int) -> list[Any]:
    if isinstance(record, Record):
        if record.repeated is not None:
            raise InputError(
                "the column stands twice", row=row, column=record.repeated, mend="Send it once"
            )
        if record.keys() != signature.by_name.keys():
            known_columns(signature, record, row=row)
        return [record[name] for name in names]
    if isinstance(record, list) and not signature.named:
        if len(record) != len(names):
            raise InputError(
                f"the row has {len(record)} values", row=row, mend=f"Send {len(names)} in each row"
            )
        return record
    raise InputError(
        "the row is not an object", row=row, mend="Send each row as an object of named columns"
    )
