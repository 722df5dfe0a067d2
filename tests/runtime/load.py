"""Requests from several connections, each of whose answers is checked; what fails is told apart."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from typing import Any, Protocol, TypeVar

from tiny_bundles import RECORD


class Asks(Protocol):
    """Asks until `stop` is set."""

    stop: threading.Event

    def ask(self) -> None:
        """In a thread of its own."""


Asking = TypeVar("Asking", bound=Asks)


@dataclass
class Load:
    """Asks penguins, once more on a new connection where the connection broke."""

    address: str
    answered: int = 0
    retried: int = 0
    failed: list[str] = field(default_factory=list)
    slowest: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        connection = HTTPConnection(self.address, timeout=30)
        while not self.stop.is_set():
            began = time.monotonic()
            try:
                self._once(connection)
            except (OSError, HTTPException):
                connection.close()
                connection = HTTPConnection(self.address, timeout=30)
                self.retried += 1
                self._again(connection)
            self.slowest = max(self.slowest, time.monotonic() - began)
            time.sleep(0.002)
        connection.close()

    def _again(self, connection: HTTPConnection) -> None:
        try:
            self._once(connection)
        except (OSError, HTTPException) as error:
            self.failed.append(repr(error))
            connection.close()

    def _once(self, connection: HTTPConnection) -> None:
        status, content = post(connection, "/models/penguins/predict", RECORD)
        if status != 200 or "label" not in content:
            self.failed.append(f"{status} {content}")
        self.answered += 1


def post(connection: HTTPConnection, path: str, content: Any) -> tuple[int, Any]:
    """Status and answer of one request."""
    connection.request("POST", path, json.dumps(content))
    answer = connection.getresponse()
    return answer.status, json.load(answer)


@contextmanager
def load(address: str, connections: int = 3) -> Iterator[Load]:
    """While this lasts."""
    with asking(Load(address.removeprefix("http://")), connections) as running:
        yield running


@contextmanager
def asking(running: Asking, connections: int) -> Iterator[Asking]:
    """So many threads ask while this lasts, and end with it."""
    threads = [threading.Thread(target=running.ask) for _ in range(connections)]
    for each in threads:
        each.start()
    try:
        yield running
    finally:
        running.stop.set()
        for each in threads:
            each.join()


def answering(address: str) -> bool:
    """Whether somebody answers a new connection."""
    host = address.removeprefix("http://")
    with suppress(OSError, HTTPException), closing(HTTPConnection(host, timeout=1)) as connection:
        return post(connection, "/models/penguins/predict", RECORD)[0] == 200
    return False
