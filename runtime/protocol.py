"""uvicorn's HTTP protocol, with limits before the application and one write for each answer.

uvicorn itself waits for a request for ever, takes headers of any size, and writes an answer's head
and body apart: the second system call costs about as much as a small model does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from runtime.bounds import ARRIVED, SHED
from runtime.http1 import Http1
from runtime.leaving import Leaving
from runtime.refusals import (
    LATE,
    NOT_HTTP,
    SURPLUS,
    RefusedError,
    check_head,
    long_address,
    long_head,
)
from runtime.settings import Settings

LOOK_SECONDS = 0.5
LINGER_SECONDS = 1.0
"""How long what a client still sends is dropped after its answer: closed at once, with bytes
unread, TCP would take the answer back."""
REST_SECONDS = 1.0
"""How long a connection is not read after it was told to come later: a client that asks again at
once would otherwise take the time of those that are answered."""
_OPEN: set[Protocol] = set()


class _OneWrite:
    """A transport whose first write waits for the second."""

    def __init__(self, transport: asyncio.Transport, close: Callable[[], None]) -> None:
        self._transport, self._close = transport, close
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
        self._close()


class Protocol(Http1):
    """Notes when a request began and what came of it; `deadlines` closes those that are late.

    A timer for each request would cost more than all of this.
    """

    received = 0
    """Bytes of the body."""
    _read = 0
    """Bytes of the latest read."""
    _heard = _first = 0
    """Bytes of the reads that were no body, since a request began; and of the first of them, which
    may be another request's in part."""
    _refused: RefusedError | None = None
    _last_words = b""
    _surplus = False
    _drops = False
    """Whether what comes is dropped, because all is said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.settings: Settings = self.app_state.get("settings") or Settings(artifacts=Path())
        self._most_heard = self.settings.max_header_bytes + self.settings.max_url

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client came: its first request is due."""
        super().connection_made(transport)
        self._answers = _OneWrite(transport, self._hang_up)
        self.began = time.monotonic()
        _OPEN.add(self)
        surplus = len(self.connections) - self.settings.max_connections
        self._surplus = self.deaf = surplus > 0
        if surplus > self.settings.max_connections:
            self._say(SURPLUS)  # too many to wait for what they want

    def connection_lost(self, exc: Exception | None) -> None:
        """The client went."""
        _OPEN.discard(self)
        super().connection_lost(exc)

    def parse(self, data: bytes) -> None:
        """Read it as HTTP, and no more of it than is allowed."""
        if self._drops:
            return
        if self._surplus:
            self._say(SURPLUS)
            return
        self._read, before = len(data), self.received
        super().parse(data)
        if self.began is not None and self.received == before:
            # Neither a whole request nor a part of a body: a header, or a trailer, without end.
            self._heard += self._read
            if self._heard - self._first > self._most_heard and not self._drops:
                self._say(long_head(self.settings).answer)

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words
        """The parser stopped: at what is no HTTP, or at what was refused here."""
        self._say(NOT_HTTP if self._refused is None else self._refused.answer)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self.began, self.received = time.monotonic(), 0
        self._heard, self._first = 0, self._read
        super().on_message_begin()

    def on_url(self, url: bytes) -> None:
        """A part of the address."""
        self.url += url
        if len(self.url) > self.settings.max_url:
            self._refused = long_address(self.settings)
            raise self._refused

    def on_headers_complete(self) -> None:
        """The application is about to run."""
        try:
            version, at_most = self.parser.get_http_version(), self._heard + self._read
            check_head(version, self.headers, at_most, self.settings)
        except RefusedError as refused:
            self._refused = refused
            raise
        super().on_headers_complete()

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        cycle.transport = self._answers
        if Leaving.now:
            cycle.keep_alive = False
        super()._start_asgi_task(cycle, app)

    def on_response_complete(self) -> None:
        """An answer is whole."""
        self._answers.complete()
        super().on_response_complete()
        if self._last_words and self.cycle.response_complete:
            self.transport.write(self._last_words)
            self._linger()
        elif SHED in self.cycle.scope and not self._drops:
            self.flow.pause_reading()
            self.loop.call_later(REST_SECONDS, self._read_on)

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self.received += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is there; what takes long now is ours."""
        self.began = None
        self.scope[ARRIVED] = time.perf_counter()  # type: ignore[literal-required]
        super().on_message_complete()

    def late(self, now: float) -> bool:
        """Whether what is due took too long."""
        if self.began is None:
            return self.answered is not None and now - self.answered > self.timeout_keep_alive
        if self._drops:
            return now - self.began > LINGER_SECONDS
        earned = self.received / self.settings.receive_rate
        return now - self.began > self.settings.receive_seconds + earned

    def give_up(self) -> None:
        """Say 408 where a request is half there and nothing was answered yet; close."""
        asked = self.cycle is not None and not self.cycle.response_complete
        half = self.holds or (asked and not self.cycle.response_started)
        if half and not self._drops:
            self._refuse(LATE)
        self.transport.close()

    def _say(self, answer: bytes) -> None:
        """The last that the client gets, behind the answers to what it asked before."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            self._refuse(answer)
        elif not cycle.more_body:
            self._drops = self.deaf = True
            self.began, self._last_words = None, answer
            return
        elif not cycle.response_started and not self.pipeline:
            cycle.disconnected = True  # this is its answer
            self.transport.write(answer)
        self._linger()

    def _refuse(self, answer: bytes) -> None:
        self.transport.write(answer)
        if self.cycle is None or self.cycle.response_complete:  # else it is counted there
            refused = getattr(self.app, "refused", None)
            if refused is not None:
                refused(int(answer[9:12]))  # HTTP/1.1 and a blank stand before the status

    def _hang_up(self) -> None:
        """Close when everything is written, and nothing is on its way from the client."""
        if self.began is None or self.pipeline:
            self.transport.close()
        else:
            self._linger()

    def _linger(self) -> None:
        self._drops = self.deaf = True
        self.began = time.monotonic()
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.transport.can_write_eof():
            self.transport.write_eof()

    def _read_on(self) -> None:
        if not self.transport.is_closing():
            self.flow.resume_reading()


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
