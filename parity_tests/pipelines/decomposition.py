"""Decompositions and random projections."""

from __future__ import annotations

import numpy as np
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.decomposition import (
    NMF,
    PCA,
    DictionaryLearning,
    FactorAnalysis,
    FastICA,
    IncrementalPCA,
    LatentDirichletAllocation,
    MiniBatchDictionaryLearning,
    MiniBatchSparsePCA,
    SparseCoder,
    SparsePCA,
    TruncatedSVD,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.random_projection import GaussianRandomProjection, SparseRandomProjection

from parity_tests.pipelines.case import Case

NUMBERS = make_column_selector(dtype_include="number")
TEXT = make_column_selector(dtype_exclude="number")

ATOMS = np.random.default_rng(0).normal(size=(5, 4))
ATOMS /= np.linalg.norm(ATOMS, axis=1, keepdims=True)

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
    Case(
        name="LatentDirichletAllocation",
        model=LatentDirichletAllocation(3, random_state=0, max_iter=3),
        on="positive",
    ),
    Case(
        name="LatentDirichletAllocation online, with priors",
        model=LatentDirichletAllocation(
            4,
            learning_method="online",
            doc_topic_prior=0.15,
            topic_word_prior=0.5,
            mean_change_tol=1e-5,
            max_iter=2,
            random_state=0,
        ),
        on="positive",
    ),
    Case(
        name="LatentDirichletAllocation of few updates, before logistic regression",
        model=make_pipeline(
            LatentDirichletAllocation(2, max_doc_update_iter=4, max_iter=2, random_state=0),
            LogisticRegression(),
        ),
        on="positive",
    ),
    Case(
        name="LatentDirichletAllocation of text",
        model=make_pipeline(
            CountVectorizer(min_df=2), LatentDirichletAllocation(2, max_iter=2, random_state=0)
        ),
        on="texts",
    ),
    Case(
        name="NMF without tolerance",
        model=NMF(3, tol=0, max_iter=30, init="nndsvda", random_state=0),
        on="positive",
    ),
    Case(
        name="NMF with penalties",
        model=NMF(2, tol=0, max_iter=20, alpha_W=0.01, l1_ratio=0.4, init="random", random_state=0),
        on="iris",
    ),
    Case(
        name="NMF before logistic regression",
        model=make_pipeline(NMF(2, tol=0, max_iter=20, random_state=0), LogisticRegression()),
        on="iris_array",
    ),
    *(
        Case(
            name=f"SparseCoder by {algorithm}{more}",
            model=SparseCoder(ATOMS, transform_algorithm=algorithm, **options),
            on="iris",
        )
        for algorithm, more, options in (
            ("threshold", "", {}),
            ("threshold", ", positive", {"positive_code": True, "transform_alpha": 0.3}),
            ("threshold", ", signs apart", {"split_sign": True, "transform_alpha": 2}),
            ("lars", "", {}),
            ("lasso_lars", "", {"transform_alpha": 0.5}),
            ("lasso_lars", ", positive", {"transform_alpha": 0.1, "positive_code": True}),
            ("lasso_lars", ", signs apart", {"split_sign": True, "transform_alpha": 3}),
            ("omp", "", {}),
            ("omp", " of two atoms", {"transform_n_nonzero_coefs": 2}),
            (
                "omp",
                " of three atoms, signs apart",
                {"transform_n_nonzero_coefs": 3, "split_sign": True},
            ),
        )
    ),
    Case(
        name="SparseCoder by lars of three atoms",
        model=SparseCoder(ATOMS, transform_algorithm="lars", transform_n_nonzero_coefs=3),
        on="iris",
        tolerance=1e-11,
        because="against 50 digits the original itself is off by 1.8e-12 of the column's scale, "
        "the graph by as much the other way: steps of the path cancel",
    ),
    Case(
        name="DictionaryLearning by lasso_lars",
        model=DictionaryLearning(
            3, max_iter=10, transform_algorithm="lasso_lars", transform_alpha=0.1, random_state=0
        ),
        on="multi_regression",
    ),
    Case(
        name="DictionaryLearning",
        model=DictionaryLearning(3, max_iter=10, random_state=0),
        on="iris_array",
    ),
    Case(
        name="DictionaryLearning by threshold, in a pipeline",
        model=make_pipeline(
            StandardScaler(),
            DictionaryLearning(
                3, max_iter=10, alpha=0.2, transform_algorithm="threshold", random_state=0
            ),
            LogisticRegression(),
        ),
        on="iris",
    ),
    Case(
        name="MiniBatchDictionaryLearning",
        model=MiniBatchDictionaryLearning(
            6, max_iter=5, transform_n_nonzero_coefs=2, random_state=0
        ),
        on="positive",
    ),
]
