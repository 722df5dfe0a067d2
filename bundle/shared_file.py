"""A small file that several processes read and change: never seen half-written, no change lost.

A change is made under a lock, written beside its place and renamed there. Readers need no lock.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bundle.errors import BundleError

MAX_BYTES = 2**16
READABLE = 0o644  # who serves need not be who wrote
PATIENCE = 10.0  # seconds to wait for another process's change, which takes milliseconds
LOCK = ".lock"  # readers of artifacts pass over names that start with a dot

if sys.platform == "win32":
    import msvcrt

    def _take(file: int) -> None:
        msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _take(file: int) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)


def read(path: Path) -> bytes | None:
    """The whole content; None where there is no such file. Raises BundleError."""
    try:
        # A pipe of that name must not make the reader wait for a writer.
        file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _fault(path, f"the file cannot be read ({error.strerror})") from error
    with os.fdopen(file, "rb") as content:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise _fault(path, "this is not a plain file")
        found = content.read(MAX_BYTES + 1)
    if len(found) > MAX_BYTES:
        raise _fault(path, f"the file is over {MAX_BYTES} bytes")
    return found


def change(path: Path, edit: Callable[[bytes | None], bytes], mode: int = READABLE) -> None:
    """Replace the content by what `edit` makes of it. Raises BundleError, and what `edit` does.

    `mode`: permissions of a file that was not there; `READABLE` is given to one that was, too.
    """
    try:
        with _locked(path.parent / LOCK):
            _replace(path, edit(read(path)), mode)
    except OSError as error:
        raise BundleError(
            f"{path.name} cannot be written ({error.strerror})",
            where=str(path),
            mend="Make its directory writable, or change the file where it comes from",
        ) from error


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    file = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        _wait_for(file, path)
        yield
    finally:
        os.close(file)  # and the lock with it


def _wait_for(file: int, path: Path) -> None:
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return _take(file)
        except (BlockingIOError, PermissionError):
            if time.monotonic() > until:
                raise _fault(path, "another process keeps the lock") from None
            time.sleep(0.005)


def _replace(path: Path, content: bytes, mode: int) -> None:
    if mode != READABLE:
        with suppress(FileNotFoundError):
            mode = stat.S_IMODE(path.stat().st_mode)
    file, work = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with os.fdopen(file, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(file)
        Path(work).chmod(mode)
        Path(work).replace(path)
    except BaseException:
        with suppress(OSError):
            Path(work).unlink()
        raise
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    """The rename lasts beyond a power cut. Not every system can: then it lasts a little later."""
    with suppress(OSError):
        file = os.open(path, os.O_RDONLY)
        try:
            os.fsync(file)
        finally:
            os.close(file)


def _fault(path: Path, fault: str) -> BundleError:
    return BundleError(fault, where=str(path), mend="Remove it, or write it again")
