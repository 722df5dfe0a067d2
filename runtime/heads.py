"""What the head of a POST says: read once, and known again by its bytes.

A client sends the same head with every request of a connection, and reading it, header by header,
costs more than a small model does. The same bytes always say the same, so the second time they
are looked up.
"""

from __future__ import annotations

from typing import NamedTuple

from starlette.types import Scope

from runtime.door import Door, Route

MAX_KNOWN = 1024
MAX_BYTES = 2048  # of a head that is remembered
_OWN = (b"x-request-id", b"traceparent")  # of one request each: such a head does not come again


class Head(NamedTuple):
    """Of a request that may be answered while it is read; nothing in it changes."""

    scope: Scope
    headers: dict[bytes, bytes]
    door: Door
    route: Route
    params: dict[str, str]
    length: int
    """Bytes of the body."""


class Heads:
    """Those that came before, by their bytes."""

    def __init__(self) -> None:
        self._known: dict[bytes, Head] = {}

    def of(self, data: bytes) -> Head | None:
        """The head of `data`, if it is one whole request and its head came before."""
        end = _end(data)
        head = self._known.get(data[:end])
        return head if head is not None and end + head.length == len(data) else None

    def learn(self, data: bytes, head: Head) -> None:
        """Remember the head of `data`, which was read as one whole request and nothing more."""
        end = _end(data)
        if (
            end > MAX_BYTES
            or not alone(data, head)  # or it ended elsewhere: at bare line feeds
            or not head.headers.keys().isdisjoint(_OWN)
        ):
            return
        if len(self._known) >= MAX_KNOWN:
            self._known.clear()
        self._known[data[:end]] = head


def alone(data: bytes, head: Head) -> bool:
    """Whether `data` is a request of this head, and nothing besides."""
    return _end(data) + head.length == len(data)


def _end(data: bytes) -> int:
    """Where the first head in `data` ends."""
    return data.find(b"\r\n\r\n") + 4
