"""Load on loopback at a fixed rate, whether answers come or not: an open loop.

A process of its own, on processors that are not the server's, looks again and again instead of
sleeping: a sleep ends up to a millisecond late, which is more than most answers take.
"""

from __future__ import annotations

import gc
import math
import os
import re
import select
import socket
import time
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context

from closed_loop import Request
from servers import CORE, others

MOST_CONNECTIONS = 512
PATIENCE = 5.0
"""Seconds that the last answers may take after the last request was due."""


@dataclass
class Latencies:
    """Seconds from when each request was due, not from when a connection was free for it.

    `late`: from when it was due until it was sent, which is the sender's own part.
    """

    due: int
    seconds: list[float] = field(default_factory=list)
    late: list[float] = field(default_factory=list)
    statuses: dict[int, int] = field(default_factory=dict)

    def quantile(self, share: float) -> float:
        """Nearest rank; infinite if that many were never answered."""
        return _quantile(self.seconds, share, self.due)

    def lateness(self, share: float) -> float:
        """The same of `late`."""
        return _quantile(self.late, share, self.due)

    @property
    def complete(self) -> bool:
        """Whether each request was answered with 200."""
        return self.statuses.get(200, 0) == self.due


def _quantile(values: list[float], share: float, due: int) -> float:
    rank = math.ceil(share * due)
    return sorted(values)[rank - 1] if 0 < rank <= len(values) else math.inf


def at_rate(port: int, request: Request, rate: float, seconds: float) -> Latencies:
    """Send `rate` requests a second in even steps; over up to MOST_CONNECTIONS connections."""
    content = request.raw(f"127.0.0.1:{port}")
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as process:
        return process.submit(_sent, port, content, rate, seconds).result()


def _sent(port: int, content: bytes, rate: float, seconds: float) -> Latencies:
    os.sched_setaffinity(0, others())
    gc.disable()  # it would stop everything for a millisecond
    sender = _Sender(port, content, max(1, round(rate * seconds)))
    sender.run(rate)
    return sender.found


@dataclass(slots=True, eq=False)
class _Connection:
    """Carries one request at a time."""

    socket: socket.socket
    due: float = 0.0
    got: bytes = b""
    busy: bool = False


class _Sender:
    def __init__(self, port: int, content: bytes, due: int) -> None:
        self.port, self.content = port, content
        self.found = Latencies(due)
        self.poll = select.epoll()
        self.all: dict[int, _Connection] = {}
        self.free: list[_Connection] = []

    def run(self, rate: float) -> None:
        """Until each has its answer, or patience ends."""
        spinning = others() != {CORE}
        started, number, due = time.perf_counter() + 0.01, 0, self.found.due
        end = started + due / rate + PATIENCE
        left = due
        while left and (now := time.perf_counter()) < end:
            at = started + number / rate
            while number < due and at <= now and self._begin(at):
                number += 1
                at = started + number / rate
            wait = 0 if spinning else max(0.0, min(at - now, 0.01))
            left -= sum(self._read(self.all[file]) for file, _ in self.poll.poll(wait))
        for each in self.all.values():
            each.socket.close()

    def _begin(self, due: float) -> bool:
        """Send one, unless every connection is busy."""
        if not self.free:
            if len(self.all) >= MOST_CONNECTIONS:
                return False
            self._open()
        connection = self.free.pop()
        connection.due, connection.got, connection.busy = due, b"", True
        with suppress(OSError):  # closed; it will be read as that
            connection.socket.sendall(self.content)
        self.found.late.append(time.perf_counter() - due)
        return True

    def _open(self) -> None:
        made = socket.create_connection(("127.0.0.1", self.port))
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = self.all[made.fileno()] = _Connection(made)
        self.poll.register(made, select.EPOLLIN)
        self.free.append(connection)

    def _read(self, connection: _Connection) -> int:
        """How many requests this ended: one, or none."""
        try:
            piece = connection.socket.recv(2**20)
        except OSError:
            piece = b""
        if not piece:
            return self._lost(connection)
        connection.got += piece
        status = _status(connection.got)
        if not status:
            return 0
        self.found.seconds.append(time.perf_counter() - connection.due)
        self.found.statuses[status] = self.found.statuses.get(status, 0) + 1
        connection.busy = False
        self.free.append(connection)
        return 1

    def _lost(self, connection: _Connection) -> int:
        """The server closed it. An answer that is not there is none."""
        self.poll.unregister(connection.socket)
        del self.all[connection.socket.fileno()]
        connection.socket.close()
        if not connection.busy:
            self.free.remove(connection)
        return int(connection.busy)


_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


def _status(got: bytes) -> int:
    """Of a whole answer; 0 while some of it is missing."""
    head = got.find(b"\r\n\r\n") + 4
    if head < 4:
        return 0
    length = _LENGTH.search(got, 0, head)
    if length is None:  # in chunks, of which the last is empty
        return int(got[9:12]) if got.endswith(b"\r\n0\r\n\r\n") else 0
    return int(got[9:12]) if len(got) >= head + int(length[1]) else 0
