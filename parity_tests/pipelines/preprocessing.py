"""Scaling, powers, quantiles."""

from __future__ import annotations

from sklearn.compose import ColumnTransformer
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - makes it importable
from sklearn.impute import IterativeImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from parity_tests.pipelines.case import Case, since

SCALING = [
    Case(name="standard", model=StandardScaler(), on="iris"),
    Case(name="standard, no mean", model=StandardScaler(with_mean=False), on="iris_array"),
    Case(name="standard, no std", model=StandardScaler(with_std=False), on="iris"),
    Case(
        name="standard, neither",
        model=StandardScaler(with_mean=False, with_std=False),
        on="iris",
    ),
    Case(name="standard, missing", model=StandardScaler(), on="iris_missing"),
    Case(name="standard, integers", model=StandardScaler(), on="iris_integers"),
    Case(name="standard, float32", model=StandardScaler(), on="iris_frame_float32"),
    Case(
        name="standard, pandas out",
        model=make_pipeline(StandardScaler(), LogisticRegression()).set_output(transform="pandas"),
        on="iris",
    ),
    Case(
        name="standard and binary, true or false",
        model=ColumnTransformer(
            [
                ("standard", StandardScaler(), ["striped", "size"]),
                ("binary", Binarizer(), ["striped"]),
            ]
        ),
        on="shirts",
    ),
    Case(
        name="max-abs, clipped",
        model=since("1.8", lambda: make_pipeline(StandardScaler(), MaxAbsScaler(clip=True))),
        on="iris",
    ),
    Case(name="min-max", model=MinMaxScaler(), on="iris_missing"),
    Case(name="min-max, clipped", model=MinMaxScaler((-1, 1), clip=True), on="iris_array"),
    Case(name="min-max, clipped, missing", model=MinMaxScaler(clip=True), on="iris_missing"),
    Case(name="max-abs", model=MaxAbsScaler(), on="iris"),
    Case(name="max-abs, missing", model=MaxAbsScaler(), on="diabetes_missing"),
    Case(name="robust", model=RobustScaler(), on="diabetes"),
    Case(
        name="robust, range and variance",
        model=RobustScaler(quantile_range=(10, 80), unit_variance=True),
        on="iris_missing",
    ),
    Case(name="robust, no centre", model=RobustScaler(with_centering=False), on="iris_array"),
    Case(name="robust, no scale", model=RobustScaler(with_scaling=False), on="iris_frame_float32"),
    Case(name="normalizer, l1", model=Normalizer("l1"), on="iris"),
    Case(name="normalizer, l2", model=Normalizer(), on="diabetes_array"),
    Case(name="normalizer, max", model=Normalizer("max"), on="diabetes"),
    Case(
        name="normalizer in a pipeline",
        model=make_pipeline(Normalizer(), LogisticRegression()),
        on="iris_binary",
    ),
    Case(name="binarizer", model=Binarizer(threshold=3.0), on="iris"),
    Case(name="binarizer, negative", model=Binarizer(threshold=-0.01), on="diabetes"),
    Case(name="binarizer, integers", model=Binarizer(threshold=30), on="iris_integers"),
    Case(name="power, yeo-johnson", model=PowerTransformer(), on="iris"),
    Case(name="power, yeo-johnson, missing", model=PowerTransformer(), on="diabetes_missing"),
    Case(
        name="power, yeo-johnson, raw",
        model=PowerTransformer(standardize=False),
        on="diabetes_array",
    ),
    Case(name="power, box-cox", model=PowerTransformer("box-cox"), on="iris"),
    Case(
        name="power, box-cox, raw",
        model=PowerTransformer("box-cox", standardize=False),
        on="iris_missing",
    ),
    Case(
        name="power in a pipeline",
        model=make_pipeline(MinMaxScaler((1, 2)), PowerTransformer("box-cox"), Ridge()),
        on="diabetes_array",
    ),
    Case(name="quantile", model=QuantileTransformer(n_quantiles=50), on="iris"),
    Case(name="quantile, missing", model=QuantileTransformer(n_quantiles=20), on="iris_missing"),
    Case(
        name="quantile, all rows",
        model=QuantileTransformer(n_quantiles=1000),
        on="diabetes_array",
    ),
    Case(
        name="quantile, normal",
        model=QuantileTransformer(n_quantiles=30, output_distribution="normal"),
        on="diabetes",
    ),
    Case(
        name="quantile, normal, missing",
        model=QuantileTransformer(n_quantiles=100, output_distribution="normal"),
        on="iris_missing",
    ),
    Case(
        name="quantile, normal, few values",
        model=QuantileTransformer(n_quantiles=40, output_distribution="normal"),
        on="shirts_numbers",
    ),
    Case(name="quantile, two", model=QuantileTransformer(n_quantiles=2), on="iris_integers"),
    Case(
        name="quantile in a pipeline",
        model=make_pipeline(QuantileTransformer(n_quantiles=25), LogisticRegression()),
        on="iris_bools",
    ),
]

ODD = [
    *(
        Case(name=f"{name}, {on}", model=model, on=on)
        for on in ("shirts_numbers", "positive")
        for name, model in (
            ("standard", StandardScaler()),
            ("robust", RobustScaler()),
            ("normalizer", Normalizer()),
            ("quantile", QuantileTransformer(n_quantiles=37)),
            (
                "quantile, normal",
                QuantileTransformer(n_quantiles=120, output_distribution="normal"),
            ),
            ("polynomial", PolynomialFeatures(3)),
        )
    ),
    Case(name="power, positive", model=PowerTransformer(), on="positive"),
    Case(
        name="iterative, pandas out",
        model=make_pipeline(IterativeImputer(max_iter=2), StandardScaler()).set_output(
            transform="pandas"
        ),
        on="iris_missing",
    ),
]

CASES = [*SCALING, *ODD]
