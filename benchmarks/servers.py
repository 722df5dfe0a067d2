"""Servers in processes of their own: started on a free port, watched, ended."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

PATIENCE = 120.0
CHECKOUT = Path(__file__).resolve().parent.parent
CORE = 0
"""The processor of every server that is measured; the load comes from the others."""


def others() -> set[int]:
    """The processors that are not the server's; that one, where there is no other."""
    return os.sched_getaffinity(0) - {CORE} or {CORE}


def pinned(cores: set[int]) -> list[str]:
    """What goes before a command to keep it on these processors; nothing where that cannot be."""
    if not cores or shutil.which("taskset") is None:
        return []
    return ["taskset", "-c", ",".join(map(str, sorted(cores)))]


@dataclass
class Server:
    """A running server; figures count its children too."""

    port: int
    process: subprocess.Popen[bytes]
    ready_seconds: float

    def cpu_seconds(self) -> float:
        """User and system time so far."""
        spent = sum(ticks(each) for each in family(self.process.pid))
        return spent / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """Resident memory now, 1 MB = 1e6 bytes."""
        return sum(_resident(each) for each in family(self.process.pid)) / 1e6


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def running(
    command: Sequence[str | Path],
    *,
    probe: str,
    core: int | None = None,
    environment: Mapping[str, str] = os.environ,
    directory: Path = CHECKOUT,
) -> Iterator[Server]:
    """Start `command`, where {port} stands for its port; wait until `probe` answers 200.

    Raises SystemExit, with the end of what it said, where it does not become ready.
    """
    port = free_port()
    words = [str(word).replace("{port}", str(port)) for word in command]
    started = time.perf_counter()
    with subprocess.Popen(
        [*pinned(set() if core is None else {core}), *words],
        cwd=directory,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        try:
            said = _Said(process.stdout)
            _wait(f"http://127.0.0.1:{port}{probe}", process, said)
            yield Server(port, process, time.perf_counter() - started)
        finally:
            all_of_it = family(process.pid)
            process.terminate()
            _end(process, all_of_it)


class _Said:
    """Reads what a server says, so that it never waits for a reader; keeps the end of it."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self._pieces: deque[bytes] = deque(maxlen=16)
        self._pipe = pipe
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        with suppress(OSError, ValueError):  # closed under it
            while self._pipe is not None and (piece := os.read(self._pipe.fileno(), 2**16)):
                self._pieces.append(piece)

    def __str__(self) -> str:
        self._reader.join(timeout=1)  # the last words
        return b"".join(self._pieces).decode(errors="replace")


def _end(process: subprocess.Popen[bytes], all_of_it: list[int]) -> None:
    """Wait for the end of it; children that it leaves behind are ended, too."""
    with suppress(subprocess.TimeoutExpired):
        process.wait(timeout=15)
    for each in all_of_it:
        with suppress(ProcessLookupError):
            os.kill(each, signal.SIGKILL)


def _wait(url: str, process: subprocess.Popen[bytes], said: _Said) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"{said}\nit ended before it was ready: {process.args}")
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:  # noqa: S310 - loopback
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.005)
    raise SystemExit(f"{said}\nnot ready within {PATIENCE:g} s: {process.args}")


def family(pid: int) -> list[int]:
    """The process and all that it started. Those that ended meanwhile have no children."""
    found, todo = [], [pid]
    while todo:
        each = todo.pop()
        found.append(each)
        for task in Path(f"/proc/{each}/task").glob("*/children"):
            with suppress(OSError):
                todo += [int(child) for child in task.read_text().split()]
    return found


def ticks(pid: int, *, ended: bool = False) -> int:
    """User and system time of a process so far; `ended`: of its children that have ended."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    first = 13 if ended else 11
    return int(fields[first]) + int(fields[first + 1])


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
