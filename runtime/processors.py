"""How many processors this process may use: its affinity, and its container's share of time."""

from __future__ import annotations

import math
import os
from functools import cache
from pathlib import Path

_V1 = "sys/fs/cgroup/cpu"


@cache
def processors() -> int:
    """At least 1. A share of 1.5 processors counts as 2: what is left over would be idle."""
    return count(Path("/"), _affinity())


def count(root: Path, affine: int) -> int:
    """The same from the files below `root`, of cgroup v2 or v1."""
    shares = [share for place in _places(root) if (share := _share(place)) is not None]
    return max(1, math.ceil(min([*shares, float(affine)])))


def _affinity() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # Linux only
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _places(root: Path) -> list[Path]:
    """The process's groups and all above them: each of them bounds it.

    Inside a container the path of /proc may lead outside of what is mounted; then the root of the
    mount is the container's own group.
    """
    found = []
    for line in _read(root / "proc/self/cgroup").splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if not controllers:
            found += _upwards(root / "sys/fs/cgroup", path)
        elif "cpu" in controllers.split(","):
            found += _upwards(root / _V1, path)
    return found or [root / "sys/fs/cgroup", root / _V1]


def _upwards(mount: Path, path: str) -> list[Path]:
    parts = [part for part in path.split("/") if part not in ("", "..")]
    return [mount.joinpath(*parts[:depth]) for depth in range(len(parts), -1, -1)]


def _share(group: Path) -> float | None:
    """Processors' time in each processor's time; None without a bound."""
    quota, _, period = _read(group / "cpu.max").strip().partition(" ")
    if not quota:
        quota = _read(group / "cpu.cfs_quota_us").strip()
        period = _read(group / "cpu.cfs_period_us").strip()
    try:
        bound, of = int(quota), int(period)
    except ValueError:  # "max", or there is no such file
        return None
    return bound / of if bound > 0 and of > 0 else None


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
