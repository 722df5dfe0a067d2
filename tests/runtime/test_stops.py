"""SIGTERM: what had arrived is answered, what comes later is refused, and the end comes in time."""

from __future__ import annotations

import signal
import socket
import threading
import time
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest
from live_service import start
from load import post
from stops import WHOLE, stop_under_load
from tiny_bundles import RECORD, write_penguins

GENTLE = (0, -signal.SIGTERM)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("_", range(2))
def test_no_request_that_had_arrived_is_lost(artifacts: Path, workers: int, _: int) -> None:
    told = stop_under_load(artifacts, workers)
    assert told.lost == []
    assert all(each.startswith(b"HTTP/1.1 200") for each in told.halves), told.halves
    assert all(b"connection: close" in each for each in told.halves)
    assert told.answered > 0
    assert told.refused
    assert told.status in GENTLE
    assert told.seconds < 28


def test_bodies_that_never_end_get_their_408_and_keep_nobody(artifacts: Path) -> None:
    told = stop_under_load(artifacts, finishing=False)
    assert told.lost == []
    assert all(each.startswith(b"HTTP/1.1 408") for each in told.halves), told.halves
    assert told.seconds < 12


def test_readiness_says_no_before_connections_are_refused(artifacts: Path) -> None:
    drain = {"ISOMORPH_DRAIN_SECONDS": "2"}
    with (
        start(artifacts, environment=drain) as service,
        closing(HTTPConnection(host := service.address[7:], timeout=10)) as kept,
    ):
        assert post(kept, "/models/penguins/predict", RECORD)[0] == 200
        began = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        assert service.client.get("/v2/health/ready").status_code == 503
        assert service.client.get("/v2/health/live").status_code == 200
        answer = service.client.post("/models/penguins/predict", json=RECORD)
        assert answer.status_code == 200
        assert answer.headers["connection"] == "close"
        assert post(kept, "/models/penguins/predict", RECORD)[0] == 200
        assert service.process.wait(timeout=10) in GENTLE
        assert 2 <= time.monotonic() - began < 5
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(host.split(":"), timeout=2)


def test_a_client_that_takes_nothing_cannot_keep_it(tmp_path: Path) -> None:
    """Answers that nobody reads are cut off; the process ends by itself."""
    write_penguins(tmp_path)
    with start(tmp_path) as service:
        host, _, port = service.address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.settimeout(0.5)
            flood = threading.Thread(target=_flood, args=(connection,))
            flood.start()
            flood.join()
            began = time.monotonic()
            service.process.send_signal(signal.SIGTERM)
            assert service.process.wait(timeout=40) in GENTLE
            assert time.monotonic() - began < 28


def _flood(connection: socket.socket) -> None:
    try:
        for _ in range(20_000):
            connection.sendall(WHOLE)
    except TimeoutError:
        return
