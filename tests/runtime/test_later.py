"""Answers that a thread makes come later: to whom they belong, and in their order."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from live_service import Service, start
from slow_model import write_slow
from test_at_once import answers, connected, price
from uvicorn import Config
from uvicorn.server import ServerState

from runtime.heads import Head
from runtime.protocol import Protocol

SECONDS = 0.1
"""Less than a run takes."""


def ask(row: list[float], more: str = "") -> bytes:
    body = json.dumps([row]).encode()
    head = f"POST /models/slow/predict HTTP/1.1\r\nHost: x\r\n{more}Content-Length: {len(body)}"
    return head.encode() + b"\r\n\r\n" + body


def due(row: list[float]) -> float:
    return row[0] + 2 * row[1] + 4 * row[2]


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    write_slow(tmp_path, turns=1_000_000, limit=0.0)
    with start(tmp_path) as running:
        for _ in range(2):  # from now on its head is known
            with connected(running) as connection:
                began = time.monotonic()
                connection.sendall(ask([1, 2, 3]))
                assert price(answers(connection, 1)[0][2]) == due([1, 2, 3])
                assert time.monotonic() - began > SECONDS
        yield running


def test_what_comes_meanwhile_is_answered_after_it(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(ask([4, 5, 6]))
        time.sleep(SECONDS / 5)
        connection.sendall(ask([7, 8, 9]) + b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n")
        first, second, third = answers(connection, 3)
    assert [price(first[2]), price(second[2])] == [due([4, 5, 6]), due([7, 8, 9])]
    assert json.loads(third[2]) == {"status": "ok"}


def test_each_connection_has_its_own(service: Service) -> None:
    rows = [[1, 0, 2], [0, 3, 1], [5, 5, 0]]
    connections = [socket.create_connection(_place(service), timeout=10) for _ in rows]
    for connection, row in zip(connections, rows, strict=True):
        connection.sendall(ask(row))
    time.sleep(SECONDS / 5)
    assert service.client.get("/livez").json() == {"status": "ok"}
    found = [price(answers(connection, 1)[0][2]) for connection in connections]
    for connection in connections:
        connection.close()
    assert found == [due(row) for row in rows]


def test_who_leaves_takes_nobody_along(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(ask([1, 1, 1]))
        time.sleep(SECONDS / 5)
    assert price(service.client.post("/models/slow/predict", json=[[2, 2, 2]]).content) == 14
    deadline = time.monotonic() + 10
    while "isomorph_requests_in_flight 1\n" not in service.client.get("/metrics").text:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_a_stop_waits_for_it(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(ask([3, 2, 1]))
        time.sleep(SECONDS / 5)
        service.process.send_signal(signal.SIGTERM)
        status, headers, body = answers(connection, 1)[0]
        assert (status, price(body)) == (200, due([3, 2, 1]))
        assert headers["connection"] == "close"
        assert connection.recv(1) == b""
    assert service.process.wait(timeout=10) in (0, -signal.SIGTERM)


def test_the_end_of_its_time_is_told(service: Service) -> None:
    """As the door says it, and counted."""
    tensor = {"name": "X", "shape": [1, 3], "datatype": "FP64", "data": [1, 2, 3]}
    sent = {"inputs": [tensor], "parameters": {"timeout": 20_000}}
    for _ in range(2):
        answer = service.client.post("/v2/models/slow/infer", json=sent)
        assert answer.status_code == 504
        assert answer.json().keys() == {"error"}
    text = service.client.get("/metrics").text
    [count] = re.findall(r'errors_total\{.*kind="took-too-long".*\} ([0-9]+)', text)
    assert int(count) == 2


def _place(service: Service) -> tuple[str, int]:
    host, port = service.address.removeprefix("http://").split(":")
    return host, int(port)


class Heedless:
    """A transport that goes on reading."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def is_closing(self) -> bool:
        return False

    def pause_reading(self) -> None:
        """It does not."""

    resume_reading = pause_reading

    def get_extra_info(self, _name: str) -> None:
        return None


class Answering:
    """An application that answers a later and b at once."""

    async def __call__(self, _scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError

    def understood(self, scope: Any) -> Head:
        headers = dict(scope["headers"])
        return Head(scope, headers, None, None, {}, int(headers[b"content-length"]))  # type: ignore[arg-type]

    def busy(self) -> bool:
        return False

    def begin(self, _head: Head, body: bytes, _arrived: float) -> Step:
        return Step(body)


class Step:
    """An echo."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.here = body != b"a"

    def run(self, loop: asyncio.AbstractEventLoop, ready: Callable[[], None]) -> bool:
        if not self.here:
            loop.call_later(SECONDS / 5, ready)
        return self.here

    def answer(self) -> Any:
        return 200, (), b"id", self.body, False


def test_the_order_holds_where_reading_cannot_be_paused() -> None:
    async def both() -> list[bytes]:
        config = Config(Answering(), interface="asgi3", http=Protocol, proxy_headers=False)
        config.load()
        protocol, transport = Protocol(config, ServerState(), {}), Heedless()
        protocol.connection_made(transport)  # type: ignore[arg-type]
        for body in (b"a", b"b"):
            protocol.data_received(
                b"POST /%b HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n%b" % (body, body)
            )
        await asyncio.sleep(SECONDS)
        return [each[-1:] for each in transport.written]

    assert asyncio.run(both()) == [b"a", b"b"]
