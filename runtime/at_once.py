"""Requests that are answered while they are read: no task, no event, no ASGI messages.

A small model answers in about 10 microseconds, and uvicorn's way to an application and back takes
ten times as long. So a POST that came whole, in one read, is offered to the application's
`at_once`, which answers or declines; what it declines goes uvicorn's way, from the start.
"""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from runtime.leaving import Leaving

_STATUS = {each.value: b"HTTP/1.1 %d %s\r\n" % (each, each.phrase.encode()) for each in HTTPStatus}


class Answer(NamedTuple):
    """A whole answer; `headers` in lower case, without a length."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class AtOnce(HttpToolsProtocol):
    """Holds a request back while it is read, and answers it there where it can."""

    answered: float | None = None
    """When the connection fell silent after such an answer (monotonic)."""
    _held: bytearray | None = None
    """The body so far of a request that is held back."""

    def data_received(self, data: bytes) -> None:
        """Bytes came; what they do not make whole goes uvicorn's way."""
        self.answered = None
        super().data_received(data)
        if self._held is not None:
            held, self._held = self._held, None
            if not self.transport.is_closing():
                super().on_headers_complete()
                super().on_body(bytes(held))

    def on_headers_complete(self) -> None:
        """The headers are there."""
        if self._may_be_held():
            self._held = bytearray()
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        if self._held is None:
            super().on_body(body)
        else:
            self._held += body

    def on_message_complete(self) -> None:
        """The request is whole."""
        held, self._held = self._held, None
        if held is not None and not self._answer(bytes(held)):
            super().on_headers_complete()
            super().on_body(bytes(held))
            held = None
        if held is None:
            super().on_message_complete()

    def _may_be_held(self) -> bool:
        """Whether it is a plain POST, and nothing that was asked before is still to be answered."""
        return (
            self.parser.get_method() == b"POST"
            and (self.cycle is None or self.cycle.response_complete)
            and not (self.pipeline or self.expect_100_continue or self.flow.write_paused)
            and self.parser.get_http_version() == "1.1"
            and self.parser.should_keep_alive()
            and not Leaving.now
            and b"%" not in self.url
            and b"?" not in self.url
        )

    def _answer(self, body: bytes) -> bool:
        at_once = getattr(self.app, "at_once", None)
        if at_once is None:
            return False
        self.scope["method"] = "POST"
        self.scope["path"] = self.url.decode("ascii")
        self.scope["raw_path"], self.scope["query_string"] = self.url, b""
        answer: Answer | None = at_once(self.scope, body)
        if answer is None:
            return False
        self.server_state.total_requests += 1
        self.transport.write(self._written(answer))
        self.answered = time.monotonic()
        if (b"connection", b"close") in answer.headers:
            self.transport.close()
        return True

    def _written(self, answer: Answer) -> bytes:
        fields: list[Any] = [_STATUS[answer.status]]
        for name, value in (*self.server_state.default_headers, *answer.headers):
            fields += (name, b": ", value, b"\r\n")
        fields += (b"content-length: %d\r\n\r\n" % len(answer.body), answer.body)
        return b"".join(fields)
