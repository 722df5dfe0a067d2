"""What is on disk at one moment: names of directories and two small files; no bundle is opened."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundle.aliases import read_aliases
from bundle.errors import BundleError
from bundle.unloaded import read_unloaded

_VERSION = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True, kw_only=True)
class OnDisk:
    """A model's directory. `aliases` and `unloaded` are None where the file is not valid."""

    name: str
    places: dict[int, Path]
    aliases: dict[str, int] | None
    unloaded: frozenset[int] | None
    fault: str


def look(root: Path) -> dict[str, OnDisk]:
    """Every model under `root` that has a version. Raises OSError where `root` cannot be read."""
    with os.scandir(root) as entries:
        names = [each.name for each in entries if not each.name.startswith(".") and each.is_dir()]
    found = [look_at(root, name) for name in sorted(names)]
    return {each.name: each for each in found if each.places}


def look_at(root: Path, name: str) -> OnDisk:
    """One model; the writer's own directories start with a dot."""
    place = root / name
    faults: list[str] = []
    aliases: dict[str, int] | None = None
    unloaded: frozenset[int] | None = None
    try:
        aliases = read_aliases(place)
    except BundleError as error:
        faults.append(shown(error, root))
    try:
        unloaded = read_unloaded(place)
    except BundleError as error:
        faults.append(shown(error, root))
    return OnDisk(
        name=name,
        places=_versions(place),
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


def _versions(place: Path) -> dict[int, Path]:
    try:
        with os.scandir(place) as entries:
            numbers = sorted(
                int(each.name)
                for each in entries
                if _VERSION.fullmatch(each.name) and each.is_dir()
            )
    except OSError:  # removed since its parent was listed
        return {}
    return {number: place / str(number) for number in numbers}
