"""Requests that offer another protocol, as Java's HttpClient does, are answered like any other."""

from __future__ import annotations

import json
import socket
from itertools import pairwise

import httpx
import pytest
from live_service import Service
from tiny_bundles import RECORD

BODY = json.dumps(RECORD).encode()
LENGTH = b"Content-Length: %d\r\n" % len(BODY)
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (BODY[:7], BODY[7:], b""))
H2C = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAA\r\n"
WEBSOCKET = b"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"


def post(headers: bytes, body: bytes) -> bytes:
    return b"POST /models/penguins/predict HTTP/1.1\r\nHost: x\r\n%s\r\n%s" % (headers, body)


def answers(service: Service, parts: list[bytes], due: int) -> list[httpx.Response]:
    """What is answered on one connection, whose requests end with one that closes it."""
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for part in parts:
            connection.sendall(part)
            if len(parts) > 1:
                httpx.get(f"{service.address}/models")  # so that the parts arrive one by one
        received = b""
        while more := connection.recv(65536):
            received += more
    heads = received.split(b"HTTP/1.1 ")[1:]
    assert len(heads) == due, received
    return [httpx.Response(int(each[:3]), content=each.partition(b"\r\n\r\n")[2]) for each in heads]


CLOSE = b"Connection: close\r\n"


@pytest.mark.parametrize("offer", [H2C, WEBSOCKET], ids=["h2c", "websocket"])
@pytest.mark.parametrize(
    ("framing", "body"), [(LENGTH, BODY), (CHUNKED, CHUNKS)], ids=["length", "chunked"]
)
@pytest.mark.parametrize("whole", [True, False])
def test_an_offer_changes_nothing(
    service: Service, *, offer: bytes, framing: bytes, body: bytes, whole: bool
) -> None:
    requests = (
        post(offer + framing, body) + post(offer + framing, body) + post(framing + CLOSE, body)
    )
    cuts = sorted([0, 20, 100, len(post(offer + framing, b"")), 400, len(requests)])
    parts = [requests] if whole else [requests[a:b] for a, b in pairwise(cuts)]
    due = service.client.post("/models/penguins/predict", json=RECORD)
    assert due.status_code == 200
    for answer in answers(service, parts, 3):
        assert (answer.status_code, answer.json()) == (200, due.json())


def test_what_follows_an_offer_is_read_as_strictly(service: Service) -> None:
    both = post(H2C + LENGTH + CHUNKED, CHUNKS)
    (answer,) = answers(service, [both], 1)
    assert answer.status_code == 400
