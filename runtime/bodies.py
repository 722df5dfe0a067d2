"""Request bodies, bounded in size and in time."""

from __future__ import annotations

import asyncio

from starlette.requests import ClientDisconnect, Request

from runtime.errors import MalformedError, TooLargeError, TooSlowError

MAX_BYTES = 16 * 2**20
# Below it a thread costs more than the work; above it other requests must not wait.
INLINE_BYTES = 32 * 2**10
MAX_SECONDS = 30.0  # uvicorn itself waits for ever


async def body_of(request: Request) -> bytes:
    """The whole body. Raises TooLargeError, by what is declared or by what arrives, TooSlowError.

    A declared length is checked first and never trusted: what arrives is counted too.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > MAX_BYTES:
        raise _too_large()
    if request.headers.get("content-encoding", "identity") != "identity":
        raise MalformedError("the body is compressed", mend="Send it without Content-Encoding")
    try:
        async with asyncio.timeout(MAX_SECONDS):
            return await _read(request)
    except ClientDisconnect as error:
        raise MalformedError("the body was cut short") from error  # for the log: nobody listens
    except TimeoutError as error:
        raise TooSlowError(f"the body took over {MAX_SECONDS:g} seconds") from error


async def _read(request: Request) -> bytes:
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > MAX_BYTES:
            raise _too_large()
        chunks.append(chunk)
    return chunks[0] if len(chunks) == 1 else b"".join(chunks)


def _too_large() -> TooLargeError:
    return TooLargeError(f"the body is over {MAX_BYTES} bytes", mend="Send fewer rows at a time")
