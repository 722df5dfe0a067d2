"""Write a bundle whole or not at all: a temporary directory beside its place, then a rename."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bundle.errors import BundleError
from bundle.manifest import FileEntry, Manifest, encode
from bundle.reader import MANIFEST, Bundle, open_bundle


def write_bundle(artifacts: Path | str, manifest: Manifest, files: Mapping[str, bytes]) -> Bundle:
    """Write `files` and the manifest (whose `files` it fills in) to artifacts/<name>/<version>.

    Raises BundleError if that version is there already. The new bundle is opened, and so
    verified, before it takes its place.
    """
    place = Path(artifacts) / manifest.name / str(manifest.version)
    if place.exists():
        raise BundleError(
            "this version is there already", where=str(place), mend="Choose another --version"
        )
    place.parent.mkdir(parents=True, exist_ok=True)
    whole = msgspec.structs.replace(manifest, files=entries(files))
    work = Path(tempfile.mkdtemp(prefix=f".{manifest.version}-", dir=place.parent))
    try:
        work.chmod(0o755)
        for name, content in {**files, MANIFEST: encode(whole)}.items():
            _write(work / name, content)
        open_bundle(work)
        work.rename(place)
    except BaseException:
        shutil.rmtree(work, ignore_errors=True)
        raise
    return open_bundle(place)


def entries(files: Mapping[str, bytes]) -> dict[str, FileEntry]:
    """Digest and size of each file."""
    return {
        name: FileEntry(sha256=hashlib.sha256(content).hexdigest(), bytes=len(content))
        for name, content in sorted(files.items())
    }


def versions(artifacts: Path | str, name: str) -> list[int]:
    """The versions of `name` under `artifacts`, ascending."""
    parent = Path(artifacts) / name
    if not parent.is_dir():
        return []
    return sorted(int(entry.name) for entry in parent.iterdir() if entry.name.isdecimal())


def _write(where: Path, content: bytes) -> None:
    with where.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
