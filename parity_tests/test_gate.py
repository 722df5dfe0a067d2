"""The gate: every bundle in artifacts/, in every format, against its original and golden rows."""

from __future__ import annotations

from pathlib import Path

import pytest

import isomorph
from bundle.manifest import Source
from converters.load import load
from parity_tests.found import ROOT, bundles


def _original(source: Source) -> tuple[Path, Path | None] | None:
    """The original and its sample, where both are still the files the bundle was made from."""
    if source.path is None or not (ROOT / source.path).exists():
        return None
    sample = ROOT / source.sample_path if source.sample_path else None
    return ROOT / source.path, sample if sample and sample.exists() else None


def test_there_is_something_to_prove() -> None:
    """An empty gate would be green for the wrong reason."""
    assert bundles(), "artifacts/ holds no bundle: run `make convert` first"


@pytest.mark.parametrize("path", bundles(), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_golden_rows(path: Path) -> None:
    """Each target repeats the rows that were recorded from the original."""
    checked = isomorph.check(path)
    assert checked.verdict.passed, checked.worst[:3]


@pytest.mark.parametrize("path", bundles(), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_original(path: Path) -> None:
    """Each target is the original's function on at least 10,000 fresh rows."""
    manifest = isomorph.open(path).manifest
    found = _original(manifest.source)
    if found is None:
        pytest.skip("the original is not on this machine; its golden rows were replayed")
    model, sample = found
    assert load(model).sha256 == manifest.source.sha256, "the original changed: convert it again"
    checked = isomorph.check(path, against=model, sample=sample)
    assert checked.verdict.passed, checked.worst[:3]
    for target in checked.verdict.targets:
        assert target.rows >= 10_000
