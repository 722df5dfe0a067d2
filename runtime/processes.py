"""Memory and open files of processes, from /proc; elsewhere nothing is said."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from runtime.exposition import Family

_PROC = Path("/proc")


def figures(processes: Sequence[int]) -> Iterator[Family]:
    """Of all of them together."""
    memory = Family("process_resident_memory_bytes", "gauge", "Memory of all workers.")
    files = Family("process_open_fds", "gauge", "Open files and connections of all workers.")
    for family, measure in ((memory, _memory), (files, _files)):
        found = [each for each in (_of(measure, number) for number in processes) if each]
        if found:
            family.add(sum(found))
        yield family


def _of(measure: Callable[[Path], int], process: int) -> int:
    try:
        return measure(_PROC / str(process))
    except (OSError, ValueError, IndexError):  # it has ended, or there is no /proc
        return 0


def _memory(place: Path) -> int:
    pages = int((place / "statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _files(place: Path) -> int:
    return sum(1 for _ in (place / "fd").iterdir())
