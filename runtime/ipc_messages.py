"""An Arrow IPC stream, message by message: what reading it would cost, before it is read.

A message may say that a buffer decompresses to terabytes, or refer to one name, or one field, a
million times; pyarrow would allocate it. Here only offsets and lengths are read, none is trusted.
Source: github.com/apache/arrow, format/Message.fbs and Schema.fbs; flatbuffers.dev, "Internals".
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bundle.errors import InputError
from runtime.errors import MalformedError, TooLargeError

CONTINUATION = 0xFFFFFFFF
MAX_METADATA = 2**22  # bytes of a message without its body
MAX_BATCH = 2**25  # bytes of a batch, or of all dictionaries, after decompression
SCHEMA, DICTIONARY, RECORDS = 1, 2, 3

Content = memoryview


@dataclass(frozen=True)
class Message:
    """The header of a message, its kind, and the body that follows it."""

    kind: int
    header: Table
    custom: Iterator[Table]
    body: Content


class Table:
    """A flatbuffers table: fields by number, absent ones 0."""

    def __init__(self, data: Content, at: int) -> None:
        self.data, self.at = data, at
        self._fields = at - _read("<i", data, at)
        self._size = _read("<H", data, self._fields)

    def field(self, number: int) -> int:
        """Where a field stands; 0 where it is absent."""
        slot = 4 + 2 * number
        if slot + 2 > self._size:
            return 0
        offset = _read("<H", self.data, self._fields + slot)
        return self.at + offset if offset else 0

    def number(self, number: int, form: str) -> int:
        """A number."""
        at = self.field(number)
        return _read(form, self.data, at) if at else 0

    def table(self, number: int) -> Table | None:
        """A table."""
        at = self.field(number)
        return Table(self.data, at + _read("<I", self.data, at)) if at else None

    def vector(self, number: int) -> tuple[int, int]:
        """How many elements a vector, or bytes a text, has, and where the first stands."""
        at = self.field(number)
        if not at:
            return 0, 0
        at += _read("<I", self.data, at)
        count = _read("<I", self.data, at)
        if count > len(self.data):
            raise _malformed()
        return count, at + 4

    def tables(self, number: int) -> Iterator[Table]:
        """A vector of tables."""
        count, first = self.vector(number)
        for at in range(first, first + 4 * count, 4):
            yield Table(self.data, at + _read("<I", self.data, at))


def check_stream(content: Content, columns: int, release: Callable[[], object]) -> None:
    """Raise MalformedError or TooLargeError unless the stream can be read in bounded memory.

    `release` gives back the memory of what has been looked at.
    """
    dictionaries: dict[int, int] = {}
    first = True
    for message in _messages(content):
        if first != (message.kind == SCHEMA):
            raise _malformed()
        first = False
        _check_texts(message.custom, MAX_METADATA)
        if message.kind == SCHEMA:
            _check_schema(message.header, columns)
        elif message.kind == RECORDS:
            _check_size(_decompressed(message.header, message.body))
        elif message.kind == DICTIONARY:
            _check_dictionary(message, dictionaries)
        else:
            raise _malformed()
        release()
    if first:
        raise _malformed()


def _messages(content: Content) -> Iterator[Message]:
    at = 0
    while True:
        if _read("<I", content, at) != CONTINUATION:
            raise _malformed()
        size = _read("<I", content, at + 4)
        at += 8
        if size == 0:
            break
        if size > min(MAX_METADATA, len(content) - at):
            raise _malformed()
        metadata = content[at : at + size]
        message = Table(metadata, _read("<I", metadata, 0))
        header, length = message.table(2), message.number(3, "<q")
        at += size
        if header is None or not 0 <= length <= len(content) - at:
            raise _malformed()
        kind = message.number(1, "<B")
        yield Message(kind, header, message.tables(4), content[at : at + length])
        at += length
    if at != len(content):
        raise MalformedError("something follows the end of the stream", mend="Send one stream")


def check_schema(content: Content, columns: int) -> None:
    """The same for the schema that pyarrow writes into a Parquet file."""
    for message in _messages(content):
        if message.kind != SCHEMA:
            raise _malformed()
        _check_texts(message.custom, MAX_METADATA)
        _check_schema(message.header, columns)
        return
    raise _malformed()


def _check_schema(schema: Table, columns: int) -> None:
    if schema.number(0, "<h") != 0:
        raise MalformedError("the stream is big-endian", mend="Write it as little-endian")
    count, _ = schema.vector(1)
    if count > 2 * columns + 100:  # a few too many are named one by one later
        raise MalformedError(f"there are {count} columns", mend=f"Send {columns}")
    left = _check_texts(schema.tables(2), MAX_METADATA)
    for field in schema.tables(1):
        # Children may be shared, level by level, into more fields than memory holds.
        if field.vector(5)[0]:
            size, at = field.vector(0)
            raise InputError(
                "numbers or texts are due here",
                column=bytes(field.data[at : at + size]).decode("utf-8", "replace"),
                mend="Send no lists and no structs",
            )
        left = _check_texts(field.tables(6), left - field.vector(0)[0])


def _check_texts(pairs: Iterator[Table], left: int) -> int:
    """What is left of so many bytes after these keys and values, each counted where it is used."""
    for pair in pairs:
        left -= 8 + pair.vector(0)[0] + pair.vector(1)[0]
        if left < 0:
            break
    if left < 0:
        raise TooLargeError("the names and metadata are too long", mend="Write fewer")
    return left


def _check_dictionary(message: Message, sizes: dict[int, int]) -> None:
    records = message.header.table(1)
    if records is None:
        raise _malformed()
    if message.header.number(2, "<B"):
        # Each is joined to all before it, in memory.
        raise MalformedError("a dictionary is sent in parts", mend="Send it whole, or plain text")
    sizes[message.header.number(0, "<q")] = _decompressed(records, message.body)
    _check_size(sum(sizes.values()))


def _check_size(size: int) -> None:
    if size > MAX_BATCH:
        raise TooLargeError(
            f"a batch decompresses to over {MAX_BATCH} bytes",
            mend="Write fewer rows in a batch, or do not compress",
        )


def _decompressed(records: Table, body: Content) -> int:
    """Bytes that the buffers of a batch decompress to; 0 where none is compressed."""
    views, first = records.vector(4)
    buffers, at = records.vector(2)
    for view in range(first, first + 8 * views, 8):
        if not 0 <= _read("<q", records.data, view) <= buffers:
            raise _malformed()
    if records.table(3) is None:
        return 0
    total = 0
    for place in range(at, at + 16 * buffers, 16):
        offset, length = _read("<q", records.data, place), _read("<q", records.data, place + 8)
        if length:
            size = _read("<q", body, offset)
            total += length if size == -1 else size
            if size < -1:
                raise _malformed()
    return total


def _read(form: str, data: Content, at: int) -> int:
    if at < 0:
        raise _malformed()
    try:
        found: int = struct.unpack_from(form, data, at)[0]
    except struct.error:
        raise _malformed() from None
    return found


def _malformed() -> MalformedError:
    return MalformedError(
        "the body is not an Arrow IPC stream, or it is cut short",
        mend="Write the stream format, not the file format, and close the writer",
    )
