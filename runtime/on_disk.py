"""What is on disk at one moment: names of directories and two small files; no bundle is opened.

It is looked at every second, however many models there are, so it costs little.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from bundle.aliases import read_aliases
from bundle.errors import BundleError
from bundle.unloaded import read_unloaded

_VERSION = re.compile(r"[1-9][0-9]{0,9}")

_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class OnDisk:
    """A model's directory. `aliases` and `unloaded` are None where the file is not valid.

    `lost`: it is there and cannot be listed, so nothing is known.
    """

    place: Path
    versions: tuple[int, ...]
    aliases: dict[str, int] | None
    unloaded: frozenset[int] | None
    fault: str
    lost: bool = False

    @property
    def name(self) -> str:
        """The model's."""
        return self.place.name

    def bundle(self, version: int) -> Path:
        """Where a version stands."""
        return self.place / str(version)


def look(root: Path) -> dict[str, OnDisk]:
    """Every model under `root` that has a version, or is lost. Raises OSError where `root` is."""
    with os.scandir(root) as entries:
        names = [each.name for each in entries if not each.name.startswith(".") and _is_dir(each)]
    found = [look_at(root, name) for name in sorted(names)]
    return {each.name: each for each in found if each.versions or each.lost}


def look_at(root: Path, name: str) -> OnDisk:
    """One model; the writer's own directories start with a dot.

    Aliases are read before versions are listed: what an alias names was there before it.
    """
    place, faults = root / name, list[str]()

    def valid(read: Callable[[Path], _T]) -> _T | None:
        # Not by the listing: it may miss a file that is being replaced.
        try:
            return read(place)
        except BundleError as error:
            faults.append(shown(error, root))
            return None

    aliases, unloaded = valid(read_aliases), valid(read_unloaded)
    try:
        versions = _versions(place)
    except OSError as error:
        said = unlisted(error)
        return OnDisk(place=place, versions=(), aliases=None, unloaded=None, fault=said, lost=True)
    return OnDisk(
        place=place,
        versions=versions,
        aliases=aliases,
        unloaded=unloaded,
        fault="; ".join(faults),
    )


def fingerprint(place: Path) -> Any:
    """What changes when a bundle is mended: names, sizes and times of its files."""
    try:
        with os.scandir(place) as entries:
            stats = [(each.name, each.stat(follow_symlinks=False)) for each in entries]
    except OSError as error:
        return error.errno
    return sorted((name, s.st_size, s.st_mtime_ns, s.st_ino) for name, s in stats)


def shown(error: Exception, root: Path) -> str:
    """The error in words. Where artifacts/ lies on this machine is nobody else's business."""
    return str(error).replace(f"{root}/", "")


def unlisted(error: OSError) -> str:
    """What an operator is told of a directory that cannot be listed."""
    return f"the directory cannot be listed ({error.strerror}); what answers goes on answering"


def _versions(place: Path) -> tuple[int, ...]:
    """Raises OSError where it is there and cannot be listed."""
    try:
        with os.scandir(place) as entries:
            numbers = [int(e.name) for e in entries if _VERSION.fullmatch(e.name) and _is_dir(e)]
    except (FileNotFoundError, NotADirectoryError):  # removed since its parent was listed
        return ()
    return tuple(sorted(numbers))


def _is_dir(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link to itself
        return False
