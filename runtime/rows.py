"""The slow road: rows of plain JSON values into blocks, each fault named by row and column."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from bundle.arrays import Array, Arrays
from bundle.errors import InputError
from bundle.rows import known_columns, to_arrays
from bundle.signature import Column, Signature
from runtime.bounds import paced
from runtime.errors import MalformedError
from runtime.strict import Record, Refused


def from_json(signature: Signature, rows: Sequence[Any], *, lists: bool | None = None) -> Arrays:
    """Blocks for records, or for lists in the order of the signature.

    `lists`: whether a row may be one; None means where the model was fitted on an array, because
    a contract that has names should use them. Raises InputError with row and column.
    """
    names = list(signature.by_name)
    allowed = not signature.named if lists is None else lists
    table = [_row(signature, names, record, row, allowed) for row, record in paced(rows)]
    columns = {name: column_of([row[i] for row in table]) for i, name in enumerate(names)}
    return to_arrays(signature, columns)


def from_columns(signature: Signature, columns: Any) -> Arrays:
    """Blocks for an object of one list for each column. Raises InputError with row and column."""
    if not isinstance(columns, Record):
        raise MalformedError("the columns are not an object", mend="Send a list for each column")
    if columns.repeated is not None:
        raise InputError("the column stands twice", column=columns.repeated, mend="Send it once")
    known_columns(signature, columns)
    for column in signature.columns:
        values = columns[column.name]
        if not isinstance(values, list):
            raise InputError(
                "the column is not a list", column=column.name, mend="Send one value for each row"
            )
        for row, value in paced(values):
            check_value(value, row, column)
        if len(values) != len(columns[signature.columns[0].name]):
            raise InputError(
                f"the column has {len(values)} values and the first has another number",
                column=column.name,
                mend="Send one value for each row in every column",
            )
    return to_arrays(signature, {name: column_of(values) for name, values in columns.items()})


def from_table(signature: Signature, names: Any, rows: Any) -> Arrays:
    """Blocks for lists below the columns' names, in any order. Raises InputError likewise."""
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise MalformedError("the columns are not names", mend="Send each column's name once")
    if not isinstance(rows, list):
        raise MalformedError("the rows are not an array", mend="Send a list of values for each row")
    for place, name in enumerate(names):
        if name in names[:place]:
            raise InputError("the column stands twice", column=name, mend="Send it once")
    known_columns(signature, names)
    order = [names.index(name) for name in signature.by_name]
    for row, values in paced(rows):
        if not isinstance(values, list):
            raise InputError("the row is not a list", row=row, mend="Send a value for each column")
        check_length(values, row, len(order))
    return from_json(signature, [[values[i] for i in order] for values in rows], lists=True)


def check_length(values: list[Any], row: int, due: int) -> None:
    """Refuse a row that has not one value for each column."""
    if len(values) != due:
        raise InputError(
            f"the row has {len(values)} values", row=row, mend=f"Send {due} in each row"
        )


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


def _row(
    signature: Signature,
    names: list[str],
    record: Any,
    row: int,
    lists: bool,  # noqa: FBT001
) -> list[Any]:
    values = _values(signature, names, record, row, lists)
    for value, column in zip(values, signature.columns, strict=True):
        check_value(value, row, column)
    return values


def _values(
    signature: Signature,
    names: list[str],
    record: Any,
    row: int,
    lists: bool,  # noqa: FBT001
) -> list[Any]:
    if isinstance(record, Record):
        if record.repeated is not None:
            raise InputError(
                "the column stands twice", row=row, column=record.repeated, mend="Send it once"
            )
        if record.keys() != signature.by_name.keys():
            known_columns(signature, record, row=row)
        return [record[name] for name in names]
    if isinstance(record, list) and lists:
        check_length(record, row, len(names))
        return record
    raise InputError(
        "the row is not an object", row=row, mend="Send each row as an object of named columns"
    )
