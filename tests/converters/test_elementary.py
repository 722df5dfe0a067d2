"""Composed functions are within a few units in the last place, at every magnitude."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
import spox

from converters.graph import elementary

RNG = np.random.default_rng(0)
SIZES = 10.0 ** RNG.uniform(-300, 300, 3000)
NEAR = RNG.uniform(-1, 1, 3000)
EVERY = np.concatenate([SIZES, -SIZES, NEAR, NEAR * 30, [0.0, np.inf, -np.inf, np.nan, 1.0, -1.0]])


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "name",
    [
        "log1p",
        "expm1",
        "sinh",
        "cosh",
        "arcsinh",
        "arccosh",
        "arctanh",
        "arctan",
        "arcsin",
        "arccos",
        "cbrt",
    ],
)
def test_accurate(name: str) -> None:
    argument = spox.argument(spox.Tensor(np.float64, ("n",)))
    graph: Any = spox.build({"x": argument}, {"y": getattr(elementary, name)(argument)})
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    got, want = session.run(None, {"x": EVERY})[0], getattr(np, name)(EVERY)
    same = (got == want) | (np.isnan(got) & np.isnan(want))
    off = np.abs(got - want) / np.abs(want)
    assert np.where(same, 0.0, off).max() < 1e-14, EVERY[np.argmax(np.where(same, 0.0, off))]
