"""docs/coverage.json and docs/coverage.md are current; no row gets worse."""

from __future__ import annotations

import pytest

from converters.graph.steps import ESTIMATORS, REFUSED
from parity_tests.pipelines import coverage
from parity_tests.pipelines.tables import CASES

RECORDED = coverage.recorded()
MEND = "run `make coverage` and look at what changed"


def test_the_page_says_what_was_measured() -> None:
    assert coverage.PAGE.read_text() == coverage.page(RECORDED), MEND


def test_every_case_was_measured() -> None:
    assert list(RECORDED.cases) == [case.name for case in CASES], MEND


def test_every_case_passed() -> None:
    assert [name for name, case in RECORDED.cases.items() if case.status != "pass"] == []


@pytest.mark.parametrize("name", RECORDED.estimators)
def test_every_estimator_is_converted_or_has_its_reason(name: str) -> None:
    row = RECORDED.estimators[name]
    assert (row.converter, row.reason) == (ESTIMATORS.get(name, ""), REFUSED.get(name, "")), MEND
    assert bool(row.converter) != bool(row.reason)
    if row.converter:
        assert any(name in case.estimators for case in RECORDED.cases.values()), "no pipeline"


def test_at_most_eight_reasons() -> None:
    assert len(REFUSED) <= 8
