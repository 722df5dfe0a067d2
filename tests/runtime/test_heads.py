"""Addresses and headers at their limits, and what RFC 9112 has a server refuse."""

from __future__ import annotations

import json
import re
import socket
import time
from collections.abc import Iterator

import pytest
from live_service import Service
from tiny_bundles import RECORD

LINE = b"GET /models HTTP/1.1\r\n"
HOST = b"Host: x\r\n"
HEADER_BYTES, HEADERS, URL = 32 * 1024, 100, 32 * 1024

NAMES = ("not-http", "address-too-long", "headers-too-long")


def asked(service: Service, *parts: bytes) -> tuple[bytes, dict[str, str], bytes]:
    """Status line, headers and body of the answer; it is the last on its connection or whole."""
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        for part in parts:
            connection.sendall(part)
        connection.shutdown(socket.SHUT_WR)
        answer = b"".join(_all(connection))
    head, _, body = answer.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    return first, dict(line.decode().split(": ", 1) for line in lines), body


def _all(connection: socket.socket) -> Iterator[bytes]:
    while piece := connection.recv(65536):
        yield piece


def of_bytes(size: int) -> bytes:
    """Headers whose names and values have so many bytes: Host: x is five of them."""
    return HOST + b"A: " + b"b" * (size - 6) + b"\r\n"


def of_number(number: int) -> bytes:
    return HOST + b"".join(b"A%d: b\r\n" % each for each in range(number - 1))


@pytest.mark.parametrize(
    ("request_", "status"),
    [
        (LINE + of_bytes(HEADER_BYTES) + b"\r\n", 200),
        (LINE + of_bytes(HEADER_BYTES + 1) + b"\r\n", 431),
        (LINE + of_bytes(2**20) + b"\r\n", 431),
        (LINE + of_bytes(2**20), 431),  # whose end never comes
        (LINE + HOST + b"a" * 2**20, 431),
        (LINE + of_number(HEADERS) + b"\r\n", 200),
        (LINE + of_number(HEADERS + 1) + b"\r\n", 431),
        (LINE + of_number(10_000) + b"\r\n", 431),
        (b"GET /" + b"a" * (URL - 1) + b" HTTP/1.1\r\n" + HOST + b"\r\n", 404),
        (b"GET /" + b"a" * URL + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (b"GET /models?" + b"a" * 2**20 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
        (b"GET /" + b"a" * 2**20, 414),
        (LINE + b"\r\n", 400),
        (LINE + HOST + HOST + b"\r\n", 400),
        (LINE + HOST + b"host: y\r\n\r\n", 400),
        (LINE + b"Host: a b\r\n\r\n", 400),
        (LINE + b"Host: a/b\r\n\r\n", 400),
        (LINE + b"Host: a@b\r\n\r\n", 400),
        (LINE + b"Host: \xc3\xa9\r\n\r\n", 400),
        (LINE + b"Host: [::1]:8080\r\n\r\n", 200),
        (LINE + b"Host:\r\n\r\n", 200),
        (b"GET /models HTTP/1.0\r\n\r\n", 200),
        (b"GET /models HTTP/1.0\r\n" + HOST + HOST + b"\r\n", 400),
        (b"GET /models\r\n\r\n", 400),
        (b"GET /models HTTP/0.9\r\n" + HOST + b"\r\n", 400),
        (b"GET /models HTTP/2.0\r\n" + HOST + b"\r\n", 400),
    ],
)
def test_the_head(service: Service, request_: bytes, status: int) -> None:
    began = time.perf_counter()
    first, headers, body = asked(service, request_)
    assert first.startswith(b"HTTP/1.1 %d " % status)
    assert time.perf_counter() - began < 1
    assert int(headers["content-length"]) == len(body)
    if status != 200:
        problem = json.loads(body)
        assert problem["status"] == status
        assert problem["detail"]
        assert headers["content-type"] == "application/problem+json"
    if status in (400, 414, 431):
        assert headers["connection"] == "close"
        assert problem["mend"]
    assert service.client.post("/models/penguins/predict", json=RECORD).status_code == 200


def test_a_head_in_pieces(service: Service) -> None:
    whole = LINE + of_bytes(HEADER_BYTES) + b"\r\n"
    pieces = [whole[at : at + 1000] for at in range(0, len(whole), 1000)]
    assert asked(service, *pieces)[0] == b"HTTP/1.1 200 OK"
    pieces[2] += b"cc"
    assert asked(service, *pieces)[0].startswith(b"HTTP/1.1 431 ")


def test_trailers_have_an_end(service: Service) -> None:
    post = (
        b"POST /models/penguins/predict HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    pieces = [b"a%d: b\r\n" % each for each in range(100_000)]
    joined = [b"".join(pieces[at : at + 1000]) for at in range(0, len(pieces), 1000)]
    first, _, _ = asked(service, post + b"2\r\n[]\r\n0\r\n", *joined)
    assert first.startswith(b"HTTP/1.1 431 ")


def test_what_was_answered_before_stays_answered(service: Service) -> None:
    first, headers, rest = asked(service, LINE + HOST + b"\r\n" + b"GET / HTTP/1.1\r\n\r\n")
    assert first == b"HTTP/1.1 200 OK"
    assert b"HTTP/1.1 400 " in rest[int(headers["content-length"]) :]


def test_what_no_contract_knew_is_counted(service: Service) -> None:
    def errors() -> dict[str, int]:
        text = service.client.get("/metrics").text
        found = re.findall(r'isomorph_errors_total\{.*?kind="([a-z-]+)".*?\} ([0-9]+)', text)
        return {kind: int(count) for kind, count in found}

    before = errors()
    for content in (
        LINE + b"\r\n",
        b"nonsense\r\n\r\n",
        b"GET /" + b"a" * URL + b" HTTP/1.1\r\n" + HOST + b"\r\n",
        LINE + of_number(HEADERS + 1) + b"\r\n",
    ):
        asked(service, content)
    after = errors()
    assert {kind: after[kind] - before.get(kind, 0) for kind in after if kind in NAMES} == {
        "not-http": 2, "address-too-long": 1, "headers-too-long": 1,
    }  # fmt: skip
    text = service.client.get("/metrics").text
    assert "isomorph_requests_in_flight 1\n" in text
