"""All the tables, one after another."""

from __future__ import annotations

from parity_tests.pipelines import (
    calibration,
    linear,
    meta,
    multiclass,
    preprocessing,
    target,
    trees,
    voting,
)
from parity_tests.pipelines.case import Case

CASES: list[Case] = [
    *calibration.CASES,
    *linear.CASES,
    *meta.CASES,
    *multiclass.CASES,
    *preprocessing.CASES,
    *target.CASES,
    *trees.CASES,
    *voting.CASES,
]
