"""PMML of every pipeline of the tables: proven in JPMML, or absent for a reason that is known."""

from __future__ import annotations

import os

import pytest

from parity_tests.pipelines import coverage
from parity_tests.pipelines.case import ROWS, Case
from parity_tests.pipelines.pmml import NO_PMML, UNEQUAL, Documents, measured
from parity_tests.pipelines.tables import CASES, firsts

for extra in ("jpype", "sklearn2pmml", "jpmml_evaluator"):
    pytest.importorskip(extra)

ALL = os.environ.get("ISOMORPH_PIPELINES") == "all"
ALSO = ("columns, text passed through, missing",)
"""Quickly, beside the first case about each estimator: answers that are missing text."""
CHOSEN = CASES if ALL else [*firsts(CASES), *(case for case in CASES if case.name in ALSO)]
RECORDED = coverage.recorded().pmml


def assert_honest(name: str, found: Documents) -> None:
    """What passed is right on further rows and says what the ONNX says; the rest has its cause."""
    for made in (*found.usual.values(), found.all_methods):
        assert not made.wrong
        assert made.apart == 0
        assert made.status != "pass" or made.rows >= ROWS
    last = found.all_methods.status
    known = last == "pass" or any(said in last for said in NO_PMML)
    assert known or any(part in name for part in UNEQUAL), last


@pytest.mark.filterwarnings("ignore")  # overflow in extremes, convergence: answers are compared
@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name.replace(" ", "-"))
def test_equal(case: Case) -> None:
    found = measured(case)
    assert_honest(case.name, found)
    if case.name in RECORDED and RECORDED[case.name].best.status == "pass":
        assert found.best.status == "pass", f"it had a PMML: {found.best.status}"


def test_what_was_measured_is_honest() -> None:
    """Also of the pipelines that are not tried here."""
    assert list(RECORDED) == [case.name for case in CASES]
    for name, found in RECORDED.items():
        assert_honest(name, found)
