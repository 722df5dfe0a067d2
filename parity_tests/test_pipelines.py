"""Every pipeline of the tables: each method that the original has, on rows of every kind."""

from __future__ import annotations

import os

import pytest

from parity_tests.pipelines import coverage
from parity_tests.pipelines.case import ROWS, Case, run
from parity_tests.pipelines.tables import CASES, firsts

ALL = os.environ.get("ISOMORPH_PIPELINES") == "all"
CHOSEN = CASES if ALL else firsts(CASES)
"""Quickly, the first case about each estimator; `make parity-all` tries every one."""
RECORDED = coverage.recorded().cases
NOISE = 1e-14
"""Below this, differences are of the rounding of one machine or another."""


@pytest.mark.filterwarnings("ignore")  # overflow in extremes, convergence: answers are compared
@pytest.mark.parametrize("case", CHOSEN, ids=lambda case: case.name.replace(" ", "-"))
def test_equal(case: Case) -> None:
    result = run(case)
    assert result.verdict.status == "pass", result.verdict.reason
    assert result.verdict.rows >= ROWS
    for output, value in result.largest.items():
        recorded = RECORDED[case.name].largest if case.name in RECORDED else {}
        allowed = max(NOISE, 10 * recorded.get(output, 1.0))
        assert value <= allowed, f"{output} is worse than docs/coverage.json says"


def test_every_case_has_its_own_name() -> None:
    names = [case.name for case in CASES]
    assert len(set(names)) == len(names)


def test_exceptions_are_few_and_said() -> None:
    """At most ten cases may differ by more than 1e-12, each with its cause, none over 1e-9."""
    excepted = [case for case in CASES if case.tolerance > 1e-12]
    assert len(excepted) <= 10
    assert all(case.because and case.tolerance <= 1e-9 for case in excepted)
