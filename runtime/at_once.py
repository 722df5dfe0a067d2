"""Requests that are answered while they are read: no task, no event, no ASGI messages.

A small model answers in about 10 microseconds, and uvicorn's way to an application and back takes
ten times as long. So a POST whose length is known is held back until it is whole, and offered to
the application's `at_once`, which answers or declines; what it declines goes uvicorn's way, from
the start (docs/decisions/0012).
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from runtime.heads import Head, Heads, alone
from runtime.leaving import Leaving

Headers = tuple[tuple[str, str], ...]
Answer = tuple[int, Headers, bytes, bytes]
"""Status, headers but those that all answers have, the request's id, content."""
MAX_KEPT = 2**25
"""Bytes of bodies that are awaited outside the application, which bounds the others."""
_CLOSE = ("Connection", "close")
_HEADS = Heads()


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
    _waits = False
    """Whether a request of it is read and not answered yet."""
    _later = False
    """Whether an answer to it is on its way; meanwhile nothing is read."""
    _more = b""
    """What came all the same."""
    _between = True
    """Whether what was read so far are whole requests."""
    _defaults: tuple[Any, bytes] = (None, b"")
    """uvicorn's default headers, and the same as they go over the wire."""

    def data_received(self, data: bytes) -> None:
        """Bytes came; what they do not make whole goes uvicorn's way."""
        if self._waits:
            _answer_all()
        if self._later:  # it was on its way when reading was paused
            self._more += data
            return
        self.answered = None
        head = _HEADS.of(data) if self._between and not self.deaf else None
        if head is None or not self._idle():
            self.parse(data)
            return
        self._waits = True
        if not _READ:
            self.loop.call_soon(_answer_all)
        _READ.append((self, head, data))

    def shutdown(self) -> None:
        """The process is about to end; what was read before is answered."""
        if self._waits:
            _answer_all()
        if self._head is not None:
            self._let_go()
        if not self._later:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        """The client went."""
        self._take()
        super().connection_lost(exc)

    def answer(self, head: Head, data: bytes) -> None:
        """Answer a request whose head came before; `data` is all of it."""
        self._waits = False
        if self.transport.is_closing():
            return
        self._unset_keepalive_if_required()
        if not self._answered(head, data[len(data) - head.length :], later=True):
            self.parse(data)

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
        elif not Leaving.now and self._answered(head, body, later=alone(self._data, head)):
            _HEADS.learn(self._data, head)
        else:
            super().on_headers_complete()
            super().on_body(body)
            super().on_message_complete()

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

    def _answered(self, head: Head, body: bytes, *, later: bool) -> bool:
        """Answer, or begin to where nothing else has come (`later`); whether it could be."""
        answer = self.app.at_once(head, body, later=later)
        if answer is None:
            return False
        self.began = None
        if isinstance(answer, tuple):
            self._write(answer)
        else:
            self._later = True
            self.flow.pause_reading()
            task = self.loop.create_task(answer)
            self.tasks.add(task)
            task.add_done_callback(self._deliver)
        return True

    def _deliver(self, task: asyncio.Task[Answer]) -> None:
        self.tasks.discard(task)
        self._later = False
        if task.cancelled() or task.exception() is not None:
            self.transport.close()  # no time is left, or nobody foresaw it
        elif not self.transport.is_closing():
            status, headers, identity, content = task.result()
            leaves = (_CLOSE,) if Leaving.now and _CLOSE not in headers else ()
            self._write((status, (*headers, *leaves), identity, content))
            self.flow.resume_reading()
            more, self._more = self._more, b""
            if more:
                self.data_received(more)

    def _write(self, answer: Answer) -> None:
        status, headers, identity, content = answer
        self.server_state.total_requests += 1
        self.transport.write(
            b"%b%bx-request-id: %b\r\ncontent-length: %d\r\n\r\n%b"
            % (_start(status, headers), self._default(), identity, len(content), content)
        )
        self.answered = time.monotonic()
        if _CLOSE in headers:
            self.transport.close()

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


_READ: deque[tuple[AtOnce, Head, bytes]] = deque()
"""What was read in this turn of the event loop, to be answered together: a system call leaves the
processor's caches and branch predictors cold, and what follows it takes twice as long."""


def _answer_all() -> None:
    try:
        while _READ:
            connection, head, data = _READ.popleft()
            connection.answer(head, data)
    finally:
        if _READ:  # an error that nobody foresaw is one request's
            _READ[0][0].loop.call_soon(_answer_all)


@lru_cache(256)
def _start(status: int, headers: Headers) -> bytes:
    """The status line, and the headers that many answers share."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name.lower()}: {value}" for name, value in headers]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")
