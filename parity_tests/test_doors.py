"""The golden rows of every example give the same bits through every door."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest

import isomorph
from bundle import golden
from bundle.arrays import Array, Arrays, rows_of
from parity.columns import take
from parity_tests.doors import DOORS, Ask
from parity_tests.found import ARTIFACTS, bundles
from parity_tests.platform_doors import NAMED, NAMELESS
from parity_tests.serving import serving

EVERY = {**DOORS, **NAMED}
IDS = [f"{each.parent.name}/{each.name}" for each in bundles()]


@pytest.mark.parametrize("door", EVERY)
@pytest.mark.parametrize("path", bundles(), ids=IDS)
def test_same_bits(path: Path, door: str, service: str) -> None:
    same_bits(path, EVERY[door], service)


@pytest.mark.parametrize("path", bundles(), ids=IDS)
def test_same_bits_of_the_default_model(path: Path) -> None:
    with serving(ARTIFACTS, "--model", path.parent.name) as address:
        for ask in NAMELESS.values():
            same_bits(path, ask, address)


def same_bits(path: Path, ask: Ask, address: str) -> None:
    bundle = isomorph.open(path)
    rows, _ = golden.decode((path / "golden.json").read_bytes())
    # One text with a quote sends a whole batch the slow road: both are tried.
    plain = take(rows, _plain(rows))
    assert rows_of(plain)
    with httpx.Client(base_url=address, timeout=30) as client:
        for part in (rows, plain):
            answers, expected = ask(client, bundle, part), bundle.engine.run(part)
            assert answers
            for name, values in answers.items():
                assert values.dtype == expected[name].dtype
                np.testing.assert_array_equal(values, expected[name])


def _plain(rows: Arrays) -> Array:
    """Which rows hold no quote."""
    fits = np.ones(rows_of(rows), dtype=bool)
    for block in rows.values():
        if block.dtype == object:
            fits &= np.array([not any('"' in value for value in row) for row in block])
    return fits
