"""Request bodies, bounded in size, decompressed."""

from __future__ import annotations

import tempfile
import zlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Receive

from runtime.bounds import SLOW_BYTES
from runtime.door import Call, media_type_of
from runtime.errors import MalformedError, TooLargeError
from runtime.large import Large
from runtime.media import JSON_BODIES

# Below it a thread costs more than the work; above it other requests must not wait. What is not
# JSON or plain bytes is read by slower means.
INLINE_BYTES = 2**18
SMALL_COMPRESSED = 2**10  # becomes a megabyte at most, which takes a millisecond
MAX_RATIO = 1032  # of deflate (zlib.net/zlib_tech.html)
IN_MEMORY = 2**20  # of a bulk body; the rest of it lies on disk

Headers = Mapping[bytes, bytes]
"""By name, in lower case."""

# zlib reads the header to tell gzip from zlib, which HTTP calls deflate (RFC 9110, 8.4.1.2).
_ENCODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


async def read_body(call: Call, receive: Receive, large: Large) -> bytes:
    """The whole body. Raises TooLargeError, by what is declared or by what arrives; BusyError.

    A declared length is checked first and never trusted: what arrives is counted too. How long it
    may take is the connection's affair (`runtime.protocol`).
    """
    most = call.settings.max_body
    encoding = _checked(call.headers, most)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message.get("more_body", False) or message["type"] == "http.disconnect":
        if not inline(max(len(body), declared(call.headers)), call.headers):
            large.check()
        chunks = []
        async for chunk in _chunks(message, receive, most):
            large.hold(call, len(chunk))
            chunks.append(chunk)
        body = b"".join(chunks)
    if not encoding:
        return body
    if len(body) < SMALL_COMPRESSED:
        return _decompressed(body, encoding, most)
    large.hold(call, min(most, MAX_RATIO * len(body)))
    return await run_in_threadpool(_decompressed, body, encoding, most)


@asynccontextmanager
async def bulk_body(headers: Headers, receive: Receive, most: int) -> AsyncIterator[IO[bytes]]:
    """The body as a file, from its start. Raises as `read_body`, and MalformedError."""
    if _checked(headers, most):
        raise MalformedError("a bulk body is compressed", mend="Use the format's own compression")
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        async for chunk in _chunks(await receive(), receive, most):
            await run_in_threadpool(file.write, chunk)
        file.seek(0)
        yield file


def _checked(headers: Headers, most: int) -> str:
    """The compression, empty for none. Raises TooLargeError for what is declared."""
    if declared(headers) > most:
        raise _too_large(most)
    encoding = headers.get(b"content-encoding", b"").decode("latin-1").strip().lower()
    return "" if encoding == "identity" else encoding


def inline(size: int, headers: Headers) -> bool:
    """Whether a body of so many bytes is answered on the event loop."""
    return size <= (INLINE_BYTES if media_type_of(headers) in JSON_BODIES else SLOW_BYTES)


def declared(headers: Headers) -> int:
    """Bytes of the body, as its head says; 0 where it does not."""
    length = headers.get(b"content-length", b"0")
    return int(length[:20]) if length.isdigit() else 0


async def _chunks(message: Message, receive: Receive, most: int) -> AsyncIterator[bytes]:
    """What a message brings, and those after it."""
    size = 0
    while True:
        if message["type"] == "http.disconnect":
            raise MalformedError("the body was cut short")  # for the log: nobody listens
        chunk = message.get("body", b"")
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        yield chunk
        if not message.get("more_body", False):
            return
        message = await receive()


def _decompressed(body: bytes, encoding: str, most: int) -> bytes:
    if encoding not in _ENCODINGS:
        raise MalformedError("the body has another Content-Encoding", mend="Send gzip or deflate")
    reader = zlib.decompressobj(_ENCODINGS[encoding])
    try:
        found = reader.decompress(body, most + 1)
    except zlib.error as error:
        raise MalformedError(f"the body is not {encoding}") from error
    if len(found) > most:
        raise _too_large(most)
    if not reader.eof or reader.unused_data:
        raise MalformedError(f"the body is not one whole {encoding} stream")
    return found


def _too_large(most: int) -> TooLargeError:
    return TooLargeError(f"the body is over {most} bytes", mend="Send fewer rows at a time")
