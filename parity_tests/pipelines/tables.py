"""All the tables, one after another."""

from __future__ import annotations

from parity_tests.pipelines import functions, linear, preprocessing, trees
from parity_tests.pipelines.case import Case

CASES: list[Case] = [
    *functions.CASES,
    *linear.CASES,
    *preprocessing.CASES,
    *trees.CASES,
]
