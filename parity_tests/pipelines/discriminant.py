"""Discriminant analysis and nearest centroids."""

from __future__ import annotations

from sklearn.covariance import OAS
from sklearn.discriminant_analysis import (
    LinearDiscriminantAnalysis,
    QuadraticDiscriminantAnalysis,
)
from sklearn.impute import SimpleImputer
from sklearn.neighbors import NearestCentroid
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from parity_tests.pipelines.case import Case, since

CASES = [
    Case(name="LinearDiscriminantAnalysis", model=LinearDiscriminantAnalysis(), on="iris"),
    Case(
        name="LinearDiscriminantAnalysis, two classes",
        model=LinearDiscriminantAnalysis(priors=[0.3, 0.7]),
        on="iris_bools",
    ),
    Case(
        name="LinearDiscriminantAnalysis, one component",
        model=LinearDiscriminantAnalysis(n_components=1),
        on="blobs",
    ),
    Case(
        name="LinearDiscriminantAnalysis, eigen",
        model=LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto"),
        on="iris_floats",
    ),
    Case(
        name="LinearDiscriminantAnalysis, lsqr",
        model=LinearDiscriminantAnalysis(solver="lsqr", covariance_estimator=OAS()),
        on="iris",
        methods=("predict", "predict_proba", "decision_function"),
    ),
    Case(
        name="LinearDiscriminantAnalysis, before a classifier",
        model=make_pipeline(
            StandardScaler(), LinearDiscriminantAnalysis(), QuadraticDiscriminantAnalysis()
        ),
        on="iris",
    ),
    Case(name="NearestCentroid", model=NearestCentroid(), on="iris"),
    Case(
        # Its decision_function is the difference of two squared distances. On frames the
        # original's own answer to a row, alone or among others, differs by 1e-7 relative at 1e8:
        # NumPy sums the norms of C-ordered rows and of others in another order. It is proven on
        # the array below.
        name="NearestCentroid, two classes",
        model=NearestCentroid(),
        on="iris_binary",
        methods=("predict", "predict_proba")
        if hasattr(NearestCentroid, "predict_proba")
        else ("predict",),
    ),
    Case(name="NearestCentroid, array", model=NearestCentroid(), on="iris_array"),
    Case(
        name="NearestCentroid, two classes, empirical priors",
        model=since("1.6", lambda: NearestCentroid(priors="empirical")),
        on="iris_bools",
    ),
    Case(
        name="NearestCentroid, priors",
        model=since("1.6", lambda: NearestCentroid(priors=[0.1, 0.2, 0.3, 0.4])),
        on="blobs",
    ),
    Case(name="NearestCentroid, manhattan", model=NearestCentroid(metric="manhattan"), on="iris"),
    Case(
        name="NearestCentroid, manhattan, array",
        model=NearestCentroid(metric="manhattan"),
        on="blobs",
    ),
    Case(
        name="NearestCentroid, manhattan, priors",
        model=since("1.6", lambda: NearestCentroid(metric="manhattan", priors="empirical")),
        on="iris_binary",
    ),
    Case(name="NearestCentroid, shrunk", model=NearestCentroid(shrink_threshold=0.5), on="iris"),
    Case(
        name="NearestCentroid, shrunk, manhattan",
        model=NearestCentroid(metric="manhattan", shrink_threshold=3.0),
        on="iris_array",
    ),
    Case(
        name="NearestCentroid, imputed",
        model=make_pipeline(SimpleImputer(), StandardScaler(), NearestCentroid()),
        on="iris_missing",
    ),
    Case(name="QuadraticDiscriminantAnalysis", model=QuadraticDiscriminantAnalysis(), on="iris"),
    Case(
        name="QuadraticDiscriminantAnalysis, two classes",
        model=QuadraticDiscriminantAnalysis(reg_param=0.1),
        on="iris_bools",
    ),
    Case(
        name="QuadraticDiscriminantAnalysis, eigen",
        model=since("1.8", lambda: QuadraticDiscriminantAnalysis(solver="eigen", shrinkage=0.2)),
        on="blobs",
    ),
    Case(
        name="QuadraticDiscriminantAnalysis, priors, scaled",
        model=make_pipeline(
            StandardScaler(), QuadraticDiscriminantAnalysis(priors=[0.2, 0.2, 0.6])
        ),
        on="iris_array",
    ),
]
