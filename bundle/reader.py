"""`open_bundle` is the only door: what it returns has been checked, file by file."""

from __future__ import annotations

import hashlib
import os
import stat
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from bundle.errors import BundleError
from bundle.manifest import FORMAT, Manifest
from bundle.signature import Signature

MANIFEST = "manifest.json"
MAX_FILE_BYTES = 2**31 - 1  # protobuf's own limit, so model.onnx cannot be larger
REQUIRED = ("model.onnx", "golden.json", "parity.json")


@dataclass(frozen=True, kw_only=True)
class Bundle:
    """A verified bundle. `files` holds the very bytes whose digests were checked."""

    path: Path
    manifest: Manifest
    files: dict[str, bytes] = field(repr=False)
    digest: str
    """SHA-256 of manifest.json, which holds those of all other files."""

    @property
    def signature(self) -> Signature:
        """Columns, blocks and outputs."""
        return self.manifest.signature

    @property
    def reference(self) -> str:
        """`name/version`, as messages name it."""
        return f"{self.manifest.name}/{self.manifest.version}"


def open_bundle(path: Path | str) -> Bundle:
    """Open and verify the bundle in directory `path`.

    Raises BundleError naming the file: not there, malformed, listed but missing, present but
    not listed, a link, of another size or digest than the manifest says.
    """
    root = Path(path)
    manifest, digest = _manifest(root)
    present = _present(root)
    listed = set(manifest.files) | {MANIFEST}
    for name in sorted(listed - present):
        raise BundleError("the file is missing", where=str(root / name), mend=_MEND)
    for name in sorted(present - listed):
        raise BundleError(
            "the file is not in the manifest", where=str(root / name), mend="Remove it"
        )
    files = {name: _checked(root / name, manifest) for name in sorted(manifest.files)}
    return Bundle(path=root, manifest=manifest, files=files, digest=digest)


_NOT_PLAIN = "a bundle holds plain files only, no links and no directories"
# Not everywhere: Windows has neither.
_FLAGS = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
_MEND = "Convert the model again, or copy the bundle again from where it is whole"


def _manifest(root: Path) -> tuple[Manifest, str]:
    where = root / MANIFEST
    if not where.is_file() or where.is_symlink():
        raise BundleError(
            "this is not a bundle: it has no manifest.json",
            where=str(root),
            mend="Name a directory like artifacts/<name>/<version>",
        )
    content = _read(where)
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BundleError(
            f"not a manifest of format {FORMAT}: {error}", where=str(where), mend=_MEND
        ) from error
    for name in REQUIRED:
        if name not in manifest.files:
            raise BundleError(f"the manifest does not list {name}", where=str(where), mend=_MEND)
    for name in manifest.files:
        if "/" in name or "\\" in name or name in ("", ".", ".."):
            raise BundleError("the manifest lists a file outside the bundle", where=str(where))
    return manifest, hashlib.sha256(content).hexdigest()


def _present(root: Path) -> set[str]:
    present = set()
    for entry in root.iterdir():
        if not _is_plain(entry.lstat()):
            raise BundleError(_NOT_PLAIN, where=str(entry))
        present.add(entry.name)
    return present


def _is_plain(found: os.stat_result) -> bool:
    return stat.S_ISREG(found.st_mode) and found.st_nlink == 1


def _checked(where: Path, manifest: Manifest) -> bytes:
    content, entry = _read(where), manifest.files[where.name]
    if len(content) != entry.bytes or hashlib.sha256(content).hexdigest() != entry.sha256:
        raise BundleError(
            "the file is not the one that was written (its SHA-256 differs)",
            where=str(where),
            mend=_MEND,
        )
    return content


def _read(where: Path) -> bytes:
    """The content of what was opened, which is looked at again: it may be another than was listed.

    A pipe of that name must not make the reader wait for a writer.
    """
    file = os.open(where, os.O_RDONLY | _FLAGS)
    with os.fdopen(file, "rb") as content:
        found = os.fstat(file)
        if not _is_plain(found):
            raise BundleError(_NOT_PLAIN, where=str(where))
        if found.st_size > MAX_FILE_BYTES:
            raise BundleError(f"the file is over {MAX_FILE_BYTES} bytes", where=str(where))
        return content.read(found.st_size + 1)  # not endlessly, if it grows
