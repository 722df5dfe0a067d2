"""Bulk requests beside each other and beside small ones; a server without pyarrow."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from in_process import InProcess
from live_service import Service
from tables import FORMATS, NATIVE, PARQUET, STREAM, V2, penguins, post, read, written
from tiny_bundles import RECORD, write_penguins

from runtime import bulk_jobs, settings
from runtime.app import create_app
from runtime.door import Call, Reply
from runtime.errors import BusyError

WITHOUT = """
import sys
sys.modules["pyarrow"] = None
from runtime.server import serve
serve(sys.argv[1], port=0)
"""


@pytest.mark.parametrize("limit", [{"max_bulk_rows": 50_000}, {"max_bulk": 100_000}])
def test_the_limits_of_the_operator(tmp_path: Path, limit: dict[str, int]) -> None:
    write_penguins(tmp_path)
    app = create_app(settings.Settings(artifacts=tmp_path, **limit))
    body = written(penguins(60_000), PARQUET)
    assert len(body) < 20_000
    with InProcess(app) as client:
        path = NATIVE.format("penguins")
        headers = {"Content-Type": PARQUET, "Accept": STREAM}
        few = written(penguins(1000), PARQUET)
        assert client.post(path, content=few, headers=headers).status_code == 200
        for _ in range(10):  # more than may be here at a time: each has left
            answer = client.post(path, content=body, headers=headers)
            assert answer.status_code == 413, answer.text


def test_a_body_over_the_limit(tmp_path: Path) -> None:
    write_penguins(tmp_path)
    with InProcess(create_app(settings.Settings(artifacts=tmp_path, max_bulk=1000))) as client:
        for path in (NATIVE, V2):
            answer = client.post(
                path.format("penguins"), content=b"x" * 1001, headers={"Content-Type": STREAM}
            )
            assert answer.status_code == 413


class Request:
    """A request without a body, whose client waits."""

    def __init__(self) -> None:
        headers = {b"content-type": STREAM.encode()}
        self.call = Call({}, headers, {}, b"", None, None, None)  # type: ignore[arg-type]
        self._read = False

    async def receive(self) -> dict[str, Any]:
        """An empty body, then silence."""
        if self._read:
            await asyncio.sleep(60)
        self._read = True
        return {"type": "http.request", "body": b"", "more_body": False}


def test_so_many_run_so_many_wait_and_the_next_is_told() -> None:
    running, most, go_on = 0, 0, threading.Event()

    def bulk(_: Call, __: Any) -> Reply:
        nonlocal running, most
        running += 1
        most = max(most, running)
        go_on.wait(10)
        running -= 1
        return Reply(b"")

    async def ask() -> None:
        jobs = bulk_jobs.BulkJobs(settings.Settings(artifacts=Path(), bulk_jobs=2, bulk_waiting=1))
        first, *others = [Request() for _ in range(4)]
        here = [
            asyncio.ensure_future(jobs.answer(bulk, each.call, each.receive))
            for each in (first, *others[:2])
        ]
        await asyncio.sleep(0.3)
        with pytest.raises(BusyError):
            await jobs.answer(bulk, others[2].call, others[2].receive)
        go_on.set()
        await asyncio.gather(*here)
        with pytest.raises(BusyError):  # their answers are being sent
            await jobs.answer(bulk, others[2].call, others[2].receive)
        jobs.left(first.call)
        assert (await jobs.answer(bulk, others[2].call, others[2].receive)).status == 200

    asyncio.run(ask())
    assert most == 2


def test_a_client_that_leaves_ends_its_job(service: Service) -> None:
    rows = 3 * 10**6
    table = penguins(rows, bill=pa.array(np.linspace(30, 60, rows)))
    body = written(table, PARQUET)
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        head = f"POST {NATIVE.format('penguins')} HTTP/1.1\r\nHost: x\r\nX-Request-Id: left\r\n"
        head += f"Content-Type: {PARQUET}\r\nContent-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body)
        time.sleep(0.3)
    for _ in range(200):
        lines = [json.loads(line) for line in list(service.logged)]
        found = [line for line in lines if line.get("request_id") == "left"]
        if found:
            break
        time.sleep(0.05)
    assert found[0]["status"] == 400, "it ended before the client left"
    assert "error" not in found[0]


def test_small_requests_go_on(service: Service) -> None:
    rows = 2 * 10**6
    body = written(penguins(rows, bill=pa.array(np.linspace(30, 60, rows))), PARQUET)
    answers: list[int] = []
    asking = [
        threading.Thread(target=lambda: answers.append(post(service, body, PARQUET).status_code))
        for _ in range(3)
    ]
    for each in asking:
        each.start()
    times = []
    while any(each.is_alive() for each in asking):
        began = time.perf_counter()
        assert service.client.post("/models/penguins/predict", json=RECORD).status_code == 200
        times.append(time.perf_counter() - began)
    assert answers == [200] * 3
    assert len(times) > 20
    assert sorted(times)[len(times) // 2] < 0.5


@pytest.fixture(scope="module")
def without(artifacts: Path) -> Any:
    """A server that cannot import pyarrow."""
    command = [sys.executable, "-c", WITHOUT, str(artifacts)]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, env=dict(os.environ)
    ) as process:
        assert process.stdout is not None
        yield process.stdout.readline().split()[-1]
        process.terminate()


@pytest.mark.parametrize("media_type", FORMATS)
def test_without_pyarrow(without: str, service: Service, media_type: str) -> None:
    body = written(penguins(), media_type)
    headers = {"Content-Type": media_type}
    answer = service.client.post(without + NATIVE.format("penguins"), content=body, headers=headers)
    assert answer.status_code == 415, answer.text
    assert answer.json()["mend"] == "Install it on the server: pip install 'isomorph[arrow]'"
    answer = service.client.post(without + V2.format("penguins"), content=body, headers=headers)
    assert answer.status_code == 415
    assert "isomorph[arrow]" in answer.json()["error"]
    small = service.client.post(without + NATIVE.format("penguins"), json=RECORD)
    assert small.status_code == 200


def test_pyarrow_is_loaded_by_the_first_bulk_request() -> None:
    code = "import sys, runtime.app, runtime.server; print('pyarrow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_an_old_pyarrow_is_named(monkeypatch: pytest.MonkeyPatch, service: Service) -> None:
    assert read(post(service, penguins())).num_rows == 1
    monkeypatch.setattr(pa, "__version__", "18.0.0")
    with pytest.raises(Exception, match="older than 26"):
        __import__("runtime.arrow").arrow.pyarrow()
