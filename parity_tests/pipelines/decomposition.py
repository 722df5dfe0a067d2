"""Decompositions and random projections."""

from __future__ import annotations

from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import (
    PCA,
    FactorAnalysis,
    FastICA,
    IncrementalPCA,
    MiniBatchSparsePCA,
    SparsePCA,
    TruncatedSVD,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from parity_tests.pipelines.case import Case

NUMBERS = make_column_selector(dtype_include="number")
TEXT = make_column_selector(dtype_exclude="number")

CASES = [
    Case(name="PCA", model=PCA(), on="iris"),
    Case(name="PCA of some components", model=PCA(2), on="iris_integers"),
    Case(name="PCA whitened", model=PCA(3, whiten=True), on="diabetes_array"),
    Case(name="PCA by share of variance", model=PCA(0.9), on="diabetes"),
    Case(name="PCA by arpack", model=PCA(2, svd_solver="arpack", random_state=0), on="iris"),
    Case(
        name="PCA by randomized",
        model=PCA(4, svd_solver="randomized", random_state=0, whiten=True),
        on="positive",
    ),
    Case(
        name="PCA by covariance", model=PCA(2, svd_solver="covariance_eigh"), on="multi_regression"
    ),
    Case(
        name="PCA before logistic regression",
        model=make_pipeline(StandardScaler(), PCA(2, whiten=True), LogisticRegression()),
        on="iris",
    ),
    Case(
        name="PCA in a column transformer",
        model=make_pipeline(
            ColumnTransformer(
                [
                    ("numbers", make_pipeline(SimpleImputer(), StandardScaler(), PCA(2)), NUMBERS),
                    ("text", OneHotEncoder(handle_unknown="ignore"), TEXT),
                ]
            ),
            LogisticRegression(),
        ),
        on="penguins",
    ),
    Case(name="IncrementalPCA", model=IncrementalPCA(2, batch_size=30), on="iris"),
    Case(name="IncrementalPCA whitened", model=IncrementalPCA(3, whiten=True), on="diabetes_array"),
    Case(
        name="FactorAnalysis", model=FactorAnalysis(2, random_state=0, max_iter=50), on="iris_array"
    ),
    Case(
        name="FactorAnalysis rotated, lapack",
        model=FactorAnalysis(3, svd_method="lapack", rotation="varimax", max_iter=50),
        on="diabetes",
    ),
    Case(
        name="FactorAnalysis rotated by quartimax",
        model=FactorAnalysis(2, rotation="quartimax", random_state=0, max_iter=50),
        on="multi_regression",
    ),
    Case(name="FastICA", model=FastICA(2, random_state=0), on="iris"),
    Case(
        name="FastICA of arbitrary variance",
        model=FastICA(2, whiten="arbitrary-variance", algorithm="deflation", random_state=0),
        on="diabetes_array",
    ),
    Case(
        name="FastICA not whitened",
        model=FastICA(whiten=False, fun="exp", random_state=0, max_iter=20),
        on="blobs",
    ),
    Case(name="TruncatedSVD", model=TruncatedSVD(2, random_state=0), on="iris"),
    Case(
        name="TruncatedSVD by arpack, before a regression",
        model=make_pipeline(TruncatedSVD(3, algorithm="arpack"), LinearRegression()),
        on="diabetes",
    ),
    Case(name="SparsePCA", model=SparsePCA(2, random_state=0), on="iris"),
    Case(
        name="SparsePCA by coordinate descent, with ridge",
        model=SparsePCA(3, alpha=0.5, ridge_alpha=1.0, method="cd", random_state=0),
        on="diabetes_array",
    ),
    Case(
        name="MiniBatchSparsePCA",
        model=MiniBatchSparsePCA(2, random_state=0, max_iter=20),
        on="positive",
    ),
    Case(
        name="MiniBatchSparsePCA after scaling",
        model=make_pipeline(
            StandardScaler(), MiniBatchSparsePCA(2, alpha=2, random_state=0, max_iter=20)
        ),
        on="iris_binary",
    ),
    Case(
        name="GaussianRandomProjection",
        model=GaussianRandomProjection(3, random_state=0),
        on="diabetes",
    ),
    Case(
        name="SparseRandomProjection",
        model=SparseRandomProjection(5, random_state=0),
        on="positive",
    ),
    Case(
        name="SparseRandomProjection dense, before logistic regression",
        model=make_pipeline(
            SparseRandomProjection(3, density=0.5, dense_output=True, random_state=0),
            LogisticRegression(),
        ),
        on="iris_array",
    ),
]
