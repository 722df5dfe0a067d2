"""Servers in processes of their own: started on a free port, watched, ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

PATIENCE = 120.0
CHECKOUT = Path(__file__).resolve().parent.parent


@dataclass
class Server:
    """A running server; figures count its children too."""

    port: int
    process: subprocess.Popen[bytes]
    ready_seconds: float

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        ticks = sum(_ticks(each) for each in _family(self.process.pid))
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Resident memory now, 1 MB = 1e6 bytes."""
        return sum(_resident(each) for each in _family(self.process.pid)) / 1e6


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str],
    *,
    probe: str,
    core: int | None = None,
    environment: Mapping[str, str] = os.environ,
) -> Iterator[Server]:
    """Start `command`, where {port} stands for its port; wait until `probe` answers 200."""
    port = free_port()
    words = [word.replace("{port}", str(port)) for word in command]
    pinned = ["taskset", "-c", str(core)] if core is not None else []
    started = time.perf_counter()
    with subprocess.Popen(
        [*pinned, *words],
        cwd=CHECKOUT,
        env=dict(environment),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as process:
        try:
            _wait(f"http://127.0.0.1:{port}{probe}", process)
            yield Server(port, process, time.perf_counter() - started)
        finally:
            family = _family(process.pid)
            process.terminate()
            _end(process, family)


def _end(process: subprocess.Popen[bytes], family: list[int]) -> None:
    """Wait for the end of it; children that it leaves behind are ended, too."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=15)
    for each in family:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"it ended before it was ready: {process.args}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.01)
    raise SystemExit(f"not ready within {PATIENCE:g} s: {process.args}")


def _family(pid: int) -> list[int]:
    found, todo = [], [pid]
    while todo:
        each = todo.pop()
        found.append(each)
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            todo += [int(child) for child in task.read_text().split()]
    return found


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])


def _resident(pid: int) -> int:
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
