"""The service's side of trying a bundle: a process that does it, started when it is needed."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from contextlib import suppress
from pathlib import Path
from typing import Any

from bundle.errors import BundleError
from runtime.errors import UntriedError
from runtime.on_disk import fingerprint
from runtime.settings import Settings

IDLE_SECONDS = 10.0  # that the process stays for the next bundle; it holds about 60 MB
PATIENCE = 10.0  # seconds beyond a trial's own until the process counts as lost
POSSIBLE = hasattr(os, "fork")

# As the service finds its modules; what else is in its environment is not for a bundle to see.
_START = "import sys; sys.path[:] = sys.argv[1:]; from runtime.trying import main; main()"
_KEPT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LANG", "TMPDIR")

Passed = tuple[Any, str]
"""The fingerprint of a bundle's files, and its digest."""
PASSED: dict[tuple[str, int], Passed] = {}
"""What passed since the service started, by name and version: it is not tried again while its files
stay. In memory, and handed on from worker to worker: a file could be forged."""
_NEWS = deque[tuple[tuple[str, int], Passed]](maxlen=1000)


def news() -> dict[tuple[str, int], Passed]:
    """What passed here since it was asked last."""
    found: dict[tuple[str, int], Passed] = {}
    while _NEWS:
        key, passed = _NEWS.popleft()
        found[key] = passed
    return found


class Trial:
    """Tries bundles one at a time. Not from several threads at once, but for `close`."""

    def __init__(self, settings: Settings) -> None:
        self._limits = {
            "seconds": settings.trial_seconds,
            "memory": settings.trial_memory,
        }
        self._process: subprocess.Popen[bytes] | None = None
        self._changing = threading.Lock()
        self._closed = False
        self._used = 0.0
        self._busy = False

    def __call__(self, name: str, version: int, place: Path) -> str:
        """The digest of the bundle that was loaded and replayed there. Raises BundleError."""
        key, before = (name, version), fingerprint(place)
        passed = PASSED.get(key)
        if passed is not None and passed[0] == before:
            return passed[1]
        digest = self._tried(name, version, place)
        PASSED[key] = before, digest
        _NEWS.append((key, PASSED[key]))
        return digest

    def _tried(self, name: str, version: int, place: Path) -> str:
        self._busy = True
        try:
            found = self._asked({"name": name, "version": version, "place": str(place.absolute())})
        finally:
            self._used, self._busy = time.monotonic(), False
        if "fault" in found:
            raise BundleError(found["fault"].replace(f"{place.absolute()}", str(place)))
        return found["digest"]

    def start(self) -> None:
        """Begin before the first bundle, beside what else a start has to do."""
        with self._changing:
            if not self._closed and (self._process is None or self._process.poll() is not None):
                self._process = _started()

    def rest(self) -> None:
        """End the process where it was not needed for a while."""
        if not self._busy and time.monotonic() - self._used > IDLE_SECONDS:
            self.end()

    def close(self) -> None:
        """End it now, and for good."""
        self._closed = True
        self.end()

    def _asked(self, about: dict[str, Any]) -> dict[str, str]:
        self.start()
        process = self._process
        if process is None:
            raise UntriedError("it was not tried: the service ends")
        line = json.dumps(about | self._limits).encode() + b"\n"
        answer = b""
        with suppress(OSError, ValueError):  # it is gone, or `close` came between
            _write(process, line)
            answer = _read(process, self._limits["seconds"] + PATIENCE)
        if not answer:
            self.end()
            raise UntriedError("the process that tried it was lost")
        return dict(json.loads(answer))

    def end(self) -> None:
        """End the process; the next bundle starts another. It holds as much as half a service."""
        with self._changing:
            process, self._process = self._process, None
        if process is not None:
            with suppress(OSError):  # it leads a group, and its child is in it
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for each in (process.stdin, process.stdout):
                if each is not None:
                    with suppress(OSError):
                        each.close()


def _started() -> subprocess.Popen[bytes]:
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - this interpreter, with this code
        [sys.executable, "-I", "-c", _START, *map(os.path.abspath, sys.path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={**kept, "OPENBLAS_NUM_THREADS": "1"},  # threads do not survive a fork
        cwd=os.sep,
        start_new_session=True,
        bufsize=0,
    )


def _write(process: subprocess.Popen[bytes], line: bytes) -> None:
    if process.stdin is not None:
        process.stdin.write(line)


def _read(process: subprocess.Popen[bytes], seconds: float) -> bytes:
    """A line; empty where the process ends first, or is late."""
    until, said = time.monotonic() + seconds, b""
    while process.stdout is not None and not said.endswith(b"\n"):
        ready, _, _ = select.select([process.stdout], [], [], max(0.0, until - time.monotonic()))
        piece = os.read(process.stdout.fileno(), 2**16) if ready else b""
        if not piece:
            return b""
        said += piece
    return said
