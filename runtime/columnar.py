"""Arrow IPC streams and Parquet files: rows out of them in batches, answers into them.

Bounded memory whatever the file says: it is mapped and not read, a batch has at most ROWS rows,
CELLS values and TEXT_BYTES of text, and pages are given back after each. What a hostile file could
make pyarrow itself allocate is counted before (`runtime.ipc_messages`, `runtime.parquet_pages`).
"""

from __future__ import annotations

import io
import mmap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import IO, Any

from bundle.arrays import Arrays
from bundle.errors import InputError
from bundle.signature import Signature
from runtime.arrow import pyarrow
from runtime.arrow_arrays import check_schema, text_bytes, to_blocks
from runtime.errors import MalformedError
from runtime.ipc_messages import check_stream
from runtime.parquet_pages import check_file

ROWS = 8192
CELLS = 2**20  # values of a batch, in and out
TEXT_BYTES = 2**23  # of a batch; one row may not have more
MAX_STRING = 2**24  # bytes of a name or of metadata in a Parquet footer
MAX_LIST = 2**18  # elements of a list in it
MAX_DEPTH = 16  # of the schema; a table of columns has 1

Batches = Iterator[Any]
Release = Callable[[], object]
"""Gives back the memory of what has been read: the kernel has it still, this process need not."""


def read_stream(signature: Signature, file: IO[bytes]) -> Iterator[Arrays]:
    """The rows of an Arrow IPC stream, in batches.

    Raises InputError with row and column, MalformedError, TooLargeError, MediaTypeError.
    Source: arrow.apache.org, Columnar.html, "IPC Streaming Format".
    """
    return _read(signature, file, _stream)


def read_parquet(signature: Signature, file: IO[bytes]) -> Iterator[Arrays]:
    """The rows of a Parquet file, in batches.

    Raises InputError with row and column, MalformedError, TooLargeError, MediaTypeError.
    Source: github.com/apache/parquet-format.
    """
    return _read(signature, file, _parquet)


def batch_rows(signature: Signature) -> int:
    """Rows of a batch; fewer where a row is wide."""
    widths = [1 if output.width is None else output.width for output in signature.outputs]
    return max(1, min(ROWS, CELLS // max(len(signature.columns), sum(widths))))


@contextmanager
def counted_from(start: int) -> Iterator[None]:
    """Rows in errors count from `start`."""
    try:
        yield
    except MalformedError:
        raise
    except InputError as error:
        if error.row is None or start == 0:
            raise
        raise InputError(
            error.fault, row=error.row + start, column=error.column, mend=error.mend
        ) from error


def _read(
    signature: Signature, file: IO[bytes], opened: Callable[[Signature, Any, Release], Batches]
) -> Iterator[Arrays]:
    pa = pyarrow()
    content, release = _mapped(file)
    with _translated(pa):
        batches = opened(signature, pa.py_buffer(content), release)
    pieces = _pieces(signature, _each(pa, batches))
    start = 0
    while True:
        with counted_from(start):
            piece = next(pieces, None)
            if piece is None:
                return
            with _translated(pa):
                blocks = to_blocks(signature, piece)
        start += piece.num_rows
        yield blocks
        del blocks, piece
        release()


def _stream(signature: Signature, buffer: Any, release: Release) -> Batches:
    pa = pyarrow()
    check_stream(memoryview(buffer).cast("B"), len(signature.columns), release)
    options = pa.ipc.IpcReadOptions(use_threads=False)
    reader = pa.ipc.open_stream(pa.BufferReader(buffer), options=options)
    check_schema(signature, reader.schema)
    return iter(reader)


def _parquet(signature: Signature, buffer: Any, release: Release) -> Batches:
    check_file(memoryview(buffer).cast("B"), len(signature.columns), release)
    described = _parquet_file(buffer)
    check_schema(signature, described.schema_arrow)
    # Read as dictionaries, or a text of megabytes would be copied into each row that has it.
    texts = [column.name for column in signature.columns if column.kind == "text"]
    file = _parquet_file(buffer, metadata=described.metadata, read_dictionary=texts)
    return _all_rows(file, batch_rows(signature))


def _parquet_file(buffer: Any, **options: Any) -> Any:
    pa = pyarrow()
    return pa.parquet.ParquetFile(
        pa.BufferReader(buffer),
        pre_buffer=False,
        thrift_string_size_limit=MAX_STRING,
        thrift_container_size_limit=MAX_LIST,
        schema_depth_limit=MAX_DEPTH,
        arrow_extensions_enabled=False,
        **options,
    )


def _all_rows(file: Any, rows: int) -> Batches:
    """As many rows as the file says, or none are right."""
    due = file.metadata.num_rows
    for batch in file.iter_batches(rows, use_threads=False):
        due -= batch.num_rows
        yield batch
    if due:
        raise MalformedError("the file says that it has another number of rows")


def _mapped(file: IO[bytes]) -> tuple[mmap.mmap | bytes, Release]:
    try:
        file.flush()
        content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except io.UnsupportedOperation:  # it lies in memory
        return file.read(), lambda: None
    except ValueError as error:
        raise MalformedError("the body is empty") from error
    if not hasattr(content, "madvise"):  # Windows
        return content, lambda: None
    return content, partial(content.madvise, mmap.MADV_DONTNEED)


def _each(pa: Any, batches: Batches) -> Batches:
    while True:
        with _translated(pa):
            batch = next(batches, None)
            if batch is None:
                return
            batch.validate()
        yield batch


def _pieces(signature: Signature, batches: Batches) -> Batches:
    rows = batch_rows(signature)
    texts = [column.name for column in signature.columns if column.kind == "text"]
    for batch in batches:
        for start in range(0, batch.num_rows, rows):
            yield from _small(batch.slice(start, rows), texts)


def _small(batch: Any, texts: list[str]) -> Batches:
    if sum(text_bytes(batch.column(name)) for name in texts) <= TEXT_BYTES:
        yield batch
    elif batch.num_rows == 1:
        raise InputError(f"the row has over {TEXT_BYTES} bytes of text", row=0)
    else:
        half = batch.num_rows // 2
        yield from _small(batch.slice(0, half), texts)
        yield from _small(batch.slice(half), texts)


@contextmanager
def _translated(pa: Any) -> Iterator[None]:
    """Whatever pyarrow finds wrong is in the body: its own words may repeat what was sent."""
    try:
        yield
    except InputError:
        raise
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise MalformedError(
            "the body is not what its Content-Type says, or it is cut short",
            mend="Send a whole Arrow IPC stream, or a whole Parquet file",
        ) from error
