"""What the parity tests share: bundles to change, and a running service."""

from __future__ import annotations

import hashlib
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import msgspec
import pytest

from bundle.manifest import Manifest, encode
from bundle.writer import entries
from parity_tests.found import ARTIFACTS, ROOT, Rewrite, bundles


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
    """The service over artifacts/, on a free loopback port; yields its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "isomorph", "serve", str(ARTIFACTS), "--port", str(port)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        address = f"http://127.0.0.1:{port}"
        _until_live(address, process)
        yield address
        process.terminate()


def _until_live(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "the service ended before it was live"
        try:
            if httpx.get(f"{address}/v2/health/live").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail("the service was not live within 30 s")
