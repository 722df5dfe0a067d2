"""tritonclient, at its defaults and in every form it has, against a real server.

It lives in an environment of its own, and runs as a program there (triton_session.py).
"""

from __future__ import annotations

import json
import shutil
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import isomorph
from bundle import golden
from bundle.arrays import Arrays
from parity_tests.found import bundles
from parity_tests.serving import serving
from tests.clients.environment import environment

PACKAGES = ["tritonclient[http]==2.73.0"]
SESSION = Path(__file__).parent / "triton_session.py"
SYNC = (
    "defaults",
    "version and id",
    "outputs",
    "outputs in JSON",
    "columns",
    "gzip",
    "deflate",
    "gzip in JSON",
    "async_infer",
    "bodies",
    "row by row",
)
WAYS = (*SYNC, *(f"aio: {way}" for way in SYNC if way != "async_infer"))
REFUSED = {
    "no model": "404",
    "no metadata": "404",
    "no load": "404",
    "load config": "501",
    "trace": "501",
    "trace of a model": "501",
    "set trace": "501",
    "log": "501",
    "set log": "501",
    "memory": "501",
    "region": "501",
    "register": "501",
    "unregister": "501",
    "cuda": "501",
    "cuda register": "501",
    "cuda unregister": "501",
    "shared input": "501",
}


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What tritonclient got, over copies of the examples: it unloads and loads one of them."""
    python = environment("triton", PACKAGES)
    root = tmp_path_factory.mktemp("artifacts")
    for path in bundles():
        shutil.copytree(path, root / path.parent.name / path.name)
    paths = [str(root / path.parent.name / path.name) for path in bundles()]
    with serving(root) as address:
        asked = [python, SESSION, address, *paths]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=250, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def compare(answers: dict[str, Any], expected: Arrays) -> None:
    """Shapes, datatypes and bits."""
    assert list(answers) == list(expected)
    for name, (shape, dtype, values) in answers.items():
        due = expected[name]
        assert (tuple(shape), np.dtype(dtype)) == (due.shape, due.dtype)
        if due.dtype == object:
            assert values == due.ravel().tolist()
        else:
            assert np.array(values, due.dtype).tobytes() == due.tobytes()


@pytest.mark.parametrize("way", WAYS)
def test_same_bits(session: dict[str, Any], way: str) -> None:
    answers = session["answers"][way]
    assert len(answers) == len(bundles())
    for path in bundles():
        rows, _ = golden.decode((path / "golden.json").read_bytes())
        compare(answers[path.parent.name], isomorph.open(path).engine.run(rows))


def test_every_way_was_compared(session: dict[str, Any]) -> None:
    assert set(session["answers"]) == set(WAYS)


def test_json_both_ways(session: dict[str, Any]) -> None:
    for path in bundles():
        kept = np.array(session["kept"][path.parent.name])
        assert kept.sum() > 20
        rows, _ = golden.decode((path / "golden.json").read_bytes())
        expected = isomorph.open(path).engine.run({name: each[kept] for name, each in rows.items()})
        compare(session["whole"][path.parent.name], expected)


@pytest.fixture(params=["sync", "aio"])
def told(request: pytest.FixtureRequest, session: dict[str, Any]) -> Any:
    """What the other methods returned, of each of the two clients."""
    return session["told"] if request.param == "sync" else session["told"]["aio"]


@pytest.mark.parametrize("what", REFUSED)
def test_what_is_refused_is_a_clean_error(told: dict[str, Any], what: str) -> None:
    status, message = told["refused"][what]
    assert status == REFUSED[what]
    assert message
    assert "exception occurred in the client" not in message


def test_health_and_metadata(told: dict[str, Any]) -> None:
    first = isomorph.open(bundles()[0])
    assert [told[each] for each in ("live", "ready", "model ready", "version ready")] == [True] * 4
    assert told["nothing ready"] is False
    assert "binary_tensor_data" in told["server"]["extensions"]
    for described, field in (
        (first.signature.inputs, "input"),
        (first.signature.outputs, "output"),
    ):
        names = [each.name for each in described]
        assert [each["name"] for each in told["metadata"][f"{field}s"]] == names
        for tensor, form in zip(told["metadata"][f"{field}s"], told["config"][field], strict=True):
            assert [-1, *form["dims"]] == tensor["shape"]
            assert form["data_type"] == f"TYPE_{tensor['datatype']}".replace("BYTES", "STRING")


def test_repository(told: dict[str, Any]) -> None:
    names = [path.parent.name for path in bundles()]
    assert [each["name"] for each in told["index"]] == names
    assert {each["state"] for each in told["index"]} == {"READY"}
    assert told["unloaded"] is False
    states = [each["state"] for each in told["unloaded index"]]
    assert states == ["UNAVAILABLE"] + ["READY"] * (len(names) - 1)
    assert told["loaded"] is True


def test_statistics_are_what_was_asked(session: dict[str, Any]) -> None:
    (found,) = session["told"]["statistics"]["model_stats"]
    rows = len(session["kept"][found["name"]])
    batches = {each["batch_size"]: each["compute_infer"]["count"] for each in found["batch_stats"]}
    # Nine forms and one in JSON ask for all rows (none is missing here), one does so eight times
    # at once, and one asks row by row.
    assert batches == {rows: 18, 1: rows}
    assert found["execution_count"] == 18 + rows
    assert found["inference_count"] == 19 * rows
    stats = found["inference_stats"]
    assert stats["success"]["count"] == 18 + rows
    assert stats["fail"]["count"] == 0
    parts = ("queue", "compute_input", "compute_infer", "compute_output")
    assert 0 < sum(stats[part]["ns"] for part in parts) <= stats["success"]["ns"]
    assert abs(time.time() * 1000 - found["last_inference"]) < 600_000


def test_classes(session: dict[str, Any]) -> None:
    last = bundles()[-1]
    rows, _ = golden.decode((last / "golden.json").read_bytes())
    bundle = isomorph.open(last)
    names = bundle.signature.output("probabilities").names
    probabilities = bundle.engine.run(rows)["probabilities"]
    for got, row in zip(session["told"]["classes"], probabilities.tolist(), strict=True):
        best = sorted(range(len(row)), key=lambda i: -row[i])[:2]
        assert got == [f"{row[i]:.6f}:{i}:{names[i]}" for i in best]
