"""Bodies at the limit and one byte over it, however they come; nesting; memory while they come."""

from __future__ import annotations

import gzip
import json
import socket
import time
import zlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from live_service import Service, start
from tiny_bundles import RECORD, write_penguins

LIMIT = 1_000_000
PATH = "/models/penguins/predict"
ROW = json.dumps(RECORD).encode()


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    root = tmp_path_factory.mktemp("artifacts")
    write_penguins(root)
    with start(root, environment={"ISOMORPH_MAX_BODY": str(LIMIT)}) as service:
        assert service.client.post(PATH, content=ROW).status_code == 200
        yield service


def of_bytes(size: int) -> bytes:
    return ROW + b" " * (size - len(ROW))


def chunked(body: bytes) -> bytes:
    pieces = [body[at : at + 10_000] for at in range(0, len(body), 10_000)]
    return b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in pieces) + b"0\r\n\r\n"


def status(service: Service, headers: bytes, body: bytes) -> int:
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(
            b"POST %s HTTP/1.1\r\nHost: x\r\n%s\r\n" % (PATH.encode(), headers) + body
        )
        return int(connection.recv(65536).split()[1])


@pytest.mark.parametrize(("size", "expected"), [(LIMIT - 1, 200), (LIMIT, 200), (LIMIT + 1, 413)])
def test_at_the_limit(limited: Service, size: int, expected: int) -> None:
    body = of_bytes(size)
    assert status(limited, b"Content-Length: %d\r\n" % size, body) == expected
    assert status(limited, b"Transfer-Encoding: chunked\r\n", chunked(body)) == expected
    for name, small in (("gzip", gzip.compress(body)), ("deflate", zlib.compress(body))):
        head = b"Content-Encoding: %s\r\n" % name.encode()
        assert status(limited, head + b"Content-Length: %d\r\n" % len(small), small) == expected
        assert status(limited, head + b"Transfer-Encoding: chunked\r\n", chunked(small)) == expected


def test_a_length_that_lies(limited: Service) -> None:
    over = of_bytes(LIMIT + 1)
    assert status(limited, b"Content-Length: %d\r\n" % 10**12, b"[") == 413
    assert status(limited, b"Content-Length: 2\r\n", over) == 400  # what follows is no request
    assert limited.client.post(PATH, content=ROW).status_code == 200


def resident(service: Service) -> int:
    text = Path(f"/proc/{service.process.pid}/status").read_text()
    return int(text.partition("VmHWM:")[2].split()[0]) * 1024


def test_bombs_and_nesting_are_refused_soon_and_in_little_memory(limited: Service) -> None:
    bomb = gzip.compress(b" " * 500_000_000, 9)
    assert len(bomb) < LIMIT
    bodies = [(b"[" * depth + b"]" * depth, b"") for depth in (65, 66, 1000, 250_000)]
    bodies += [(b'{"a":' * 65, b""), (b'{"a":' * 200_000, b""), (b"[" * LIMIT, b"")]
    bodies += [(bomb, b"Content-Encoding: gzip\r\n")]
    before, times = resident(limited), []
    for body, head in bodies:
        for _ in range(3):
            began = time.perf_counter()
            found = status(limited, head + b"Content-Length: %d\r\n" % len(body), body)
            times.append(time.perf_counter() - began)
            assert found == (413 if head else 400)
    assert resident(limited) - before < 3 * LIMIT + 8 * 2**20  # and what threads' stacks take
    # A tenth of a second on a machine that does nothing else.
    assert sorted(times)[len(times) // 2] < 0.1
    assert max(times) < 2
    assert limited.client.post(PATH, content=ROW).status_code == 200
