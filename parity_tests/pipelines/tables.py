"""All the tables, one after another."""

from __future__ import annotations

from parity_tests.pipelines import kernels, linear, preprocessing, processes, svm, trees
from parity_tests.pipelines.case import Case

CASES: list[Case] = [
    *kernels.CASES,
    *linear.CASES,
    *preprocessing.CASES,
    *processes.CASES,
    *svm.CASES,
    *trees.CASES,
]
