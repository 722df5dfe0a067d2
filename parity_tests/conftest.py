"""What the parity tests share: bundles to change, and a running service."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest

from bundle.manifest import Manifest, encode
from bundle.writer import entries
from parity_tests.found import ARTIFACTS, Rewrite, bundles
from parity_tests.serving import serving


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[str], Path]:
    """Copy the newest bundle of a name, to be damaged."""

    def copied(name: str) -> Path:
        newest = max((p for p in bundles() if p.parent.name == name), key=lambda p: int(p.name))
        return Path(shutil.copytree(newest, tmp_path / name / newest.name))

    return copied


@pytest.fixture
def rewrite() -> Rewrite:
    """Change a file of a bundle and its digest, as whoever wrote a wrong bundle would have."""

    def change(bundle: Path, name: str, content: bytes) -> None:
        (bundle / name).write_bytes(content)
        manifest = msgspec.json.decode((bundle / "manifest.json").read_bytes(), type=Manifest)
        files = {**manifest.files, **entries({name: content})}
        (bundle / "manifest.json").write_bytes(
            encode(msgspec.structs.replace(manifest, files=files))
        )
        assert manifest.files[name].sha256 != hashlib.sha256(content).hexdigest()

    return change


@pytest.fixture(scope="session")
def service() -> Iterator[str]:
    """The service over artifacts/; yields its address."""
    with serving(ARTIFACTS) as address:
        yield address
