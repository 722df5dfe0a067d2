"""A bundle is written whole or not at all."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bundle.errors import BundleError
from bundle.manifest import Manifest
from bundle.reader import Bundle
from bundle.writer import versions, write_bundle


def test_the_bundle_stands_at_name_and_version(write: Callable[[], Bundle], tmp_path: Path) -> None:
    bundle = write()

    assert bundle.path == tmp_path / "churn" / "1"
    assert sorted(bundle.manifest.files) == ["golden.json", "model.onnx", "parity.json"]


def test_an_existing_version_is_refused_and_kept(write: Callable[[], Bundle]) -> None:
    first = write()

    with pytest.raises(BundleError, match=r"this version is there already\. Choose another"):
        write()

    assert (first.path / "model.onnx").read_bytes() == b"graph"


def test_nothing_is_left_where_the_bundle_would_not_open(
    tmp_path: Path, manifest: Manifest
) -> None:
    with pytest.raises(BundleError, match="does not list golden"):
        write_bundle(tmp_path, manifest, {"model.onnx": b""})

    assert list((tmp_path / "churn").iterdir()) == []


def test_nothing_is_left_where_writing_is_interrupted(
    tmp_path: Path, manifest: Manifest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupt)

    with pytest.raises(KeyboardInterrupt):
        write_bundle(tmp_path, manifest, {"model.onnx": b""})

    assert list((tmp_path / "churn").iterdir()) == []


def test_versions_are_numbers_in_order(tmp_path: Path) -> None:
    for name in ("2", "10", "1", ".3-abc", "latest"):
        (tmp_path / "churn" / name).mkdir(parents=True)

    assert versions(tmp_path, "churn") == [1, 2, 10]
    assert versions(tmp_path, "other") == []
