"""All the tables, one after another."""

from __future__ import annotations

from parity_tests.pipelines import linear, neighbors, preprocessing, trees
from parity_tests.pipelines.case import Case

CASES: list[Case] = [
    *linear.CASES,
    *neighbors.CASES,
    *preprocessing.CASES,
    *trees.CASES,
]
