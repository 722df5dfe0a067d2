"""uvicorn's HTTP protocol, which stays with HTTP/1.1 when a client offers another one.

Java's HttpClient, and what is built on it, offers HTTP/2 with every first request
(`Upgrade: h2c`). A server may ignore that (RFC 9110, 7.8), but uvicorn then drops the body
(its issue 2722).
"""

from __future__ import annotations

from typing import Any

import httptools

from runtime.at_once import AtOnce


class Http1(AtOnce):
    """Answers a request that offers another protocol as if it had not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parser: _Parser = _Parser(self)

    def on_headers_complete(self) -> None:
        """The headers are there; those with an offer are read once more, without it."""
        if not self.offered:
            super().on_headers_complete()

    def on_message_complete(self) -> None:
        """The request is there; after an offer the parser says so too early."""
        if not self.offered:
            super().on_message_complete()

    @property
    def offered(self) -> bool:
        """Whether the request at hand offers another protocol."""
        return self.parser.should_upgrade() and any(name == b"upgrade" for name, _ in self.headers)


class _Parser(httptools.HttpRequestParser):
    """Stops at an offer, as every parser of httptools does; then another one reads on."""

    def __init__(self, protocol: Http1) -> None:
        super().__init__(protocol)
        self.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn's own parser
        self._protocol = protocol

    def feed_data(self, data: Any) -> None:
        try:
            super().feed_data(data)
        except httptools.HttpParserUpgrade as stop:
            if not self._protocol.offered:  # CONNECT
                raise
            rest = data[stop.args[0] :]
            self._protocol.parser = _Parser(self._protocol)
            self._protocol.parser.feed_data(self._head() + rest)

    def _head(self) -> bytes:
        """The request up to its body, without the offer."""
        first = self.get_method() + b" " + self._protocol.url
        lines = [first + b" HTTP/" + self.get_http_version().encode()]
        headers = self._protocol.headers
        lines += [name + b": " + value for name, value in headers if name != b"upgrade"]
        return b"\r\n".join([*lines, b"", b""])
