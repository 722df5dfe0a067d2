"""Answers as a table: one column for each number the model gives."""

from __future__ import annotations

import csv
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

import msgspec

from bundle.arrays import Array, plain
from bundle.errors import InputError
from bundle.signature import Output, Signature

Columns = dict[str, list[Any]]


def write_answers(path: Path | None, answers: Mapping[str, Array], signature: Signature) -> None:
    """Write `answers` to `path` as CSV, JSON or Parquet by its suffix; CSV to stdout if None.

    Floats are written in the shortest form that reads back as the same float.
    """
    columns = to_columns(answers, signature)
    if path is None:
        _write_csv(sys.stdout, columns)
        return
    writers = {".csv": _csv_file, ".json": _json_file, ".parquet": _parquet_file}
    if path.suffix.lower() not in writers:
        raise InputError(
            f"{str(path)!r} is not a table that can be written",
            mend="Name a .csv, .json or .parquet file",
        )
    try:
        writers[path.suffix.lower()](path, columns)
    except OSError as error:
        raise InputError(f"{str(path)!r} cannot be written: {error}") from error


def to_columns(answers: Mapping[str, Array], signature: Signature) -> Columns:
    """The answers by column: `label`, `probabilities.<class>`; None where one is missing."""
    columns: Columns = {}
    for output in signature.outputs:
        if output.name in answers:
            columns |= _columns(output, answers[output.name])
    return columns


def _columns(output: Output, values: Array) -> Columns:
    if output.width is None:
        return {output.name: _listed(values)}
    parts = zip(output.flat_names, values.T, strict=True)
    return {name: _listed(column) for name, column in parts}


def _listed(values: Array) -> list[Any]:
    return [plain(value) for value in values.tolist()]


def _write_csv(file: TextIO, columns: Columns) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(columns)
    # csv writes a float with repr(), which is the shortest form that reads back the same.
    writer.writerows(zip(*columns.values(), strict=True))


def _csv_file(path: Path, columns: Columns) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        _write_csv(file, columns)


def _json_file(path: Path, columns: Columns) -> None:
    rows = zip(*columns.values(), strict=True)
    records = [dict(zip(columns, row, strict=True)) for row in rows]
    path.write_bytes(msgspec.json.encode(records) + b"\n")


def _parquet_file(path: Path, columns: Columns) -> None:
    try:
        import pyarrow as pa  # noqa: PLC0415 - not in the runtime extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise InputError(
            "Parquet needs pyarrow, which is not installed",
            mend="Run pip install 'isomorph[convert]', or write CSV or JSON",
        ) from error
    pq.write_table(pa.table(columns), path)
