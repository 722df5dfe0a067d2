"""Over HTTP the answers are, bit for bit, what `bundle.predict` gives."""

from __future__ import annotations

from pathlib import Path

import httpx
import numpy as np
import pytest

import isomorph
from bundle import golden
from converters.describe import describe
from converters.load import load
from isomorph.tables import read_sample
from parity_tests.found import ROOT, bundles
from parity_tests.serving import same_bits


@pytest.mark.parametrize("path", bundles(), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_same_bits(path: Path, service: str) -> None:
    """Records through the native door, against `predict` and against the original."""
    bundle = isomorph.open(path)
    source = bundle.manifest.source
    if not (source.path and source.sample_path and (ROOT / source.path).exists()):
        pytest.skip("the original is not on this machine")
    table = read_sample(ROOT / source.sample_path)
    original, sample, _ = describe(load(ROOT / source.path).model, table)
    same_bits(bundle, original, sample, service)


@pytest.mark.parametrize("path", bundles(), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_golden_as_it_is(path: Path, service: str) -> None:
    """golden.json posted as it stands gives the answers that stand in it."""
    name, version = path.parent.name, path.name
    response = httpx.post(
        f"{service}/v2/models/{name}/versions/{version}/infer",
        content=(path / "golden.json").read_bytes(),
    )
    assert response.status_code == 200, response.text
    _, expected = golden.decode((path / "golden.json").read_bytes())
    for tensor in response.json()["outputs"]:
        want = expected[tensor["name"]]
        got = np.array(tensor["data"], dtype=want.dtype).reshape(want.shape)
        if want.dtype.kind == "f":
            np.testing.assert_allclose(got, want, rtol=1e-12, atol=1e-12)
        else:
            np.testing.assert_array_equal(got, want)
