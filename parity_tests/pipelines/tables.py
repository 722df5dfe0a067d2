"""All the tables, one after another."""

from __future__ import annotations

from parity_tests.pipelines import decomposition, linear, preprocessing, text, trees
from parity_tests.pipelines.case import Case

CASES: list[Case] = [
    *decomposition.CASES,
    *linear.CASES,
    *preprocessing.CASES,
    *text.CASES,
    *trees.CASES,
]
