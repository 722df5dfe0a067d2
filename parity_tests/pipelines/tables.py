"""All the tables, one after another."""

from __future__ import annotations

from parity_tests.pipelines import (
    cross_decomposition,
    discriminant,
    dummy,
    isotonic,
    linear,
    linear_classifiers,
    naive_bayes,
    neural,
    preprocessing,
    trees,
)
from parity_tests.pipelines.case import Case

CASES: list[Case] = [
    *cross_decomposition.CASES,
    *discriminant.CASES,
    *dummy.CASES,
    *isotonic.CASES,
from parity_tests.pipelines import ensembles, linear, preprocessing, trees
from parity_tests.pipelines.case import Case

CASES: list[Case] = [
    *ensembles.CASES,
from parity_tests.pipelines import kernels, linear, preprocessing, svm, trees
from parity_tests.pipelines.case import Case

CASES: list[Case] = [
    *kernels.CASES,
    *linear.CASES,
    *linear_classifiers.CASES,
    *naive_bayes.CASES,
    *neural.CASES,
    *preprocessing.CASES,
    *svm.CASES,
    *trees.CASES,
]
