"""Products and splines."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    OneHotEncoder,
    PolynomialFeatures,
    SplineTransformer,
    StandardScaler,
)

from parity_tests.pipelines.case import Case, since

IRIS_KNOTS = np.array([[4.3, 2.0, 1.0, 0.1], [5.5, 3.0, 3.0, 1.0], [7.9, 4.4, 6.9, 2.5]])


CASES = [
    Case(name="polynomial", model=PolynomialFeatures(), on="iris"),
    Case(name="polynomial, cubes", model=PolynomialFeatures(3), on="iris_array"),
    Case(name="polynomial, degrees", model=PolynomialFeatures((2, 4)), on="shirts_numbers"),
    Case(name="polynomial, degree 0", model=PolynomialFeatures(0), on="iris"),
    Case(
        name="polynomial, interactions",
        model=PolynomialFeatures((1, 3), interaction_only=True, include_bias=False),
        on="iris",
    ),
    Case(
        name="polynomial, Fortran order",
        model=PolynomialFeatures(2, order="F", include_bias=False),
        on="iris_integers",
    ),
    Case(
        name="polynomial after one-hot, sparse",
        model=make_pipeline(
            OneHotEncoder(handle_unknown="ignore"),
            PolynomialFeatures(2, interaction_only=True),
            LogisticRegression(),
        ),
        on="shirts_text",
    ),
    Case(
        name="polynomial in a pipeline",
        model=make_pipeline(StandardScaler(), PolynomialFeatures(2), LinearRegression()),
        on="diabetes_array",
    ),
    Case(name="spline", model=SplineTransformer(), on="iris"),
    *(
        Case(
            name=f"spline, {how}, degree {degree}",
            model=SplineTransformer(degree=degree, extrapolation=how),
            on="iris" if degree % 2 else "diabetes_array",
        )
        for how in ("constant", "linear", "continue", "periodic", "error")
        for degree in (1, 2, 3)
    ),
    Case(
        name="spline, degree 0, linear",
        model=SplineTransformer(degree=0, extrapolation="linear", n_knots=7),
        on="iris",
    ),
    Case(
        name="spline, degree 0, continue",
        model=SplineTransformer(degree=0, extrapolation="continue"),
        on="iris_array",
    ),
    Case(
        name="spline, degree 0, constant",
        model=SplineTransformer(degree=0),
        on="iris_array",
    ),
    Case(
        name="spline, quantile knots",
        model=SplineTransformer(knots="quantile", n_knots=4, include_bias=False),
        on="diabetes_array",
    ),
    Case(
        name="spline, quantile knots, ties",
        model=SplineTransformer(knots="quantile", degree=2, extrapolation="continue"),
        on="iris_integers",
    ),
    Case(name="spline, knots", model=SplineTransformer(knots=IRIS_KNOTS), on="iris"),
    Case(
        name="spline, sparse",
        model=make_pipeline(
            SplineTransformer(sparse_output=True, extrapolation="linear"), LogisticRegression()
        ),
        on="iris",
    ),
    Case(
        name="spline, periodic, few knots",
        model=SplineTransformer(n_knots=3, degree=2, extrapolation="periodic"),
        on="iris_array",
    ),
    Case(
        name="spline, missing",
        model=since("1.8", lambda: SplineTransformer(handle_missing="zeros")),
        on="iris_missing",
    ),
    Case(
        name="spline, missing, periodic",
        model=since(
            "1.8", lambda: SplineTransformer(handle_missing="zeros", extrapolation="periodic")
        ),
        on="iris_missing",
    ),
    Case(
        name="spline, missing, linear",
        model=since(
            "1.8", lambda: SplineTransformer(handle_missing="zeros", extrapolation="linear")
        ),
        on="iris_missing",
    ),
    Case(
        name="spline, quantile knots, five columns",
        model=SplineTransformer(n_knots=6, knots="quantile", extrapolation="continue"),
        on="diabetes_array",
    ),
    Case(
        name="spline, two knots, degree 5, five columns",
        model=SplineTransformer(n_knots=2, degree=5, extrapolation="linear"),
        on="diabetes_array",
    ),
    Case(
        name="spline, two knots, lines, five columns",
        model=SplineTransformer(n_knots=2, degree=1, extrapolation="linear"),
        on="diabetes_array",
    ),
]
