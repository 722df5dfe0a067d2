"""The golden rows of every example give the same bits through every door."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest

import isomorph
from bundle import golden
from parity_tests.doors import DOORS, NAMELESS, Ask
from parity_tests.found import ARTIFACTS, bundles
from parity_tests.serving import serving

IDS = [f"{each.parent.name}/{each.name}" for each in bundles()]


@pytest.mark.parametrize("door", DOORS)
@pytest.mark.parametrize("path", bundles(), ids=IDS)
def test_same_bits(path: Path, door: str, service: str) -> None:
    same_bits(path, DOORS[door], service)


@pytest.mark.parametrize("path", bundles(), ids=IDS)
def test_same_bits_of_the_default_model(path: Path) -> None:
    with serving(ARTIFACTS, "--model", path.parent.name) as address:
        for ask in NAMELESS.values():
            same_bits(path, ask, address)


def same_bits(path: Path, ask: Ask, address: str) -> None:
    bundle = isomorph.open(path)
    rows, _ = golden.decode((path / "golden.json").read_bytes())
    expected = bundle.engine.run(rows)
    with httpx.Client(base_url=address, timeout=30) as client:
        answers = ask(client, bundle, rows)
    assert answers
    for name, values in answers.items():
        assert values.dtype == expected[name].dtype
        np.testing.assert_array_equal(values, expected[name])
