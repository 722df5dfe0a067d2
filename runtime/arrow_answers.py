"""Answers as a table: one flat column for each class, so that every reader knows what to do.

A label is a string, an int64 or a bool; probabilities are one float64 column for each class,
called `probabilities.Adelie` as in CSV; a missing feature is null.
"""

from __future__ import annotations

from typing import IO, Any, Protocol

import numpy as np

from bundle.arrays import MISSING_TEXT, Array, Arrays
from bundle.signature import Output
from runtime.arrow import pyarrow

GROUP_CELLS = 2**20  # values of a row group, which Parquet holds in memory until it is full


class Writer(Protocol):
    """Where answers go, batch by batch."""

    def write(self, answers: Arrays) -> None:
        """The answers to one batch of rows."""

    def close(self) -> None:
        """Write the end; the file stays open."""


class StreamWriter:
    """An Arrow IPC stream."""

    def __init__(self, outputs: list[Output], about: dict[str, str], file: IO[bytes]) -> None:
        self._outputs, self._schema = outputs, schema(outputs, about)
        self._writer = pyarrow().ipc.new_stream(file, self._schema)

    def write(self, answers: Arrays) -> None:
        """The answers to one batch of rows."""
        self._writer.write_batch(batch(self._outputs, self._schema, answers))

    def close(self) -> None:
        """Write the end; the file stays open."""
        self._writer.close()


class ParquetWriter:
    """A Parquet file."""

    def __init__(self, outputs: list[Output], about: dict[str, str], file: IO[bytes]) -> None:
        self._outputs, self._schema = outputs, schema(outputs, about)
        texts = [f.name for f in self._schema if f.type == pyarrow().string()]
        self._writer = pyarrow().parquet.ParquetWriter(file, self._schema, use_dictionary=texts)
        self._group = max(1, GROUP_CELLS // len(self._schema))

    def write(self, answers: Arrays) -> None:
        """The answers to one batch of rows."""
        found = batch(self._outputs, self._schema, answers)
        self._writer.write_batch(found, row_group_size=self._group)

    def close(self) -> None:
        """Write the end; the file stays open."""
        self._writer.close()


def schema(outputs: list[Output], about: dict[str, str]) -> Any:
    """The columns of a table of answers; `about` stands in its metadata."""
    pa = pyarrow()
    types = {
        "FP64": pa.float64(),
        "FP32": pa.float32(),
        "INT64": pa.int64(),
        "BOOL": pa.bool_(),
        "BYTES": pa.string(),
    }
    fields = [
        pa.field(name, types[output.datatype], nullable=output.nullable)
        for output in outputs
        for name in output.flat_names
    ]
    return pa.schema(fields, metadata={f"isomorph.{name}": value for name, value in about.items()})


def batch(outputs: list[Output], columns: Any, answers: Arrays) -> Any:
    """The answers to some rows."""
    pa = pyarrow()
    values = [each for output in outputs for each in _columns(output, answers[output.name])]
    arrays = [
        pa.array(each, field.type, mask=_missing(each) if field.nullable else None)
        for each, field in zip(values, columns, strict=True)
    ]
    return pa.record_batch(arrays, schema=columns)


def _columns(output: Output, values: Array) -> list[Array]:
    if output.width is None:
        return [values]
    return [np.ascontiguousarray(values[:, i]) for i in range(output.width)]


def _missing(values: Array) -> Array:
    found: Array = values == MISSING_TEXT if values.dtype == object else np.isnan(values)
    return found
