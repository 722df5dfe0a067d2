"""CSV into the blocks of a signature, and answers into CSV.

RFC 4180, in UTF-8, with any of the three line ends. An empty cell is a missing value. CSV has
no types, so the signature says what a cell is; NA, null and the like are text in a text column.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from email.message import Message
from typing import Any

import numpy as np

from bundle.arrays import Array, Arrays
from bundle.errors import InputError
from bundle.rows import known_columns, to_arrays
from bundle.signature import Column, Signature
from runtime import strict
from runtime.answers import flat_rows
from runtime.errors import MalformedError
from runtime.records import EXACT
from runtime.rows import check_value, column_of

# What pandas, NumPy and the csv module write for the values that have several spellings.
_BOOLS = {
    text: text.lower() == "true" for text in ("true", "True", "TRUE", "false", "False", "FALSE")
}
_NANS = ("nan", "NaN")
_MEND = "Write it as JSON does, such as 39.1 or 1e-3"
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(\.[0-9]*)?|(\.[0-9]+))([eE][+-]?[0-9]+)?")
_NOT_PLAIN = str.maketrans("", "", "0123456789+-.eE")


def header_of(content_type: str) -> bool | None:
    """What `text/csv; header=present` says (RFC 4180, 3); None where it says nothing.

    Raises MalformedError for a third value.
    """
    message = Message()
    message["content-type"] = content_type
    said = message.get_param("header")
    if said is None:
        return None
    if said not in ("present", "absent"):
        raise MalformedError(
            "the parameter header of text/csv has another value", mend="Send present or absent"
        )
    return bool(said == "present")


def read_csv(
    signature: Signature,
    body: bytes,
    header: bool | None = None,  # noqa: FBT001
    *,
    surplus: bool = False,
) -> Arrays:
    """Blocks for the rows. Raises InputError with row, counted without the header, and column.

    `header` None: the first row is one if it has all the model's columns, in any order. Without
    a header the cells stand in the order of the signature. `surplus`: columns that the model
    does not have are left aside.
    """
    table = _table(body)
    names = list(signature.by_name)
    if _headed(names, table, header):
        names = _header(signature, table, surplus=surplus)
        table = table[1:]
    for row, cells in enumerate(table):
        if len(cells) != len(names):
            raise InputError(
                f"the row has {len(cells)} values", row=row, mend=f"Send {len(names)} in each row"
            )
    columns = zip(*table, strict=True) if table else [()] * len(names)
    return to_arrays(
        signature,
        {
            name: _column(cells, signature.by_name[name])
            for name, cells in zip(names, columns, strict=True)
            if name in signature.by_name
        },
    )


def write_csv(
    signature: Signature,
    answers: Arrays,
    outputs: Sequence[str] | None = None,
    header: bool = False,  # noqa: FBT001, FBT002
) -> bytes:
    """A line for each row: `outputs` in this order (None: all), probabilities.Adelie and so on.

    Numbers have the shortest text that reads back to the same bits; a missing value is empty.
    """
    chosen = {name: answers[name] for name in outputs or answers}
    written = io.StringIO(newline="")
    writer = csv.writer(written, lineterminator="\n")
    if header:
        writer.writerow([name for each in chosen for name in signature.output(each).flat_names])
    writer.writerows(flat_rows(signature, chosen))
    return written.getvalue().encode()


def _table(body: bytes) -> list[list[str]]:
    """Every line, those that are empty at the end left out."""
    try:
        text = body.decode().removeprefix("\ufeff")  # spreadsheets write the mark
    except UnicodeDecodeError as error:
        raise MalformedError(
            f"the body is not UTF-8 (byte {error.start})", mend="Send CSV in UTF-8"
        ) from error
    # The module bounds a cell (csv.field_size_limit: 128 KiB).
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    table: list[list[str]] = []
    try:
        table.extend(reader)
    except csv.Error as error:
        raise MalformedError(
            f"the body is not CSV (line {reader.line_num})",
            mend="Quote as RFC 4180 says, in cells of at most 128 KiB",
        ) from error
    while table and not table[-1]:
        table.pop()
    return table


def _headed(names: list[str], table: list[list[str]], header: bool | None) -> bool:  # noqa: FBT001
    if header is not None:
        return header
    first = table[0] if table else []
    if set(names) <= set(first):
        return True
    # Half a header must not be answered as a row of text.
    if not set(first).isdisjoint(names):
        raise InputError(
            "the first row has some of the model's column names and not all",
            mend="Name every column once; or say `text/csv; header=absent` if it is a row",
        )
    return False


def _header(signature: Signature, table: list[list[str]], *, surplus: bool) -> list[str]:
    if not table:
        raise MalformedError("the header is missing", mend="Name the columns in the first row")
    first = table[0]
    for name in signature.by_name:
        if first.count(name) > 1:
            raise InputError("the column stands twice", column=name, mend="Send it once")
    kept = [name for name in first if name in signature.by_name]
    known_columns(signature, kept if surplus else first)
    return first


def _column(cells: Sequence[str], column: Column) -> Array:
    """Floats, or objects that `to_arrays` looks at one by one."""
    if column.kind == "text":
        return column_of([cell or None for cell in cells])
    plain = _plain(cells)
    if plain is not None:
        return plain
    values = [_value(cell.strip(" \t"), row, column) for row, cell in enumerate(cells)]
    for row, value in enumerate(values):
        check_value(value, row, column)
    return column_of(values)


def _plain(cells: Sequence[str]) -> Array | None:
    """Numbers that are plainly right; None where the slow road must look."""
    # Of these characters Python's float takes what JSON takes, 1. and .5 and +1: no more.
    if "".join(cells).translate(_NOT_PLAIN):
        return None
    try:
        numbers = np.array([float(cell) if cell else np.nan for cell in cells], dtype=np.float64)
    except ValueError:
        return None
    return None if (np.abs(numbers) >= EXACT).any() else numbers


def _value(cell: str, row: int, column: Column) -> Any:
    if cell == "" or cell in _NANS:
        return None
    if column.dtype == "bool" and cell in _BOOLS:
        return _BOOLS[cell]
    found = _NUMBER.fullmatch(cell)
    if found is None:
        raise InputError("a number is due here", row=row, column=column.name, mend=_MEND)
    return strict.number(cell) if any(found.groups()) else strict.integer(cell)
