"""All the tables, one after another."""

from __future__ import annotations

from parity_tests.pipelines import compose, encoding, linear, preprocessing, selection, trees
from parity_tests.pipelines.case import Case

CASES: list[Case] = [
    *compose.CASES,
    *encoding.CASES,
    *linear.CASES,
    *preprocessing.CASES,
    *selection.CASES,
    *trees.CASES,
]
