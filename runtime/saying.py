"""Answers as they go: headers, compression where it was asked for, files piece by piece."""

from __future__ import annotations

import asyncio
import zlib
from typing import IO, Any

from starlette.concurrency import run_in_threadpool
from starlette.types import Message, Send

from runtime.door import Call, Reply

CHUNK = 2**18  # bytes of a file that are sent at a time
STALLED_SECONDS = 30.0  # in which a client must take one of them
COMPRESSED_FROM = 512  # bytes; shorter answers gain nothing
ENCODINGS = (b"gzip", b"deflate")  # of answers


async def send_reply(reply: Reply, call: Call, send: Send, identity: bytes) -> None:
    """Send an answer, whole or as the file is read."""
    headers = [
        (b"content-type", reply.media_type.encode("latin-1")),
        (b"x-request-id", identity),
        *((name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers),
    ]
    if not isinstance(reply.body, bytes):
        await _send_file(reply.status, headers, reply.body, send)
        return
    body = reply.body
    encoding = call.headers.get(b"accept-encoding")
    if encoding in ENCODINGS and len(body) >= COMPRESSED_FROM and reply.status < 400:
        # Asked for alone, it is meant; clients name several out of habit, and it costs time.
        # An error stays plain: Triton's client reads it without looking at its encoding.
        body = await run_in_threadpool(_compressed, body, encoding)
        headers.append((b"content-encoding", encoding))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _compressed(body: bytes, encoding: bytes) -> bytes:
    writer = zlib.compressobj(6, wbits=31 if encoding == b"gzip" else 15)
    return writer.compress(body) + writer.flush()


async def _send_file(status: int, headers: list[Any], file: IO[bytes], send: Send) -> None:
    """Piece by piece: the file may be larger than what memory should hold."""
    with file:
        length = file.seek(0, 2)
        file.seek(0)
        headers.append((b"content-length", str(length).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        more = True
        while more:
            piece = await run_in_threadpool(file.read, CHUNK)
            more = len(piece) == CHUNK
            message: Message = {"type": "http.response.body", "body": piece, "more_body": more}
            try:
                async with asyncio.timeout(STALLED_SECONDS):
                    await send(message)
            except TimeoutError:  # the server cuts off what is left half sent
                return
