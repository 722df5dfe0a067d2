"""Over HTTP the answers are, bit for bit, what `bundle.predict` gives."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest

import isomorph
from bundle import golden
from bundle.arrays import Array
from bundle.signature import Output
from converters.describe import describe
from converters.load import load
from isomorph.tables import read_sample
from parity.columns import records, take
from parity.compare import compare, scales
from parity.probes import make_probes
from parity_tests.found import bundles

ROWS = 500
"""Rows of each kind that go over the wire."""


def _values(output: Output, answers: list[dict[str, Any]]) -> Array:
    """The answers to one output, as the array that `bundle.predict` gives."""
    found = [answer[output.name] for answer in answers]
    if output.width is not None:
        found = [[each[str(name)] for name in output.names or ()] for each in found]
    return np.array(found, dtype=object if output.datatype == "BYTES" else None)


@pytest.mark.parametrize("path", bundles(), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_same_bits(path: Path, service: str) -> None:
    """Records through the native door, against `predict` and against the original."""
    bundle = isomorph.open(path)
    source = bundle.manifest.source
    if source.path is None or source.sample_path is None or not Path(source.path).exists():
        pytest.skip("the original is not on this machine")
    original, sample, _ = describe(load(source.path).model, read_sample(Path(source.sample_path)))
    url = f"{service}/models/{bundle.manifest.name}/versions/{bundle.manifest.version}/predict"
    for probe in make_probes(original, sample):
        rows = take(probe.rows, slice(0, ROWS))
        sent = list(records(bundle.signature, rows))
        response = httpx.post(url, content=json.dumps(sent))
        assert response.status_code == 200, response.text
        over_http = {
            output.name: _values(output, response.json()["predictions"])
            for output in bundle.signature.outputs
        }
        here, expected = bundle.predict(sent), original(rows)
        for name, values in here.items():
            np.testing.assert_array_equal(over_http[name], values)
        compared = compare(
            original.signature, expected, over_http, scales(original.signature, expected)
        )
        assert compared.worst.max(initial=0.0) <= 1e-12


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
