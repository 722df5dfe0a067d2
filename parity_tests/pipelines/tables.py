"""All the tables, one after another."""

from __future__ import annotations

from parity_tests.pipelines import ensembles, linear, preprocessing, trees
from parity_tests.pipelines.case import Case

CASES: list[Case] = [
    *ensembles.CASES,
    *linear.CASES,
    *preprocessing.CASES,
    *trees.CASES,
]
