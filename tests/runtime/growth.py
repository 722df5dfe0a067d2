"""How much more memory a server holds after requests, and after versions came and went."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from pathlib import Path

from live_service import Service, start
from tiny_bundles import RECORD, write_penguins, write_prices

WARM = 2_000
PLANTED = """
import runtime.logs
_kept = []
_add = runtime.logs.RequestLog.add
def add(self, call, *rest):
    _kept.append(bytes(2000) + call.body)
    _add(self, call, *rest)
runtime.logs.RequestLog.add = add
"""
"""Two kilobytes of each request are kept for ever."""


def growth_by_requests(root: Path, count: int, planted: str = "") -> float:
    """Megabytes more after `count` requests of three kinds, over several connections."""
    write_penguins(root / "artifacts")
    with start(root / "artifacts", environment=_planted(root, planted)) as service:
        _ask(service, WARM)
        before = resident(service)
        _ask(service, count)
        return resident(service) - before


def growth_by_swaps(root: Path, count: int) -> float:
    """Megabytes more after so many new versions, each of which takes the place of another."""
    artifacts = root / "artifacts"
    write_prices(artifacts)
    with start(artifacts, environment={"ISOMORPH_LOOK_SECONDS": "0.1"}) as service:
        warm = min(50, count // 2)
        _swap(service, artifacts, 2, warm)
        before = resident(service)
        _swap(service, artifacts, 2 + warm, count)
        return resident(service) - before


def resident(service: Service) -> float:
    """Megabytes of the process that serves, once it rests."""
    time.sleep(1)
    status = Path(f"/proc/{service.process.pid}/status").read_text()
    [line] = [each for each in status.splitlines() if each.startswith("VmRSS")]
    return int(line.split()[1]) / 1024


def _planted(root: Path, code: str) -> dict[str, str]:
    if not code:
        return {}
    (root / "site").mkdir()
    # When the server is imported the path is whole; before, there is nothing to plant in.
    (root / "site" / "sitecustomize.py").write_text(f"import sys\nsys.path.append('')\n{code}")
    return {"PYTHONPATH": f"{root / 'site'}:{Path(__file__).parents[2]}"}


def _ask(service: Service, count: int) -> None:
    """Pipelined, so that asking costs little."""
    host, _, port = service.address[7:].partition(":")
    threads = [
        threading.Thread(target=_converse, args=((host, int(port)), count // 4)) for _ in range(4)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()


def _converse(place: tuple[str, int], count: int) -> None:
    many = [RECORD] * 20
    wanted = [
        _request(json.dumps(RECORD).encode()),
        _request(json.dumps(many).encode()),
        _request(b'{"bill": "no number"}'),
        b"GET /v2/health/ready HTTP/1.1\r\nHost: x\r\n\r\n",
    ]
    with socket.create_connection(place, timeout=60) as connection:
        for start in range(0, count, 20):
            connection.sendall(b"".join(wanted[i % 4] for i in range(20)))
            _take(connection, min(20, count - start) and 20)


def _request(body: bytes) -> bytes:
    head = b"POST /models/penguins/predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


def _take(connection: socket.socket, answers: int) -> None:
    found = b""
    while found.count(b"HTTP/1.1 ") < answers or not found.endswith(b"}"):
        piece = connection.recv(2**18)
        assert piece, "closed"
        found += piece


def _swap(service: Service, artifacts: Path, first: int, count: int) -> None:
    for version in range(first, first + count):
        write_prices(artifacts, version=version, scale=float(version))
        service.client.put("/models/prices/aliases/champion", json={"version": version})
        answer = service.client.post("/models/prices/predict", json=[[1, 2, 4]]).json()
        assert answer["version"] == version, answer
        old = artifacts / "prices" / str(version - 1)
        shutil.rmtree(old)
