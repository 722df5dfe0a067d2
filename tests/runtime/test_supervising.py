"""Workers that are killed, hang, or die as they start."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from live_service import start
from load import answering, load
from workers import within, workers


def test_killed_workers_are_replaced_and_no_request_fails_twice(artifacts: Path) -> None:
    with start(artifacts, workers=2) as service, load(service.address) as running:
        for i in range(3):
            within(60, service, gone=0)
            time.sleep(1.2)  # those that die at once are another matter
            killed = workers(service)[i % 2]
            os.kill(killed, signal.SIGKILL)
            within(60, service, gone=killed)
        time.sleep(0.3)
    assert running.failed == []
    assert running.answered > 100
    assert sum("died (SIGKILL); another takes its place" in line for line in service.logged) == 3


@pytest.mark.parametrize("stop", [signal.SIGSTOP])
def test_a_hung_worker_is_replaced(artifacts: Path, stop: signal.Signals) -> None:
    hung = {"ISOMORPH_HUNG_SECONDS": "8"}
    with start(artifacts, workers=2, environment=hung) as service:
        within(60, service, gone=0)
        [first, _] = workers(service)
        os.kill(first, stop)
        within(60, service, gone=first)
        assert answering(service.address)
    assert any(f"worker {first} does not move for 8 seconds" in line for line in service.logged)


def serve_in_vain(artifacts: Path, planted: str) -> subprocess.CompletedProcess[str]:
    """A server whose workers meet `planted` as they import the application."""
    site = artifacts.parent / "planted"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(planted)
    code = f"from runtime.server import serve; serve({str(artifacts)!r}, port=0, workers=2)"
    path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", ""), str(Path.cwd())])
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": path},
    )


AT_ONCE = """
import os
os.register_at_fork(after_in_child=lambda: os._exit(9))
"""
AFTER_A_WHILE = """
import os, threading
os.register_at_fork(after_in_child=lambda: threading.Timer(0.4, os._exit, [7]).start())
"""


@pytest.mark.parametrize(("planted", "status"), [(AT_ONCE, 9), (AFTER_A_WHILE, 7)])
def test_a_crash_loop_ends_the_server_with_a_reason(
    artifacts: Path, planted: str, status: int
) -> None:
    found = serve_in_vain(artifacts, planted)
    assert found.returncode == 3
    assert "5 workers died within 60 seconds, each as soon as it had started" in found.stderr
    assert f"exit status {status}" in found.stderr


def test_workers_do_not_outlive_their_supervisor(artifacts: Path) -> None:
    with start(artifacts, workers=2) as service:
        within(60, service, gone=0)
        left = workers(service)
        service.process.kill()
        until = time.monotonic() + 20
        while any(_runs(each) for each in left):
            assert time.monotonic() < until, "they serve on"
            time.sleep(0.1)


def _runs(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
