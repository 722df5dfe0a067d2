"""kserve's InferenceRESTClient, against a real server, from an environment of its own."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import isomorph
from bundle import golden
from parity_tests.found import ARTIFACTS, bundles
from parity_tests.serving import serving
from tests.clients.environment import environment

SESSION = Path(__file__).parent / "kserve_session.py"


@pytest.fixture(scope="module")
def session() -> Any:
    """What the client got."""
    python = environment("kserve", ["kserve==0.21.0"])
    with serving(ARTIFACTS) as address:
        asked = [python, SESSION, address, *map(str, bundles())]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize("way", ["json", "binary", "binary outputs"])
def test_same_bits(session: dict[str, Any], way: str) -> None:
    assert len(session[way]) == len(bundles())
    for path in bundles():
        rows, _ = golden.decode((path / "golden.json").read_bytes())
        expected = isomorph.open(path).engine.run(rows)
        got = session[way][path.parent.name]
        assert got["id"] == "a-1"
        assert list(got["outputs"]) == list(expected)
        for name, (shape, values) in got["outputs"].items():
            due = expected[name]
            assert tuple(shape) == due.shape
            if due.dtype == object:
                assert values == due.ravel().tolist()
            else:
                assert np.array(values, due.dtype).tobytes() == due.tobytes()


def test_health_and_errors(session: dict[str, Any]) -> None:
    assert [session[each] for each in ("live", "ready", "model ready")] == [True] * 3
    assert session["nothing ready"] is False
    # The client reads our sentence only where the content type is exactly application/json.
    assert session["error"].startswith("the inputs are not the model's")
