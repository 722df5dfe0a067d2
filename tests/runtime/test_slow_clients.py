"""500 connections that send nothing, half a header or half a body: closed, others are served."""

from __future__ import annotations

import selectors
import socket
import time
from pathlib import Path

from live_service import Service, start
from tiny_bundles import RECORD, write_penguins

PATH = "/models/penguins/predict"
HALVES = (
    b"",
    b"POST /models/penguins/predict HTTP/1.1\r\nHost: x\r\nA: ",
    b"POST /models/penguins/predict HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n[",
)
CLOSED_WITHIN = 10.0


def p99(service: Service, seconds: float) -> float:
    times, end = [], time.perf_counter() + seconds
    while time.perf_counter() < end:
        began = time.perf_counter()
        assert service.client.post(PATH, json=RECORD).status_code == 200
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) * 99 // 100]


def test_slow_clients_are_closed_and_others_served(tmp_path: Path) -> None:
    write_penguins(tmp_path)
    with start(tmp_path) as service:
        host, port = service.address.removeprefix("http://").split(":")
        alone = p99(service, 3)
        began = time.perf_counter()
        slow = selectors.DefaultSelector()
        for number in range(500):
            connection = socket.create_connection((host, int(port)), timeout=5)
            connection.sendall(HALVES[number % 3])
            slow.register(connection, selectors.EVENT_READ)
        beside = p99(service, 3)
        while slow.get_map() and time.perf_counter() - began < CLOSED_WITHIN + 5:
            for key, _ in slow.select(0.5):
                if not key.fileobj.recv(65536):  # type: ignore[union-attr]
                    slow.unregister(key.fileobj)
                    key.fileobj.close()  # type: ignore[union-attr]
        closed = time.perf_counter() - began
        assert not slow.get_map()
        slow.close()
        # The last of them came a moment after the first; and a busy machine has other delays.
        assert closed < CLOSED_WITHIN + 2
        assert beside < 2 * alone + 0.05
        assert service.client.post(PATH, json=RECORD).status_code == 200
