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
from workers import command, within, workers


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


def test_a_hung_worker_is_replaced(artifacts: Path) -> None:
    hung = {"ISOMORPH_HUNG_SECONDS": "8"}
    with start(artifacts, workers=2, environment=hung) as service:
        within(60, service, gone=0)
        [first, _] = workers(service)
        os.kill(first, signal.SIGSTOP)
        within(60, service, gone=first)
        assert answering(service.address)
    assert any(f"worker {first} does not move for 8 seconds" in line for line in service.logged)


def test_workers_are_replaced_one_after_the_other_at_a_hangup(artifacts: Path) -> None:
    with start(artifacts, workers=2) as service, load(service.address) as running:
        within(60, service, gone=0)
        before = workers(service)
        service.process.send_signal(signal.SIGHUP)
        until = time.monotonic() + 30
        while set(workers(service)) & set(before):
            assert time.monotonic() < until, "they were not replaced"
            assert answering(service.address)
        within(60, service, gone=before[0])
    assert running.failed == []


def test_workers_that_are_no_forks(artifacts: Path) -> None:
    """As they are where a process with such libraries does not survive one."""
    planted = "import sys; sys.path.append(''); import runtime.workers as of; of.FORKS = False"
    with start(artifacts, workers=2, environment=plant(artifacts, planted)) as service:
        server = service.process.pid
        children = Path(f"/proc/{server}/task/{server}/children").read_text().split()
        spawned = [each for each in children if b"spawn_main" in command(int(each))]
        assert len(spawned) == 2
        os.kill(int(spawned[0]), signal.SIGKILL)
        for _ in range(20):
            assert answering(service.address) or answering(service.address)
            time.sleep(0.1)
    assert service.process.returncode in (0, -signal.SIGTERM)
    assert not any("Traceback" in line for line in service.logged)


def plant(artifacts: Path, code: str) -> dict[str, str]:
    """An environment in which this runs in every process, before all else."""
    site = artifacts.parent / "planted"
    site.mkdir(exist_ok=True)
    (site / "sitecustomize.py").write_text(code)
    path = os.pathsep.join([str(site), os.environ.get("PYTHONPATH", ""), str(Path.cwd())])
    return {"PYTHONPATH": path}


def serve_in_vain(artifacts: Path, planted: str) -> subprocess.CompletedProcess[str]:
    """A server whose workers meet `planted` as they import the application."""
    code = f"from runtime.server import serve; serve({str(artifacts)!r}, port=0, workers=2)"
    return subprocess.run(
        [sys.executable, "-c", code],
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, **plant(artifacts, planted)},
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
