"""All the tables, one after another."""

from __future__ import annotations

from parity_tests.pipelines import (
    basis,
    bins,
    compose,
    encoding,
    imputing,
    linear,
    preprocessing,
    selection,
    trees,
)
from parity_tests.pipelines.case import Case

CASES: list[Case] = [
    *basis.CASES,
    *bins.CASES,
    *compose.CASES,
    *encoding.CASES,
    *imputing.CASES,
    *linear.CASES,
    *preprocessing.CASES,
    *selection.CASES,
    *trees.CASES,
]
