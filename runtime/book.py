"""Where a process counts, and what all processes of a service counted.

Workers share a directory: each has a file for every version it served, mapped into its memory. So
adding costs no system call, whoever is asked reads the files of all, and what a worker counted
outlives it, however it ends. What dead workers counted is put together when the next one starts.
"""

from __future__ import annotations

import mmap
import os
import secrets
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from runtime.counts import Counts
from runtime.logs import LOG
from runtime.statistics import SLOTS, Statistics
from runtime.tally import GENERAL, Key, Past, Tally, past

MAX_VERSIONS = 512
"""Versions told apart, of those served since the start; further ones are counted together."""
OTHER: Key = ("(other)", 0)
DIRECTORY = "ISOMORPH_COUNTS"
"""The variable of the environment that tells workers where they count together."""

_PAST, _TURN = "past.json", "turn"
_HEAD = 4096  # bytes of a file before its slots: whose they are
_BYTES = _HEAD + 8 * SLOTS
_PAGES = MAX_VERSIONS + 2
_ALONE = "there is no room to count together: the other workers do not see what this one counts"

if sys.platform == "win32":

    def _lock(_: int, *, shared: bool = False, wait: bool = True) -> bool:
        return not shared and wait
else:
    import fcntl

    def _lock(file: int, *, shared: bool = False, wait: bool = True) -> bool:
        """Whether it was free. It is held until the file is closed, or its process ends."""
        how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
        try:
            fcntl.flock(file, how if wait else how | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def shared_directory(workers: int) -> Iterator[Path | None]:
    """Where so many workers count together; None for one, which needs no other, and without room.

    In memory where the system has a place for that: what is mapped from a disk is written there.
    """
    if workers == 1:
        yield None
        return
    memory = Path("/dev/shm")  # noqa: S108 - the directory made in it is for this user alone
    place = memory if os.access(memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(
        prefix="isomorph-", dir=place, ignore_cleanup_errors=True
    ) as made:
        yield Path(made)


class Book:
    """The pages of this process; `directory` is shared by the workers of one service."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory
        self._worker = f"{os.getpid()}-{secrets.token_hex(8)}"
        self._turn = threading.Lock()
        self._pages: dict[Key, Statistics] = {}
        self._file: _File | None = None
        if directory is not None:
            with _locked(directory):
                _fold(directory)
            self._file = _opened(directory / self._worker)
        self.general = self.page(*GENERAL)

    def page(self, name: str, version: int) -> Statistics:
        """Where a version is counted: the same page when it is loaded again."""
        key = (name, version)
        with self._turn:
            if key not in self._pages and len(self._pages) > MAX_VERSIONS:
                key = OTHER
            found = self._pages.get(key)
            if found is None:
                slots = None if self._file is None else self._file.slots(key)
                found = self._pages[key] = Statistics(slots)
            return found

    def read(self) -> Tally:
        """What all processes counted, those that are no more included."""
        tally = Tally()
        with self._turn:
            pages = list(self._pages.items())
        tally.add_living({key: Counts(page.slots) for key, page in pages}, os.getpid())
        if self._directory is not None:
            with _locked(self._directory, shared=True):
                _others(self._directory, tally, besides=self._worker)
        return tally


class _File:
    """A worker's pages, one behind the other; it is locked as long as its process lives."""

    def __init__(self, path: Path) -> None:
        making = path.with_suffix(".new")
        self._file = os.open(making, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        os.truncate(self._file, _PAGES * _BYTES)  # no room is taken before it is written to
        _lock(self._file)
        making.rename(path)
        self._memory = memoryview(mmap.mmap(self._file, _PAGES * _BYTES))
        self._used = 0

    def slots(self, key: Key) -> memoryview | None:
        """Those of another page; None where there is no room: then others do not see them."""
        start = self._used * _BYTES
        try:
            # A hole that finds no room when the memory is written to would end the process.
            whole = os.pwrite(self._file, bytes(_BYTES), start) == _BYTES
            whole = whole and os.pwrite(self._file, msgspec.json.encode(key), start) > 0
        except OSError:
            whole = False
        if not whole:
            LOG.warning(_ALONE)
            return None
        self._used += 1
        return self._memory[start + _HEAD : start + _BYTES].cast("q")


def _opened(path: Path) -> _File | None:
    try:
        return _File(path)
    except OSError:
        LOG.warning(_ALONE)
        return None


@contextmanager
def _locked(directory: Path, *, shared: bool = False) -> Iterator[None]:
    file = os.open(directory / _TURN, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(file, shared=shared)
        yield
    finally:
        os.close(file)


def _others(directory: Path, tally: Tally, besides: str) -> None:
    """Add what every worker but one counts, or counted."""
    before = _past(directory)
    before.into(tally)
    for path in _workers(directory):
        if path.name == besides or path.name in before.workers:
            continue
        alive = _lives(path)  # before it is read: what it counted until then is there
        pages = _pages(path)
        if GENERAL not in pages:  # it is about to start
            continue
        if alive:
            tally.add_living(pages, int(path.name.partition("-")[0]))
        else:
            tally.add_dead(pages)


def _fold(directory: Path) -> None:
    """Put what dead workers counted into one file, so that crashes do not fill the place.

    Ended half way it counts nothing twice: the file tells whose counts it holds.
    """
    before, tally, there = _past(directory), Tally(), _workers(directory)
    before.into(tally)
    held = [path for path in there if path.name in before.workers]
    dead = [path for path in there if path not in held and not _lives(path)]
    for path in dead:
        tally.add_dead(_pages(path))
    if dead:
        made = directory / "past.new"
        made.write_bytes(msgspec.json.encode(past(tally, [path.name for path in held + dead])))
        made.rename(directory / _PAST)
    for path in held + dead:
        path.unlink(missing_ok=True)


def _past(directory: Path) -> Past:
    try:
        return msgspec.json.decode((directory / _PAST).read_bytes(), type=Past)
    except FileNotFoundError:
        return Past()


def _workers(directory: Path) -> list[Path]:
    """Every worker's file."""
    return sorted(path for path in directory.glob("*-*") if not path.suffix)


def _pages(path: Path) -> dict[Key, Counts]:
    found: dict[Key, Counts] = {}
    with path.open("rb") as file:
        while head := file.read(_HEAD).rstrip(b"\0"):
            name, version = msgspec.json.decode(head)
            found[name, version] = Counts(memoryview(file.read(8 * SLOTS)).cast("q"))
    return found


def _lives(path: Path) -> bool:
    """Whether a worker's process is there: it holds its file."""
    file = os.open(path, os.O_RDWR)
    try:
        return not _lock(file, shared=True, wait=False)
    finally:
        os.close(file)
