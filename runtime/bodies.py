"""Request bodies, bounded in size and in time, decompressed."""

from __future__ import annotations

import asyncio
import math
import tempfile
import zlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import IO

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope

from runtime.errors import MalformedError, TooLargeError, TooSlowError

# Below it a thread costs more than the work; above it other requests must not wait.
INLINE_BYTES = 32 * 2**10
MAX_SECONDS = 30.0  # uvicorn itself waits for ever
BULK_BYTES_A_SECOND = 2**19  # more time for a bulk body of hundreds of megabytes, while it comes
IN_MEMORY = 2**20  # of a bulk body; the rest of it lies on disk

# zlib reads the header to tell gzip from zlib, which HTTP calls deflate (RFC 9110, 8.4.1.2).
_ENCODINGS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


async def read_body(scope: Scope, receive: Receive, most: int) -> bytes:
    """The whole body. Raises TooLargeError, by what is declared or by what arrives, TooSlowError.

    A declared length is checked first and never trusted: what arrives is counted too.
    """
    declared, encoding = _described(scope)
    if declared > most:
        raise _too_large(most)
    first = await receive() if declared == 0 else None
    if first is not None and not first.get("more_body", False):
        return _decompressed(first.get("body", b""), encoding, most)
    chunks: list[bytes] = [] if first is None else [first.get("body", b"")]
    size = sum(map(len, chunks))
    async for chunk in _chunks(receive):
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        chunks.append(chunk)
    return _decompressed(chunks[0] if len(chunks) == 1 else b"".join(chunks), encoding, most)


@asynccontextmanager
async def bulk_body(scope: Scope, receive: Receive, most: int) -> AsyncIterator[IO[bytes]]:
    """The body as a file, from its start. Raises as `read_body`, and MalformedError."""
    declared, encoding = _described(scope)
    if declared > most:
        raise _too_large(most)
    if encoding:
        raise MalformedError("a bulk body is compressed", mend="Use the format's own compression")
    size = 0
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as file:
        async for chunk in _chunks(receive, BULK_BYTES_A_SECOND):
            size += len(chunk)
            if size > most:
                raise _too_large(most)
            await run_in_threadpool(file.write, chunk)
        file.seek(0)
        yield file


def _described(scope: Scope) -> tuple[int, str]:
    """The declared length (0: none), and the compression (empty: none)."""
    length, encoding = 0, ""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            length = int(value[:20])
        elif name == b"content-encoding":
            encoding = value.decode("latin-1").strip().lower()
    return length, "" if encoding == "identity" else encoding


async def _chunks(receive: Receive, rate: float = math.inf) -> AsyncIterator[bytes]:
    """MAX_SECONDS for all of them, and longer for as many bytes a second as `rate` says."""
    due = asyncio.get_running_loop().time() + MAX_SECONDS
    try:
        async with asyncio.timeout_at(due) as limit:
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise MalformedError("the body was cut short")  # for the log: nobody listens
                chunk = message.get("body", b"")
                due += len(chunk) / rate
                limit.reschedule(due)
                yield chunk
                more = message.get("more_body", False)
    except TimeoutError as error:
        raise TooSlowError(f"the body took over {MAX_SECONDS:g} seconds") from error


def _decompressed(body: bytes, encoding: str, most: int) -> bytes:
    if not encoding:
        return body
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
