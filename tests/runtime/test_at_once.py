"""Requests that are answered while they are read get what the others get."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import re
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from in_process import InProcess
from live_service import Service
from tiny_bundles import RECORD, write_penguins

from runtime import at_once
from runtime.app import create_app
from runtime.bounds import SLOW_BYTES
from runtime.door import Call, Reply
from runtime.large import Large

BODY = json.dumps(RECORD).encode()


def post(body: bytes = BODY, path: str = "/models/penguins/predict", more: str = "") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\r\n{more}"
    return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body


@contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        yield connection


def answers(connection: socket.socket, count: int) -> list[tuple[int, dict[str, str], bytes]]:
    """Status, headers and body of so many answers."""
    read, found = b"", []
    while len(found) < count:
        head, separator, rest = read.partition(b"\r\n\r\n")
        length = int(re.findall(rb"content-length: (\d+)", head)[0]) if separator else 0
        if separator and len(rest) >= length:
            first, *lines = head.decode().split("\r\n")
            headers = dict(line.split(": ", 1) for line in lines)
            found.append((int(first.split()[1]), headers, rest[:length]))
            read = rest[length:]
            continue
        received = connection.recv(65536)
        assert received, "closed"
        read += received
    assert not read
    return found


def in_pieces(connection: socket.socket, content: bytes) -> None:
    """So that the request is never whole in one read."""
    for at in range(0, len(content), 60):
        connection.sendall(content[at : at + 60])
        time.sleep(0.01)


@pytest.mark.parametrize(
    "content",
    [
        post(),
        post(b"[" + BODY + b"]", "/models/penguins/versions/1/predict"),
        post(b"{"),
        post(b"[]"),
        post(path="/models/nothing/predict"),
        post(path="/models/penguins/versions/9/predict"),
        post(path="/models"),
        post(path="/nothing"),
        post(b'{"inputs": []}', "/v2/models/penguins/infer"),
        post(b'{"instances": [[1, 2, 3]]}', "/v1/models/prices:predict"),
        post(b"", "/v2/repository/index"),
        post(more="Accept-Encoding: gzip\r\n"),
        post(more="Content-Type: text/html\r\n"),
        post(path="/models/penguins/predict?outputs=label"),
    ],
)
def test_the_same_whole_and_in_pieces(service: Service, content: bytes) -> None:
    with connected(service) as connection:
        connection.sendall(content)
        whole = answers(connection, 1)
        in_pieces(connection, content)
        pieces = answers(connection, 1)
    for _, headers, _ in (*whole, *pieces):
        headers.pop("date")
    assert whole == pieces


def test_answers_come_in_the_order_of_the_requests(service: Service) -> None:
    rows = [post(json.dumps([[i, 0, 0]]).encode(), "/models/prices/predict") for i in range(20)]
    get = b"GET /models/prices HTTP/1.1\r\nHost: x\r\n\r\n"
    with connected(service) as connection:
        connection.sendall(b"".join([*rows[:5], get, *rows[5:10], get, get, *rows[10:]]))
        found = answers(connection, 23)
    told = [json.loads(body) for _, _, body in found]
    numbers = [
        each["predictions"][0]["prediction"] if "predictions" in each else None for each in told
    ]
    assert [status for status, _, _ in found] == [200] * 23
    assert [i for i, each in enumerate(numbers) if each is None] == [5, 11, 12]
    prices = [each for each in numbers if each is not None]
    assert [b - a for a, b in itertools.pairwise(prices)] == [prices[1] - prices[0]] * 19
    assert prices[1] > prices[0]


def test_a_silent_connection_is_closed(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(post())
        assert answers(connection, 1)[0][0] == 200
        began = time.monotonic()
        assert connection.recv(1) == b""
    assert 4 < time.monotonic() - began < 8


def test_one_that_wants_to_end_ends(service: Service) -> None:
    with connected(service) as connection:
        connection.sendall(post(more="Connection: close\r\n"))
        assert answers(connection, 1)[0][0] == 200
        assert connection.recv(1) == b""


def prices(value: float, path: str = "/models/prices/predict") -> bytes:
    """Of one length for values of one length; without an id, with which no head comes again."""
    return post(b"[[%.3f, 2, 3]]" % value, path).replace(b"X-Request-Id: a\r\n", b"")


def price(body: bytes) -> float:
    found: float = json.loads(body)["predictions"][0]["prediction"]
    return found


def alone(service: Service, value: float) -> float:
    """The answer by another client, whose head is another."""
    said = service.client.post("/models/prices/predict", json=[[value, 2, 3]])
    return price(said.content)


def test_a_head_that_came_before_has_its_own_body(service: Service) -> None:
    """The same head byte for byte, over two connections; each body gets its own answer."""
    values = [1.125, 7.25, 3.5, 9.875]
    due = [alone(service, value) for value in values]
    assert len(set(due)) == len(values)
    for _ in range(2):
        with connected(service) as connection:
            for value, expected in zip(values, due, strict=True):
                connection.sendall(prices(value))
                assert price(answers(connection, 1)[0][2]) == expected


def test_known_heads_in_one_read_cut_short_and_one_after_the_other(service: Service) -> None:
    due = [alone(service, value) for value in (1.5, 2.5)]
    one, other = prices(1.5), prices(2.5)
    with connected(service) as connection:
        for _ in range(2):  # the second time the head is known
            connection.sendall(one)
            answers(connection, 1)
        connection.sendall(one + other)
        assert [price(body) for _, _, body in answers(connection, 2)] == due
        connection.sendall(one[:-5])
        time.sleep(0.05)
        connection.sendall(one[-5:] + other[:30])
        time.sleep(0.05)
        connection.sendall(other[30:])
        assert [price(body) for _, _, body in answers(connection, 2)] == due
        connection.sendall(one + b"\r\n")  # RFC 9112, 2.2: an empty line before the next
        connection.sendall(other)
        assert [price(body) for _, _, body in answers(connection, 2)] == due


@pytest.mark.parametrize("before", [b"\r\n\r\n", b"\r\n"])
def test_empty_lines_before_are_no_head(service: Service, before: bytes) -> None:
    """Two requests of one length that begin alike are not the same request."""
    label, other = prices(1.5), prices(1.5, "/models/nobody/predict")
    assert len(label) == len(other)
    with connected(service) as connection:
        for _ in range(3):
            connection.sendall(before + label)
            assert answers(connection, 1)[0][0] == 200
            connection.sendall(before + other)
            assert answers(connection, 1)[0][0] == 404


def test_heads_of_one_read_are_not_mixed_up(service: Service) -> None:
    right, wrong = prices(1.5), prices(1.5, "/models/nobody/predict")
    with connected(service) as connection:
        connection.sendall(right + wrong)
        assert [status for status, _, _ in answers(connection, 2)] == [200, 404]
        for content, status in ((right, 200), (wrong, 404), (right, 200)):
            connection.sendall(content)
            assert answers(connection, 1)[0][0] == status


def test_those_of_one_turn_have_their_own_answers(service: Service) -> None:
    """The process is stopped meanwhile, so that it finds them all at once."""
    values = [float(value) for value in range(1, 9)]
    due = [alone(service, value) for value in values]
    with ExitStack() as stack:
        connections = [stack.enter_context(connected(service)) for _ in values]
        for connection in connections:
            connection.sendall(prices(1.5))
            answers(connection, 1)
        os.kill(service.process.pid, signal.SIGSTOP)
        for connection, value in zip(connections, values, strict=True):
            connection.sendall(prices(value))
        os.kill(service.process.pid, signal.SIGCONT)
        assert [price(answers(each, 1)[0][2]) for each in connections] == due


class Connection:
    """Notes its steps; one of them breaks."""

    def __init__(self, breaks: str = "") -> None:
        self.breaks, self.done, self.closed = breaks, list[str](), False
        self.app = self.transport = self

    def busy(self) -> bool:
        return False

    def close(self) -> None:
        self.closed = True

    def _step(self, name: str) -> bool:
        self.done.append(name)
        if name == self.breaks:
            raise ZeroDivisionError
        return True

    def begin(self, _head: object, _data: bytes, _arrived: float) -> bool:
        return self._step("begin")

    def run(self) -> bool:
        return self._step("run")

    def end(self) -> None:
        self._step("end")


@pytest.mark.parametrize("step", ["begin", "run", "end"])
def test_an_unforeseen_error_is_one_requests_own(step: str) -> None:
    """Of those that were read in one turn: its connection is closed, the others are answered."""

    async def ask() -> list[Connection]:
        loop = asyncio.get_running_loop()
        said: list[object] = []
        loop.set_exception_handler(lambda _, context: said.append(context["exception"]))
        turn = at_once._Turn()
        three = [Connection(), Connection(step), Connection()]
        for each in three:
            turn.soon(loop)
            turn.read.append((each, None, b"", 0.0))  # type: ignore[arg-type]
        await asyncio.sleep(0.01)
        assert [type(each) for each in said] == [ZeroDivisionError]
        return three

    first, broken, last = asyncio.run(ask())
    assert first.done == last.done == ["begin", "run", "end"]
    assert [each.closed for each in (first, broken, last)] == [False, True, False]
    assert broken.done[-1] == step


@pytest.mark.parametrize(
    ("count", "size", "together"),
    [
        (3, 600, [3]),
        (at_once.MAX_TOGETHER + 2, 600, [at_once.MAX_TOGETHER, 2]),
        (3, at_once.MAX_TOGETHER_BYTES, [1, 1, 1]),
    ],
    ids=["few", "many", "long"],
)
def test_those_of_one_turn_take_each_step_together(
    count: int, size: int, together: list[int]
) -> None:
    done: list[str] = []

    async def ask() -> None:
        turn = at_once._Turn()
        for _ in range(count):
            each = Connection()
            each.done = done
            turn.read.append((each, None, bytes(size), 0.0))  # type: ignore[arg-type]
        turn.soon(asyncio.get_running_loop())
        await asyncio.sleep(0.01)

    asyncio.run(ask())
    assert done == [
        step for some in together for step in ("begin", "run", "end") for _ in range(some)
    ]


def test_what_is_slow_to_read_keeps_nobody_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A body that the fast parser declines is read in a thread, unless it is short."""
    write_penguins(tmp_path)
    threads: list[int] = []
    run = Large.run

    async def counted(self: Large, work: Callable[[], Reply], call: Call) -> Reply:
        threads.append(len(call.body))
        return await run(self, work, call)

    monkeypatch.setattr(Large, "run", counted)
    plain = json.dumps([RECORD] * 500)
    escaped = plain.replace("Biscoe", '\\"')
    with InProcess(create_app(tmp_path)) as client:
        said = [
            client.post("/models/penguins/predict", content=content.encode())
            for content in (plain, escaped, escaped[: escaped.index("}") + 1] + "]")
        ]
    assert [each.status_code for each in said] == [200, 200, 200]
    many, one = (each.json()["predictions"] for each in said[1:])
    assert many == 500 * one
    assert threads == [len(escaped)]
    assert len(plain) > SLOW_BYTES
