"""Requests that are answered while they are read: no task, no event, no ASGI messages.

A small model answers in about 10 microseconds, and uvicorn's way to an application and back takes
ten times as long. So a POST that came whole, in one read, is offered to the application's
`at_once`, which answers or declines; what it declines goes uvicorn's way, from the start.
"""

from __future__ import annotations

import time
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from runtime.heads import Head, Heads
from runtime.leaving import Leaving

Headers = tuple[tuple[str, str], ...]
Answer = tuple[int, Headers, bytes, bytes]
"""Status, headers but those that all answers have, the request's id, content."""
_HEADS = Heads()


class AtOnce(HttpToolsProtocol):
    """Holds a request back while it is read, and answers it there where it can."""

    began: float | None = None
    """When what is due now began (monotonic); None where nothing is due from the client."""
    answered: float | None = None
    """When the connection fell silent after such an answer (monotonic)."""
    _head: Head | None = None
    """Of a request that is held back."""
    _held = b""
    """Its body so far."""
    _data = b""
    """What is read now, if a request begins with it."""
    _between = True
    """Whether what was read so far are whole requests."""
    _defaults: tuple[Any, bytes] = (None, b"")
    """uvicorn's default headers, and the same as they go over the wire."""

    def data_received(self, data: bytes) -> None:
        """Bytes came; what they do not make whole goes uvicorn's way."""
        self.answered = None
        if self._between:
            if self._repeated(data):
                return
            self._data = data
        super().data_received(data)
        self._data = b""
        if self._head is not None:
            self._let_go()

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
            self._held += body

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._between = True
        if self._head is not None:
            head, held = self._head, self._held
            if self._answered(head, held):
                self._head, self._held = None, b""
                if self._data:
                    _HEADS.learn(self._data, head)
                return
            self._let_go()
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

    def _repeated(self, data: bytes) -> bool:
        """Answer a request whose head came before, byte for byte; whether it could be."""
        end = data.find(b"\r\n\r\n") + 4
        head = _HEADS.get(data[:end])
        if head is None or len(data) != end + head.length or not self._idle():
            return False
        self._unset_keepalive_if_required()
        return self._answered(head, data[end:])

    def _answered(self, head: Head, body: bytes) -> bool:
        answer: Answer | None = self.app.at_once(head, body)
        if answer is None:
            return False
        status, headers, identity, content = answer
        self.server_state.total_requests += 1
        self.transport.write(
            b"%b%bx-request-id: %b\r\ncontent-length: %d\r\n\r\n%b"
            % (_start(status, headers), self._default(), identity, len(content), content)
        )
        self.began, self.answered = None, time.monotonic()
        if ("Connection", "close") in headers:
            self.transport.close()
        return True

    def _let_go(self) -> None:
        """What was held back goes uvicorn's way."""
        held, self._head, self._held = self._held, None, b""
        if not self.transport.is_closing():
            super().on_headers_complete()
            super().on_body(held)

    def _default(self) -> bytes:
        """The headers that uvicorn adds to every answer; it makes them anew for the date."""
        given = self.server_state.default_headers
        if self._defaults[0] is not given:
            self._defaults = given, b"".join(b"%b: %b\r\n" % each for each in given)
        return self._defaults[1]


@lru_cache(256)
def _start(status: int, headers: Headers) -> bytes:
    """The status line, and the headers that many answers share."""
    lines = [f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"]
    lines += [f"{name.lower()}: {value}" for name, value in headers]
    return "".join(f"{line}\r\n" for line in lines).encode("latin-1")
