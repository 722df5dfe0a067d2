"""The golden rows of every example give the same bits through every door."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest

import isomorph
from bundle import golden
from parity_tests.doors import DOORS
from parity_tests.found import bundles


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("path", bundles(), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_same_bits(path: Path, door: str, service: str) -> None:
    bundle = isomorph.open(path)
    rows, _ = golden.decode((path / "golden.json").read_bytes())
    expected = bundle.engine.run(rows)
    with httpx.Client(base_url=service, timeout=30) as client:
        answers = DOORS[door](client, bundle, rows)
    assert answers
    for name, values in answers.items():
        assert values.dtype == expected[name].dtype
        np.testing.assert_array_equal(values, expected[name])
