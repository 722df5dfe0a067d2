"""Thrift's compact protocol, read without building anything: numbers kept, the rest counted.

Source: github.com/apache/thrift, doc/specs/thrift-compact-protocol.md.
"""

from __future__ import annotations

from collections.abc import Callable

from runtime.errors import MalformedError, TooLargeError

TRUE, FALSE, BYTE, I16, I32, I64, DOUBLE, BINARY, LIST, SET, MAP, STRUCT = range(1, 13)
MAX_DEPTH = 24
MAX_STRUCTS = 2**18  # each costs its reader about 100 bytes, up to 1,000

Found = dict[tuple[int, int], int]
"""Numbers of a struct by field and type: a reader ignores a field of a type it does not expect."""
Reads = dict[tuple[int, int], "Callable[[Cursor], None]"]
"""What reads a struct, or a list, of a field; the others are skipped."""


class Cursor:
    """A place in the bytes, and how much has been met on the way."""

    def __init__(self, data: memoryview, at: int = 0) -> None:
        self.data, self.at = data, at
        self._structs = 0

    def struct(self, reads: Reads | None = None, depth: int = 0) -> Found:
        """The numbers of a struct. Raises MalformedError, TooLargeError."""
        self._structs += 1
        if depth > MAX_DEPTH or self._structs > MAX_STRUCTS:
            raise TooLargeError("the file's metadata is too large", mend="Write larger row groups")
        found: Found = {}
        field = 0
        while (head := self._byte()) != 0:
            kind = head & 15
            field = field + (head >> 4) if head >> 4 else self._signed(16)
            read = None if reads is None else reads.get((field, kind))
            if read is not None:
                read(self)
            elif BYTE < kind <= I64:
                found[field, kind] = self._signed(64 if kind == I64 else 32)
            elif kind > FALSE:
                self._skip(kind, depth)
        return found

    def size_of_list(self) -> tuple[int, int]:
        """How many elements, and of which type."""
        head = self._byte()
        size = head >> 4 if head >> 4 < 15 else self._unsigned()
        if size > len(self.data) - self.at:  # an element takes a byte at least
            raise malformed()
        return size, head & 15

    def text(self) -> memoryview:
        """A text, or bytes."""
        size = self._unsigned()
        if size > len(self.data) - self.at:
            raise malformed()
        self.at += size
        return self.data[self.at - size : self.at]

    def _skip(self, kind: int, depth: int) -> None:
        if kind == BINARY:
            self.text()
        elif kind in (LIST, SET):
            size, kind = self.size_of_list()
            for _ in range(size):
                self._skip(kind, depth + 1)
        elif kind == MAP:
            size = self._unsigned()
            kinds = self._byte() if size else 0
            for _ in range(size):
                self._skip(kinds >> 4, depth + 1)
                self._skip(kinds & 15, depth + 1)
        elif kind == STRUCT:
            self.struct(depth=depth + 1)
        elif kind in (I16, I32, I64):
            self._unsigned()
        elif kind in (TRUE, FALSE, BYTE, DOUBLE):
            self.at += 8 if kind == DOUBLE else 1
        else:
            raise malformed()

    def _byte(self) -> int:
        if self.at >= len(self.data):
            raise malformed()
        self.at += 1
        return self.data[self.at - 1]

    def _unsigned(self) -> int:
        value = shift = 0
        while shift < 70:
            byte = self._byte()
            value |= (byte & 127) << shift
            if byte < 128:
                return value
            shift += 7
        raise malformed()

    def _signed(self, bits: int) -> int:
        """Zigzag. A reader would cut off what is beyond `bits`, and go on with another number."""
        value = self._unsigned()
        if value >> bits:
            raise malformed()
        return (value >> 1) ^ -(value & 1)


def malformed() -> MalformedError:
    """What is wrong with a body that cannot be followed."""
    return MalformedError("the body is not a Parquet file, or it is cut short")
