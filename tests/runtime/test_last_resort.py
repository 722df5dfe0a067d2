"""A process that was told to stop ends in its time, whatever its event loop and its threads do."""

from __future__ import annotations

import json
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from live_service import Service, start
from slow_model import write_slow
from tiny_bundles import write_penguins
from workers import within, workers


@contextmanager
def never_answered(service: Service, rows: int) -> Iterator[None]:
    """While a request is under way whose model does not end."""
    content = json.dumps([[0.0, 0.0, 11.0]] * rows).encode()
    head = "POST /models/slow/predict HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
    host, _, port = service.address.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() % len(content) + content)
        yield


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("rows", [1, 5000])  # on the event loop, in a thread
def test_a_run_without_an_end_cannot_keep_it(tmp_path: Path, workers: int, rows: int) -> None:
    """On the event loop no handler of Python's runs until the model returns, and it does not."""
    write_slow(tmp_path, turns=10**12)
    limit = {"ISOMORPH_STOP_SECONDS": "3"}
    with start(tmp_path, workers, environment=limit) as service, never_answered(service, rows):
        time.sleep(1)
        began = time.monotonic()
        service.process.send_signal(signal.SIGTERM)
        service.process.wait(timeout=20)
        assert time.monotonic() - began < 3 + 2
    if rows == 1:
        assert any("something did not end within 3 seconds" in line for line in service.logged)
        assert any("/runtime/" in line and "Stack" in line for line in service.logged)


def test_a_worker_whose_event_loop_is_in_a_run_is_replaced(tmp_path: Path) -> None:
    write_slow(tmp_path, turns=10**12)
    write_penguins(tmp_path)
    with start(tmp_path, workers=2, environment={"ISOMORPH_HUNG_SECONDS": "3"}) as service:
        within(60, service, gone=0)
        before = workers(service)
        with never_answered(service, rows=1):
            until = time.monotonic() + 30
            while set(workers(service)) == set(before):
                assert time.monotonic() < until, "it was not replaced"
                time.sleep(0.05)
        within(60, service, gone=0)
    assert any("does not move for 3 seconds" in line for line in service.logged)
