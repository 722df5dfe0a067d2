"""uvicorn's HTTP protocol, with a deadline for requests and one write for each answer.

uvicorn itself waits for a request for ever, and writes an answer's head and body apart: the second
system call costs about as much as a small model does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from runtime.http1 import Http1
from runtime.leaving import Leaving

SECONDS = 9.0
"""From a connection, or from a request's first byte, to the end of its headers and body."""
BYTES_PER_SECOND = 2**16
"""What a large body must come with at least; each of these bytes earns it time."""
LOOK_SECONDS = 0.5
_SAID = b"the request took too long"
_SLOW = b"HTTP/1.1 408 Request Timeout\r\ncontent-type: text/plain\r\nconnection: close\r\n" + (
    b"content-length: %d\r\n\r\n%s" % (len(_SAID), _SAID)
)
_OPEN: set[Protocol] = set()


class _OneWrite:
    """A transport whose first write waits for the second."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._head: bytes | None = None
        self._joined = False
        self.is_closing = transport.is_closing

    def write(self, data: bytes) -> None:
        """The head waits; the body takes it along; what follows goes as it comes."""
        if self._joined:
            self._transport.write(data)
        elif self._head is None:
            self._head = data
        else:
            self._transport.write(self._head + data)
            self._head, self._joined = None, True

    def complete(self) -> None:
        """The answer is whole; the next write is the head of another."""
        if self._head is not None:  # it had no body
            self._transport.write(self._head)
            self._head = None
        self._joined = False

    def close(self) -> None:
        """Close, when everything is written."""
        self.complete()
        self._transport.close()


class Protocol(Http1):
    """Notes when a request began and what came of it; `deadlines` closes those that are late.

    A timer for each request would cost more than all of this.
    """

    began: float | None = None
    """When what is due now began (monotonic); None where nothing is due from the client."""
    received = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client came: its first request is due."""
        super().connection_made(transport)
        self._answers = _OneWrite(transport)
        self.began = time.monotonic()
        _OPEN.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The client went."""
        _OPEN.discard(self)
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self.began, self.received = time.monotonic(), 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The application is about to run."""
        super().on_headers_complete()
        if self.cycle is not None:  # not where the connection becomes a WebSocket
            self.cycle.transport = self._answers  # type: ignore[assignment]
            if Leaving.now:
                self.cycle.keep_alive = False

    def on_response_complete(self) -> None:
        """An answer is whole."""
        self._answers.complete()
        super().on_response_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self.received += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there; what takes long now is ours."""
        self.began = None
        super().on_message_complete()

    def late(self, now: float) -> bool:
        """Whether what is due took too long."""
        if self.began is None:
            return False
        return now - self.began > SECONDS + self.received / BYTES_PER_SECOND

    def give_up(self) -> None:
        """Say 408 where a request is half there and nothing was answered yet; close."""
        half = self.cycle is not None and not self.cycle.response_complete
        if half and not self.cycle.response_started:
            self.transport.write(_SLOW)
        self.transport.close()


@asynccontextmanager
async def deadlines() -> AsyncIterator[None]:
    """While this lasts, connections that are late are closed."""
    task = asyncio.create_task(_sweep())
    try:
        yield
    finally:
        task.cancel()


async def _sweep() -> None:
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        now = time.monotonic()
        for connection in [each for each in _OPEN if each.late(now)]:
            connection.give_up()
