"""Partial least squares."""

from __future__ import annotations

from sklearn.cross_decomposition import CCA, PLSSVD, PLSCanonical, PLSRegression
from sklearn.pipeline import make_pipeline

from parity_tests.pipelines.case import Case
from parity_tests.pipelines.linear import MIXED

CASES = [
    Case(name="CCA", model=CCA(n_components=2), on="multi_regression"),
    Case(
        name="CCA, one component, not scaled", model=CCA(n_components=1, scale=False), on="linnerud"
    ),
    Case(name="PLSCanonical", model=PLSCanonical(n_components=2), on="linnerud"),
    Case(
        name="PLSCanonical, svd",
        model=PLSCanonical(n_components=1, algorithm="svd"),
        on="multi_regression",
    ),
    Case(name="PLSRegression", model=PLSRegression(), on="diabetes"),
    Case(
        name="PLSRegression, two targets",
        model=PLSRegression(n_components=3),
        on="multi_regression",
    ),
    Case(
        name="PLSRegression, one target in a column",
        model=PLSRegression(scale=False),
        on="diabetes_column",
    ),
    Case(
        name="PLSRegression, mixed", model=make_pipeline(MIXED, PLSRegression()), on="penguins_mass"
    ),
    Case(name="PLSSVD", model=PLSSVD(n_components=2), on="linnerud"),
    Case(
        name="PLSSVD, not scaled, array",
        model=PLSSVD(n_components=2, scale=False),
        on="multi_regression",
    ),
]
