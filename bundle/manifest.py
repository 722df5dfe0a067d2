"""The manifest: what a bundle is. `manifest.schema.json` is generated from these types.

How the format may change: a new optional field, or a new member of an enumeration that old
readers can ignore, keeps FORMAT; anything else raises it, keeps a reader for the old number
beside the new one, and adds a line to SPEC.md. A test compares the schema with these types.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from bundle.signature import Signature, Task

FORMAT = "isomorph-bundle/1"

Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
Version = Annotated[int, msgspec.Meta(ge=1, le=2**31 - 1)]
Sha256 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
TargetName = Literal["onnx", "pmml"]


class FileEntry(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of the bundle: its digest and its size in bytes."""

    sha256: Sha256
    bytes: int


class Tried(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What one kind of row showed. `max_relative` is relative to the output's scale."""

    kind: str
    rows: int
    labels_differ: int = 0
    ties: int = 0
    max_absolute: float = 0.0
    max_relative: float = 0.0


class TargetVerdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether one target is the original's function.

    `pass`: equal on every row tried. `fail`: not equal, so not published.
    `absent`: not made; the reason says why.
    """

    target: TargetName
    status: Literal["pass", "fail", "absent"]
    tolerance: float
    reason: str | None = None
    tried: tuple[Tried, ...] = ()

    @property
    def rows(self) -> int:
        """Rows tried, of every kind."""
        return sum(each.rows for each in self.tried)

    @property
    def labels_differ(self) -> int:
        """Rows whose label is not the original's."""
        return sum(each.labels_differ for each in self.tried)

    @property
    def max_absolute(self) -> float:
        """The largest absolute difference of a number."""
        return max((each.max_absolute for each in self.tried), default=0.0)

    @property
    def max_relative(self) -> float:
        """The largest difference of a number relative to the output's scale."""
        return max((each.max_relative for each in self.tried), default=0.0)


class Verdict(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The proof in short: one entry a target."""

    targets: tuple[TargetVerdict, ...]

    @property
    def passed(self) -> bool:
        """No target that was made differs from the original, and at least one was made."""
        made = [each for each in self.targets if each.status != "absent"]
        return bool(made) and all(each.status == "pass" for each in made)

    def target(self, name: str) -> TargetVerdict:
        """The verdict on one target; KeyError if it was not asked for."""
        return {each.target: each for each in self.targets}[name]  # type: ignore[index]


class Source(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the bundle came from: a file as the user named it, or an object in memory (None)."""

    estimator: str
    format: Literal["joblib", "pickle", "skops", "mlflow", "memory"]
    path: str | None = None
    sha256: Sha256 | None = None
    sample_path: str | None = None
    sample_sha256: Sha256 | None = None


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a bundle is. Every other file of the bundle is listed in `files`."""

    format: Literal["isomorph-bundle/1"] = "isomorph-bundle/1"
    name: Name
    version: Version
    task: Task
    precision: Literal["float64", "float32"] = "float64"
    created: str
    signature: Signature
    verdict: Verdict
    source: Source
    versions: dict[str, str]
    files: dict[str, FileEntry]


def encode(manifest: Manifest) -> bytes:
    """The manifest as indented UTF-8 JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def schema() -> bytes:
    """JSON Schema (2020-12) of manifest.json."""
    return msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Manifest)), indent=2) + b"\n"
