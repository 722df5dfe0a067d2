"""Requests that are answered while they are read: no task, no event, no ASGI messages.

A small model answers in about 10 microseconds, and uvicorn's way to an application and back takes
ten times as long. So a POST whose length is known is held back until it is whole, and offered to
the application's `begin`, which takes or declines it; what it declines goes uvicorn's way, from the
start. Those that were read in one turn of the event loop take each step together: decode, run,
answer (docs/decisions/0012).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from http import HTTPStatus
from typing import Any, Protocol

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from runtime.heads import Head, Heads, alone
from runtime.leaving import Leaving

Headers = tuple[tuple[str, str], ...]
Answer = tuple[int, Headers, bytes, bytes, bool]
"""Status, headers but those that all answers have, the request's id, content, whether it says that
there are too many."""
MAX_TOGETHER = 32
"""Requests that take their steps together: the first has its answer when all have theirs."""
MAX_TOGETHER_BYTES = 2**15
"""Of such requests: what takes long by itself gains nothing."""
MAX_KEPT = 2**25
"""Bytes of bodies that are awaited outside the application, which bounds the others."""
MOST_MORE = 2**16
"""Bytes that are read of a connection while an answer to it is due, about."""
_CLOSE = ("Connection", "close")
_HEADS = Heads()


class Step(Protocol):
    """A request that is decoded."""

    here: bool
    """Whether the event loop does all that is left."""

    def run(self, loop: asyncio.AbstractEventLoop, ready: Callable[[], None]) -> bool:
        """Run the model, so that `answer` may be asked; if not, `ready` is called once it may."""

    def answer(self) -> Answer | None:
        """None where there is none, since the process is about to end."""


class AtOnce(HttpToolsProtocol):
    """Holds a request back while it is read, and answers it there where it can."""

    began: float | None = None
    """When what is due now began (monotonic); None where nothing is due from the client."""
    answered: float | None = None
    """When the connection fell silent after such an answer (monotonic)."""
    deaf = False
    """Whether what comes is not to be answered."""
    _head: Head | None = None
    """Of a request that is held back."""
    _held = b""
    """Its body so far."""
    _kept = 0
    """Bytes that it counts for in `kept`."""
    kept = 0
    """Bytes of all bodies that are awaited so."""
    _data = b""
    """What is read now, if a request begins with it."""
    _due = False
    """Whether a request was read that is not answered yet; what comes meanwhile waits."""
    _step: Step | None = None
    """That request, once it is decoded."""
    _more = b""
    """What came meanwhile."""
    _between = True
    """Whether what was read so far are whole requests."""
    _defaults: tuple[Any, bytes] = (None, b"")
    """uvicorn's default headers, and the same as they go over the wire."""

    def data_received(self, data: bytes) -> None:
        """Bytes came; what they do not make whole goes uvicorn's way."""
        if self._due:
            self._more += data
            if len(self._more) > MOST_MORE:
                self.flow.pause_reading()
            return
        self.answered = None
        head = _HEADS.of(data) if self._between and not self.deaf else None
        if head is None or not self._idle():
            self.parse(data)
            return
        self._due = True
        _TURN.soon(self.loop)
        _TURN.read.append((self, head, data, time.perf_counter()))

    def shutdown(self) -> None:
        """The process is about to end; what was read before is answered."""
        if self._head is not None:
            self._let_go()
        if not self._due:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client went."""
        self._take()
        super().connection_lost(exc)

    def begin(self, head: Head, data: bytes, arrived: float) -> bool:
        """Decode a request whose head came before; `data` is all of it. Whether it goes on so."""
        if self.transport.is_closing():
            return False
        self._unset_keepalive_if_required()
        if not Leaving.now:
            self._step = self.app.begin(head, data[len(data) - head.length :], arrived)
            if self._step is not None:
                return True
        self._due = False
        self.parse(data)
        self._go_on()
        return False

    def run(self) -> bool:
        """Run the model; whether `end` may follow at once."""
        self.began = None
        return self._step is not None and self._step.run(self.loop, self._ready)

    def end(self) -> None:
        """Write the answer."""
        step, self._step = self._step, None
        answer = None if step is None else step.answer()
        self._due = False
        if answer is None:
            self.transport.close()
        elif not self.transport.is_closing():
            self._write(answer)
            self._go_on()

    def _ready(self) -> None:
        _TURN.soon(self.loop)
        _TURN.ran.append(self)

    def _go_on(self) -> None:
        """Read what came meanwhile."""
        if self._more and not self._due:
            more, self._more = self._more, b""
            self.flow.resume_reading()
            self.data_received(more)

    def parse(self, data: bytes) -> None:
        """Read it as HTTP."""
        if self._between:
            self._data = data
        super().data_received(data)
        self._data = b""
        if self._head is not None and not self._kept:
            self._keep(self._head.length)

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        self._between = False
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """The headers are there."""
        self._head = self._understood() if self._idle() else None
        if self._head is None:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._head is None:
            super().on_body(body)
        else:
            self._held = self._held + body if self._held else body

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._between = True
        head, body = self._take()
        if head is None:
            super().on_message_complete()
        elif self._begun(head, body):
            _HEADS.learn(self._data, head)
            self._due = True
            if self.run():
                self.end()
        else:
            super().on_headers_complete()
            super().on_body(body)
            super().on_message_complete()

    def _begun(self, head: Head, body: bytes) -> bool:
        """Decode a request that was parsed; whether it goes on without ASGI."""
        if Leaving.now or self.app.busy():
            return False
        step = self.app.begin(head, body, time.perf_counter())
        if step is None or not (step.here or alone(self._data, head)):
            return False  # what was read behind it could not wait
        self._step = step
        return True

    def _idle(self) -> bool:
        """Whether nothing that was asked before is still to be answered, and more may be asked."""
        return (
            (self.cycle is None or self.cycle.response_complete)
            and not (self.pipeline or self.flow.write_paused)
            and not Leaving.now
        )

    def _understood(self) -> Head | None:
        """What a plain POST with a length says; None of any other request."""
        if (
            self.parser.get_method() != b"POST"
            or self.expect_100_continue
            or self.parser.get_http_version() != "1.1"
            or not self.parser.should_keep_alive()
            or b"%" in self.url
            or b"?" in self.url
        ):
            return None
        understood = getattr(self.app, "understood", None)
        if understood is None:
            return None
        path = self.root_path + self.url.decode("ascii")
        plain = {"method": "POST", "path": path, "raw_path": self.url, "query_string": b""}
        head: Head | None = understood(self.scope | plain)
        return head

    def _write(self, answer: Answer) -> None:
        status, headers, identity, content, shed = answer
        if Leaving.now and _CLOSE not in headers:
            headers = (*headers, _CLOSE)
        self.server_state.total_requests += 1
        self.transport.write(
            b"%b%bx-request-id: %b\r\ncontent-length: %d\r\n\r\n%b"
            % (_start(status, headers), self._default(), identity, len(content), content)
        )
        self.answered = time.monotonic()
        if _CLOSE in headers:
            self.transport.close()
        elif shed:
            self.rest()

    def rest(self) -> None:
        """Read nothing for a while from who was told to come later."""

    @property
    def holds(self) -> bool:
        """Whether a request is half there."""
        return self._head is not None

    def _keep(self, size: int) -> None:
        """Wait for the rest of a body; where too many do, it goes uvicorn's way."""
        if AtOnce.kept + size > MAX_KEPT:
            self._let_go()
        else:
            AtOnce.kept += size
            self._kept = size

    def _take(self) -> tuple[Head | None, bytes]:
        """What was held back; it is not any more."""
        head, body = self._head, self._held
        AtOnce.kept -= self._kept
        self._head, self._held, self._kept = None, b"", 0
        return head, body

    def _let_go(self) -> None:
        """What was held back goes uvicorn's way."""
        _, body = self._take()
        if not self.transport.is_closing():
            super().on_headers_complete()
            super().on_body(body)

    def _default(self) -> bytes:
        """The headers that uvicorn adds to every answer; it makes them anew for the date."""
        given = self.server_state.default_headers
        if self._defaults[0] is not given:
            self._defaults = given, b"".join(b"%b: %b\r\n" % each for each in given)
        return self._defaults[1]


class _Turn:
    """What is to be answered before the sockets are looked at again.

    A system call leaves the processor's caches and branch predictors cold, and each step pushes the
    others out: what follows takes twice as long.
    """

    def __init__(self) -> None:
        self.read: deque[tuple[AtOnce, Head, bytes, float]] = deque()
        self.begun: deque[AtOnce] = deque()
        self.ran: deque[AtOnce] = deque()
        self._at: AtOnce
        self._soon = False

    def soon(self, loop: asyncio.AbstractEventLoop) -> None:
        """Take steps, soon."""
        if not self._soon:
            self._soon = True
            loop.call_soon(self._take, loop)

    def _take(self, loop: asyncio.AbstractEventLoop) -> None:
        self._soon = False
        try:
            self._finish()
            while self.read and not self.read[0][0].app.busy():
                self._begin()
                self._finish()
        except Exception:  # that nobody foresaw: it is one request's
            self._at.transport.close()
            raise
        finally:
            if self.read or self.begun or self.ran:
                self.soon(loop)

    def _begin(self) -> None:
        taken = 0
        while self.read and taken < MAX_TOGETHER_BYTES and len(self.begun) < MAX_TOGETHER:
            self._at, head, data, arrived = self.read.popleft()
            taken += len(data)
            if self._at.begin(head, data, arrived):
                self.begun.append(self._at)

    def _finish(self) -> None:
        while self.begun:
            self._at = self.begun.popleft()
            if self._at.run():
                self.ran.append(self._at)
        while self.ran:
            self._at = self.ran.popleft()
            self._at.end()


_TURN = _Turn()


@lru_cache(256)
def _start(status: int, headers: Headers) -> bytes:
    """The status line, and the headers that many answers share."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name.lower()}: {value}" for name, value in headers]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")
