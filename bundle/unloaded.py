"""The versions that are not to answer, `artifacts/<name>/unloaded.json`: [1, 2].

It stands on disk because a service may be several processes, and all of them follow it.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

import msgspec

from bundle import shared_file
from bundle.errors import BundleError
from bundle.manifest import Version

FILE = "unloaded.json"


def read_unloaded(model: Path) -> frozenset[int]:
    """The versions listed in directory `model`. Raises BundleError."""
    return _decoded(model / FILE, shared_file.read(model / FILE))


def add_unloaded(model: Path, versions: Collection[int]) -> None:
    """List these versions, too. Raises BundleError."""
    path = model / FILE
    shared_file.change(path, lambda content: _encoded(_decoded(path, content) | {*versions}))


def remove_unloaded(model: Path, versions: Collection[int]) -> None:
    """List these versions no longer. Raises BundleError."""
    path = model / FILE
    shared_file.change(path, lambda content: _encoded(_decoded(path, content) - {*versions}))


def _encoded(versions: frozenset[int]) -> bytes:
    return json.dumps(sorted(versions)).encode() + b"\n"


def _decoded(path: Path, content: bytes | None) -> frozenset[int]:
    if content is None:
        return frozenset()
    try:
        return frozenset(msgspec.json.decode(content, type=list[Version]))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(
            f"not a list of versions: {error}", where=str(path), mend="Write some, such as [1, 2]"
        ) from error
