"""A Parquet file, page by page: what reading it would cost, before it is read.

A page says how large it becomes, and pyarrow allocates that; a few bytes can say 2 GiB.
Source: github.com/apache/parquet-format, parquet.thrift and Encodings.md.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable

from runtime.errors import MalformedError, TooLargeError
from runtime.ipc_messages import check_schema
from runtime.thrift_compact import BINARY, I32, I64, LIST, STRUCT, Cursor, Found, malformed

MAGIC = b"PAR1"
MAX_FOOTER = 2**23
MAX_CHUNKS = 2**16  # a column of a row group
MAX_PAGES = 2**18
MAX_VALUES = 2**23  # of a page; some encodings keep a number for each
MAX_PAGE = 2**24  # bytes of a page, decompressed
MAX_OPEN = 2**25  # of the pages that are open at a time, one and a dictionary for each column,
MAX_OPEN_EACH = 2**22  # or this for each column, where there are many
DELTA_BYTE_ARRAY = 7
DICTIONARY_PAGE = 2
HEADERS = {5: 2, 7: 2, 8: 4}  # of data, dictionaries and data in version 2: where the encoding is


class _Footer:
    """The column chunks of each row group, as one pass over the metadata finds them."""

    def __init__(self, data: memoryview, columns: int) -> None:
        self.groups: list[list[Found]] = []
        self._chunks, self._columns, self._key = 0, columns, b""
        Cursor(data).struct({(4, LIST): self._row_groups, (5, LIST): self._pairs})

    def _row_groups(self, cursor: Cursor) -> None:
        for _ in range(_structs(cursor)):
            self.groups.append([])
            cursor.struct({(1, LIST): self._columns_of})

    def _columns_of(self, cursor: Cursor) -> None:
        size = _structs(cursor)
        self._chunks += size
        if self._chunks > MAX_CHUNKS:
            raise TooLargeError("there are too many row groups", mend="Write larger ones")
        for _ in range(size):
            cursor.struct({(3, STRUCT): self._chunk})

    def _chunk(self, cursor: Cursor) -> None:
        self.groups[-1].append(cursor.struct(depth=3))

    def _pairs(self, cursor: Cursor) -> None:
        for _ in range(_structs(cursor)):
            self._key = b""
            cursor.struct({(1, BINARY): self._read_key, (2, BINARY): self._read_value})

    def _read_key(self, cursor: Cursor) -> None:
        self._key = bytes(cursor.text()[:64])

    def _read_value(self, cursor: Cursor) -> None:
        value = cursor.text()
        if self._key != b"ARROW:schema":
            return
        try:
            content = base64.b64decode(value, validate=True)
        except binascii.Error:
            raise malformed() from None
        check_schema(memoryview(content), self._columns)


def check_file(content: memoryview, columns: int, release: Callable[[], object]) -> None:
    """Raise MalformedError or TooLargeError unless the file can be read in bounded memory.

    `release` gives back the memory of what has been looked at.
    """
    size = int.from_bytes(content[-8:-4], "little")
    if content[:4] != MAGIC or content[-4:] != MAGIC or size > len(content) - 12:
        raise malformed()
    if size > MAX_FOOTER:
        raise TooLargeError("the file's metadata is too large", mend="Write larger row groups")
    footer = _Footer(content[-8 - size : -8], columns)
    pages = 0
    for group in footer.groups:
        sizes = 0
        for chunk in group:
            count, largest = _pages(content, chunk, release)
            pages, sizes = pages + count, sizes + largest
            if pages > MAX_PAGES:
                raise TooLargeError("there are too many pages", mend="Write larger ones")
        if sizes > max(MAX_OPEN, MAX_OPEN_EACH * len(group)):
            raise _too_large()


def _pages(content: memoryview, chunk: Found, release: Callable[[], object]) -> tuple[int, int]:
    """How many pages there are, and what the largest and the dictionary take together."""
    start, length = chunk.get((9, I64), -1), chunk.get((7, I64), -1)
    dictionary = chunk.get((11, I64), 0)
    start = dictionary if 0 < dictionary < start else start
    if length == 0 or chunk.get((5, I64)) == 0:  # without values no page is read
        return 0, 0
    if start < 0 or not 0 <= length <= len(content) - start:
        raise malformed()
    cursor = Cursor(content[start : start + length])
    count = largest = kept = 0
    while cursor.at < length:
        kind, size = _page(cursor)
        release()
        count += 1
        if kind == DICTIONARY_PAGE:
            kept = max(kept, size)
        else:
            largest = max(largest, size)
        if count > MAX_PAGES:
            break
    return count, kept + largest


def _page(cursor: Cursor) -> tuple[int, int]:
    """A page's type and decompressed size; the cursor goes on to the next."""
    inner: list[tuple[int, Found]] = []
    head = cursor.struct({(form, STRUCT): _into(inner, form) for form in HEADERS})
    size, stored = head.get((2, I32), -1), head.get((3, I32), -1)
    if size < 0 or not 0 <= stored <= len(cursor.data) - cursor.at:
        raise malformed()
    if size > MAX_PAGE:
        raise _too_large()
    for form, each in inner:
        if each.get((1, I32), 0) > MAX_VALUES:
            raise TooLargeError(
                f"a page has over {MAX_VALUES} values", mend="Write smaller pages or row groups"
            )
        if each.get((HEADERS[form], I32)) == DELTA_BYTE_ARRAY:
            # A text of megabytes would repeat in every row at no cost to the sender.
            raise MalformedError(
                "a column is encoded as DELTA_BYTE_ARRAY", mend="Write plain or dictionary pages"
            )
    cursor.at += stored
    return head.get((1, I32), -1), size


def _into(found: list[tuple[int, Found]], form: int) -> Callable[[Cursor], None]:
    return lambda cursor: found.append((form, cursor.struct(depth=1)))


def _structs(cursor: Cursor) -> int:
    size, kind = cursor.size_of_list()
    if kind != STRUCT:
        raise malformed()
    return size


def _too_large() -> TooLargeError:
    return TooLargeError(
        "the pages of the file are too large", mend="Write pages of 1 MiB, and smaller dictionaries"
    )
