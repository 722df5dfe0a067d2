"""What is refused before the application runs: whole answers, said without asking any door.

No door knows the request yet, so that all have the native door's shape (RFC 9457).
"""

from __future__ import annotations

from http import HTTPStatus

import msgspec

from runtime.faults import RETRY_SECONDS
from runtime.settings import Settings

Headers = list[tuple[bytes, bytes]]

# What a host may consist of: a name, an address, brackets of IPv6, a port (RFC 3986, 3.2.2).
_HOST = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~%!$&'()*+,;=:[]"


class RefusedError(Exception):
    """Raised in a callback of the parser, which stops it; `answer` is what the client gets."""

    def __init__(self, status: int, detail: str, mend: str, headers: bytes = b"") -> None:
        super().__init__(detail)
        title = HTTPStatus(status).phrase
        problem = {"type": "about:blank", "title": title, "status": status}
        body = msgspec.json.encode({**problem, "detail": detail, "mend": mend})
        self.answer = b"HTTP/1.1 %d %s\r\ncontent-type: application/problem+json\r\n%s" % (
            status,
            title.encode(),
            headers,
        ) + b"connection: close\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


NOT_HTTP = RefusedError(400, "the request is not HTTP/1.1", "See RFC 9112").answer
LATE = RefusedError(408, "the request took too long", "Send it whole, and faster").answer
SURPLUS = RefusedError(
    503,
    "too many connections are open",
    "Send it again later, or over a connection that is open",
    b"retry-after: %d\r\n" % RETRY_SECONDS,
).answer


def long_address(settings: Settings) -> RefusedError:
    """414."""
    return RefusedError(
        414, f"the address is over {settings.max_url} bytes", "Send the rows in the body of a POST"
    )


def long_head(settings: Settings) -> RefusedError:
    """431, for the bytes of the headers."""
    return RefusedError(
        431, f"the headers are over {settings.max_header_bytes} bytes", "Send shorter headers"
    )


def check_head(version: str, headers: Headers, at_most: int, settings: Settings) -> None:
    """Raise RefusedError where the head is not one that HTTP or the operator allows.

    `at_most`: bytes that the head cannot exceed, so that most are not counted one by one.
    """
    if len(headers) > settings.max_headers:
        raise RefusedError(
            431, f"there are over {settings.max_headers} headers", "Send fewer headers"
        )
    limit = settings.max_header_bytes
    if at_most > limit and sum(len(name) + len(value) for name, value in headers) > limit:
        raise long_head(settings)
    if version not in ("1.1", "1.0"):  # the parser takes 0.9, and numbers that do not exist
        raise RefusedError(400, "the version of HTTP is not 1.1 or 1.0", "Ask by HTTP/1.1")
    hosts = [value for name, value in headers if name == b"host"]
    if len(hosts) != 1 and (hosts or version == "1.1"):
        raise RefusedError(400, "there is not one Host header", "Send one (RFC 9112, 3.2)")
    if hosts and hosts[0].translate(None, _HOST):
        raise RefusedError(400, "the Host header is no host", "Send a name or address, and a port")
