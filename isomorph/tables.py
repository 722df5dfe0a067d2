"""Tables on disk: rows to predict, the sample, the answers. CSV, JSON and Parquet, by suffix.

Predicting needs the runtime extra alone, so CSV and JSON are read without pandas. In every
CSV an empty cell, and nothing else, is a missing value.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from bundle.errors import InputError, SourceError
from bundle.rows import known_columns
from bundle.signature import Column, Signature
from isomorph.answers import write_answers

__all__ = ["Table", "read_rows", "read_sample", "read_table", "write_answers"]

Table = Mapping[str, list[Any]] | Sequence[Mapping[str, Any]]
"""Columns by name, or records: both are what `bundle.rows.to_arrays` takes."""

# Python's float() also takes "nan", "1_000" and spaces; a cell that says them is a mistake.
_INTEGER = re.compile(r"[+-]?[0-9]+", re.ASCII)
_DECIMAL = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", re.ASCII)
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}


def read_table(path: Path) -> Table:
    """The table in `path` as it is written; CSV cells stay text.

    Raises InputError: no such file, a suffix that is not known, a malformed file.
    """
    readers = {".csv": _read_csv, ".json": _read_json, ".parquet": _read_parquet}
    if path.suffix.lower() not in readers:
        raise InputError(
            f"{str(path)!r} is not a table that can be read",
            mend="Name a .csv, .json or .parquet file",
        )
    try:
        return readers[path.suffix.lower()](path)
    except (OSError, ValueError, csv.Error, RecursionError) as error:
        raise InputError(f"{str(path)!r} cannot be read: {error}") from error


def read_rows(path: Path, signature: Signature) -> Table:
    """The table in `path` with CSV cells typed by `signature`.

    Raises InputError, naming row and column, where a number is due and something else stands.
    """
    table = read_table(path)
    if path.suffix.lower() != ".csv" or not isinstance(table, Mapping):
        return table
    known_columns(signature, table)
    return {name: _typed(cells, signature.by_name[name]) for name, cells in table.items()}


def read_sample(path: Path) -> Any:
    """The sample in `path` as a pandas DataFrame. Raises SourceError.

    Cells mean what they mean to `read_rows`, where only an empty one is missing, because the
    sample stands for what clients will send.
    """
    # Lazy: predicting and serving run without pandas.
    import pandas as pd  # noqa: PLC0415

    if path.suffix.lower() not in (".csv", ".parquet"):
        raise SourceError(
            "not a sample that can be read",
            where=str(path),
            mend="Name a .csv or .parquet file",
        )
    try:
        if path.suffix.lower() == ".parquet":
            return pd.read_parquet(path)
        return pd.read_csv(path, keep_default_na=False, na_values=[""])
    except (OSError, ValueError) as error:
        raise SourceError(f"the sample cannot be read: {error}", where=str(path)) from error


def _read_csv(path: Path) -> dict[str, list[str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.reader(file, strict=True)
        header = next(reader, [])
        _no_repeats(header)
        # A blank line is a row only where a row is a single cell.
        rows = [row or [""] for row in reader if row or len(header) == 1]
    for position, row in enumerate(rows):
        if len(row) != len(header):
            raise InputError(
                f"{len(row)} cells stand under {len(header)} column names",
                row=position,
                mend="Write one cell for each column, quoted where it holds a comma",
            )
    return {name: [row[position] for row in rows] for position, name in enumerate(header)}


def _no_repeats(header: Sequence[str]) -> None:
    for name in header:
        if header.count(name) > 1:
            raise InputError("the column stands twice", column=name, mend="Write it once")


def _read_json(path: Path) -> Table:
    document = msgspec.json.decode(path.read_bytes())
    if isinstance(document, list) and all(isinstance(each, dict) for each in document):
        return document
    if not isinstance(document, dict):
        raise InputError(
            f"{str(path)!r} holds neither records nor columns",
            mend="Write a list of records, one record, or an object of columns",
        )
    if any(isinstance(value, list) for value in document.values()):
        return document
    return [document]


def _read_parquet(path: Path) -> dict[str, list[Any]]:
    parquet = _pyarrow("parquet")
    columns = parquet.ParquetFile(path).read().to_pydict()
    # pandas stores an unnamed index as a column of this name; it is not the user's.
    return {
        name: list(values)
        for name, values in columns.items()
        if not name.startswith("__index_level_")
    }


def _pyarrow(module: str) -> Any:
    import importlib  # noqa: PLC0415 - beside its only use

    try:
        return importlib.import_module(f"pyarrow.{module}")
    except ModuleNotFoundError as error:
        raise InputError(
            "Parquet needs pyarrow, which is not installed",
            mend="Run pip install 'isomorph[convert]', or use CSV or JSON",
        ) from error


def _typed(cells: list[str], column: Column) -> list[Any]:
    if column.kind == "text":
        return [cell or None for cell in cells]
    return [_number(cell, row, column) for row, cell in enumerate(cells)]


def _number(cell: str, row: int, column: Column) -> bool | float | int | None:
    if cell == "":
        return None
    if column.dtype == "bool" and cell in _BOOLS:
        return _BOOLS[cell]
    if _INTEGER.fullmatch(cell) and len(cell) < 400:
        return int(cell)
    if _DECIMAL.fullmatch(cell):
        return float(cell)
    raise InputError(
        f"a number is due here, not {cell[:40]!r}",
        row=row,
        column=column.name,
        mend="Write a number with a decimal point, or leave the cell empty where it is missing",
    )
