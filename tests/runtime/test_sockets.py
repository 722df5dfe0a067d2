"""Bytes that are hardly HTTP, and clients that stop half way."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from pathlib import Path
from typing import Any

import pytest
from live_service import Service
from tiny_bundles import RECORD
from uvicorn import Config
from uvicorn.server import ServerState

from runtime import protocol
from runtime.settings import Settings

POST = b"POST /models/penguins/predict HTTP/1.1\r\nHost: x\r\n"
GET = b"GET /models HTTP/1.1\r\nHost: x\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


def send(service: Service, content: bytes, *, then_close: bool = False) -> bytes:
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as connection:
        connection.sendall(content)
        return b"" if then_close else connection.recv(65536)


@pytest.mark.parametrize(
    ("content", "status"),
    [
        (POST + b"Content-Length: -1\r\n\r\n[]", b"400"),
        (POST + b"Content-Length: " + b"9" * 30 + b"\r\n\r\n", b"400"),
        (POST + b"Content-Length: 17825792\r\n\r\n[", b"413"),
        (POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", b"400"),
        (POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]", b"400"),
        (POST + b"Content-Length: 2, 2\r\n\r\n[]", b"400"),
        (POST + b"Content-Length: +2\r\n\r\n[]", b"400"),
        (POST + b"Content-Length: 0x2\r\n\r\n[]", b"400"),
        (POST + b"Transfer-Encoding: identity\r\n\r\n[]", b"400"),
        (POST + b"Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n", b"400"),
        (POST + b"Content-Encoding: \xff\r\nContent-Length: 2\r\n\r\n[]", b"400"),
        (POST + b'Content-Type: ;;"\xff\r\nContent-Length: 2\r\n\r\n[]', b"200"),
        (CHUNKED + b"2\r\n[]\r\n0\r\nA: b\r\n\r\n", b"200"),
        (CHUNKED + b"2\r\n[]0\r\n\r\n", b"400"),
        (CHUNKED + b"zz\r\n[]\r\n0\r\n\r\n", b"400"),
        (CHUNKED + b"f" * 17 + b"\r\n[]\r\n", b"400"),
        (GET + b"Accept: \xff\xfe\r\n\r\n", b"406"),
        (GET + b'Accept: ;;;=,"\r\n\r\n', b"406"),
        (GET + b"A : b\r\n\r\n", b"400"),
        (GET + b"A: b\r\n c\r\n\r\n", b"400"),
        (GET + b"A: \x00\r\n\r\n", b"400"),
        (GET + b"Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n", b"200"),
        (b"GET /models HTTP/1.1\nHost: x\n\n", b"400"),
        (b"GET /models HTTP/3.0\r\n\r\n", b"400"),
        (b"HUNTER2 /models HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"CONNECT x:80 HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"a" * 99, b"400"),
        (b"GET /models/../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"GET /models/%00 HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"GET /models/%zz HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"GET /models/\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
        (b"GET /models/" + b"a" * 30_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (
            b"GET /models/penguins/predict?" + b"a=1&" * 8_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            b"422",
        ),
        (b"\x00\x01\r\n\r\n", b"400"),
        (b"GET /models/%ed%a0%80/predict?x=%ff HTTP/1.1\r\nHost: x\r\n\r\n", b"404"),
        (b"GET /models/penguins/predict?bill=%ff HTTP/1.1\r\nHost: x\r\n\r\n", b"400"),
    ],
)
def test_hardly_http(service: Service, content: bytes, status: bytes) -> None:
    assert send(service, content).startswith(b"HTTP/1.1 " + status)
    assert service.client.post("/models/penguins/predict", json=RECORD).status_code == 200


def test_a_client_that_leaves_is_no_error_of_ours(service: Service) -> None:
    send(service, POST + b"Content-Length: 100\r\n\r\n[", then_close=True)
    time.sleep(0.3)
    lines = [json.loads(line) for line in list(service.logged)]
    assert not [line for line in lines if line.get("status") == 500 or "error" in line]


async def waits_for_the_body(scope: Any, receive: Any, _: Any) -> None:
    while scope["type"] == "http" and (await receive()).get("more_body"):
        pass


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"", b""),
        (b"GET / HTTP/1.1\r\nHost: ", b""),
        (POST + b"Content-Length: 100\r\n\r\n[", b"HTTP/1.1 408 "),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n", b"HTTP/1.1 408 "),
    ],
)
def test_a_request_has_a_deadline(
    monkeypatch: pytest.MonkeyPatch, sent: bytes, said: bytes
) -> None:
    monkeypatch.setattr(protocol, "LOOK_SECONDS", 0.05)

    hasty = Settings(artifacts=Path(), receive_seconds=0.2)

    async def slowly() -> bytes:
        config = Config(app=waits_for_the_body, log_config=None)
        config.load()
        loop, state = asyncio.get_running_loop(), ServerState()
        async with protocol.deadlines():
            listening = await loop.create_server(
                lambda: protocol.Protocol(config, state, {"settings": hasty}), "127.0.0.1", 0
            )
            port = listening.sockets[0].getsockname()[1]
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(sent)
            answer = await asyncio.wait_for(reader.read(), 5)
            writer.close()
            listening.close()
        return answer

    found = asyncio.run(slowly())
    assert found.startswith(said)
    assert bool(found) == bool(said)
