"""The process that tries bundles: it imports what that needs once, then forks for each bundle.

A graph can crash its process, ask for all memory or never end. Whatever it does, it does to a
child of this process that has limits, and the service goes on. See
docs/decisions/0011-trying-bundles.md.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

from bundle.errors import BundleError

MEMORY_PER_BYTE = 8
"""Of a bundle: its bytes, the graph parsed, its constants, and what onnxruntime packs of them."""
_PIECE = 2**16


def main() -> None:
    """Answer each line of standard input, until it ends: the service has, or needs no more."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the service, which ends this
    import runtime.opening  # noqa: F401, PLC0415 - once, here, and not in each child

    for line in iter(sys.stdin.buffer.readline, b""):
        found = _tried(json.loads(line))
        sys.stdout.buffer.write(json.dumps(found).encode() + b"\n")
        sys.stdout.buffer.flush()


def _tried(asked: dict[str, Any]) -> dict[str, str]:
    """What became of a child that tried it."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _in_child(asked, writing)
        finally:
            os._exit(1)
    os.close(writing)
    said, late = _heard(reading, child, asked["seconds"])
    os.close(reading)
    _, status, used = os.wait4(child, 0)
    if said:
        return dict(json.loads(said))
    return {"fault": _ended(status, used.ru_utime + used.ru_stime, asked["seconds"], late=late)}


def _heard(reading: int, child: int, seconds: float) -> tuple[bytes, bool]:
    """What the child says until it ends, and whether it had to be ended."""
    until, said = time.monotonic() + seconds, b""
    while True:
        ready, _, _ = select.select([reading, 0], [], [], max(0.0, until - time.monotonic()))
        if reading in ready:
            piece = os.read(reading, _PIECE)
            if not piece:
                return said, False
            said += piece
        else:  # late, or the service has ended: it asks for one at a time
            os.kill(child, signal.SIGKILL)
            return b"", True


def _ended(status: int, used: float, seconds: float, *, late: bool) -> str:
    if late:
        return f"it was tried for {seconds:g} seconds without an end"
    if os.WIFSIGNALED(status):
        name = signal.Signals(os.WTERMSIG(status)).name
        if name == "SIGXCPU":
            return f"it was tried for {used:.0f} seconds of processor time without an end"
        return f"it crashes the process that loads it ({name})"
    return "it ends the process that loads it"


def _in_child(asked: dict[str, Any], writing: int) -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for each in (0, 1, 2):
        os.dup2(nothing, each)
    place = Path(asked["place"])
    _limit(asked, place)
    found = json.dumps(_result(asked, place)).encode()
    while found:
        found = found[os.write(writing, found) :]
    os._exit(0)  # at once: what onnxruntime would tidy up may be spoilt


def _result(asked: dict[str, Any], place: Path) -> dict[str, str]:
    from runtime.book import Book  # noqa: PLC0415
    from runtime.opening import made  # noqa: PLC0415

    try:
        return {"digest": made(asked["name"], asked["version"], place, Book()).bundle.digest}
    except BundleError as error:
        return {"fault": str(error)}
    except MemoryError:
        return {"fault": f"it needs over {asked['memory']} bytes of memory beyond its own size"}
    except Exception as error:  # noqa: BLE001 - the reason, whatever it is
        return {"fault": f"{type(error).__name__}: {error}"}


def _limit(asked: dict[str, Any], place: Path) -> None:
    """Memory, processor time, and no file written."""
    import resource  # noqa: PLC0415 - not on Windows, where nothing is tried

    from runtime.engine import MAX_THREADS  # noqa: PLC0415
    from runtime.processors import processors  # noqa: PLC0415

    seconds = int(asked["seconds"]) + 1
    processor = seconds * min(MAX_THREADS, processors())
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _die_first()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    memory = _in_use() + asked["memory"] + MEMORY_PER_BYTE * _size(place)
    if sys.platform == "linux":  # elsewhere the limit is not kept, or counts otherwise
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def _size(place: Path) -> int:
    try:
        with os.scandir(place) as entries:
            return sum(each.stat(follow_symlinks=False).st_size for each in entries)
    except OSError:
        return 0


def _in_use() -> int:
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _die_first() -> None:
    """Where memory runs out nevertheless, the kernel ends this process before the service."""
    try:
        Path("/proc/self/oom_score_adj").write_text("1000")
    except OSError:
        return
