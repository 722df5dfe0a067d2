"""Requests that are answered while they are read get what the others get."""

from __future__ import annotations

import itertools
import json
import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from live_service import Service
from tiny_bundles import RECORD

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
