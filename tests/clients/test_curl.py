"""The calls of curl.sh, run as they stand, each answer checked."""

from __future__ import annotations

import json
import shutil
from typing import Any

import numpy as np
import pytest

import isomorph
from bundle import golden
from parity_tests.found import ROOT
from tests.clients.callers import CLIENTS, HERE, lines, run, species

if shutil.which("curl") is None:
    pytest.skip("no curl", allow_module_level=True)

PENGUINS = ROOT / "artifacts" / "penguins" / "1"


def test_every_door(service: str) -> None:
    found = lines(run(["sh", CLIENTS / "curl.sh"], HERE, service))
    one, large = species()
    classes = [each["label"] for each in (one, large)]
    ready, single, many, problem, v2, v1, mlflow, *csv, openscoring = found
    model = {"model": "penguins", "version": 1}
    assert json.loads(ready)["ready"] is True
    assert json.loads(single) == {**model, **one}
    assert json.loads(many) == {**model, "predictions": [one, large]}
    _check_problem(json.loads(problem))
    _check_golden(json.loads(v2))
    assert json.loads(v1) == {"predictions": classes}
    assert json.loads(mlflow) == {"predictions": classes}
    assert csv == classes
    assert json.loads(openscoring) == {"id": "7", "results": _flat(one)}


def _check_problem(problem: dict[str, Any]) -> None:
    assert (problem["status"], problem["row"]) == (422, 1)
    assert problem["column"] == "bill_length_mm"


def _check_golden(answer: dict[str, Any]) -> None:
    """Every number of the V2 answer has the bits of the engine's."""
    rows, _ = golden.decode((PENGUINS / "golden.json").read_bytes())
    due = isomorph.open(PENGUINS).engine.run(rows)
    assert [each["name"] for each in answer["outputs"]] == list(due)
    for each in answer["outputs"]:
        values = np.array(each["data"], dtype=due[each["name"]].dtype).reshape(each["shape"])
        np.testing.assert_array_equal(values, due[each["name"]])


def _flat(answer: dict[str, Any]) -> dict[str, Any]:
    """An answer by the names of PMML's output fields."""
    chances = {f"probability({name})": each for name, each in answer["probabilities"].items()}
    return {"label": answer["label"], **chances}
