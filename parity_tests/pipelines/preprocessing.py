"""Scaling, powers, quantiles, bases, imputing."""

from __future__ import annotations

import numpy as np
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - makes it importable
from sklearn.impute import IterativeImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    MaxAbsScaler,
    MinMaxScaler,
    Normalizer,
    OneHotEncoder,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    SplineTransformer,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor

from parity_tests.pipelines.case import Case

NUMBERS = make_column_selector(dtype_include="number")
TEXT = make_column_selector(dtype_exclude="number")
IRIS_KNOTS = np.array([[4.3, 2.0, 1.0, 0.1], [5.5, 3.0, 3.0, 1.0], [7.9, 4.4, 6.9, 2.5]])

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
        model=make_pipeline(StandardScaler(), MaxAbsScaler(clip=True)),
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
        name="quantile, ties",
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

BASES = [
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
        model=SplineTransformer(handle_missing="zeros"),
        on="iris_missing",
    ),
    Case(
        name="spline, missing, periodic",
        model=SplineTransformer(handle_missing="zeros", extrapolation="periodic"),
        on="iris_missing",
    ),
    Case(
        name="spline, missing, linear",
        model=SplineTransformer(handle_missing="zeros", extrapolation="linear"),
        on="iris_missing",
    ),
]

IMPUTING = [
    Case(
        name="imputed and one-hot",
        model=ColumnTransformer(
            [
                ("numbers", SimpleImputer(strategy="median"), NUMBERS),
                (
                    "text",
                    make_pipeline(
                        SimpleImputer(strategy="most_frequent"),
                        OneHotEncoder(handle_unknown="ignore"),
                    ),
                    TEXT,
                ),
            ]
        ),
        on="penguins",
    ),
    Case(name="text imputed", model=SimpleImputer(strategy="most_frequent"), on="penguins_text"),
    Case(name="imputer, mean", model=SimpleImputer(), on="iris_missing"),
    Case(
        name="imputer, most frequent",
        model=SimpleImputer(strategy="most_frequent"),
        on="diabetes_missing",
    ),
    Case(
        name="imputer, constant",
        model=SimpleImputer(strategy="constant", fill_value=-7.5),
        on="iris_missing",
    ),
    Case(
        name="imputer, constant by default",
        model=SimpleImputer(strategy="constant"),
        on="iris_missing",
    ),
    Case(
        name="imputer, indicator",
        model=SimpleImputer(strategy="median", add_indicator=True),
        on="iris_missing",
    ),
    Case(
        name="imputer, indicator, before a forest",
        model=make_pipeline(
            SimpleImputer(add_indicator=True), RandomForestClassifier(8, random_state=0)
        ),
        on="iris_missing",
    ),
    Case(name="imputer, a number", model=SimpleImputer(missing_values=-1), on="iris_marked"),
    Case(
        name="imputer, empty column",
        model=SimpleImputer(add_indicator=True),
        on="iris_empty_column",
    ),
    Case(
        name="imputer, empty column kept",
        model=SimpleImputer(keep_empty_features=True, add_indicator=True),
        on="iris_empty_column",
    ),
    Case(
        name="imputer, text, constant",
        model=SimpleImputer(strategy="constant", fill_value="none"),
        on="penguins_text",
    ),
    Case(
        name="imputer, text, a word",
        model=SimpleImputer(missing_values="red", strategy="constant", fill_value="blue"),
        on="shirts_text",
    ),
    Case(
        name="imputer, None",
        model=SimpleImputer(missing_values=None, strategy="most_frequent"),
        on="shirts_none",
    ),
    Case(
        name="imputer, text and numbers",
        model=make_pipeline(
            SimpleImputer(strategy="most_frequent"),
            OneHotEncoder(handle_unknown="ignore"),
            LogisticRegression(),
        ),
        on="shirts_missing",
    ),
    Case(name="indicator", model=MissingIndicator(), on="iris_missing"),
    Case(
        name="indicator, all",
        model=MissingIndicator(features="all", sparse=True),
        on="diabetes_missing",
    ),
    Case(
        name="indicator, new ones",
        model=MissingIndicator(error_on_new=False),
        on="iris_missing",
    ),
    Case(
        name="indicator, a number",
        model=MissingIndicator(missing_values=-1, error_on_new=False),
        on="iris_marked",
    ),
    Case(
        name="indicator, None",
        model=MissingIndicator(missing_values=None),
        on="shirts_none",
    ),
    Case(
        name="imputer, text, indicator",
        model=SimpleImputer(strategy="most_frequent", add_indicator=True),
        on="penguins_text",
    ),
    Case(
        name="imputer, text and numbers, indicator",
        model=SimpleImputer(strategy="most_frequent", add_indicator=True),
        on="shirts_missing",
    ),
    Case(
        name="imputer, zeros",
        model=SimpleImputer(missing_values=0, strategy="median"),
        on="positive",
    ),
    Case(name="indicator, text", model=MissingIndicator(), on="penguins_text"),
    Case(name="iterative", model=IterativeImputer(max_iter=4), on="iris_missing"),
    Case(
        name="iterative, trees",
        model=IterativeImputer(DecisionTreeRegressor(max_depth=4, random_state=0), max_iter=2),
        on="iris_missing",
    ),
    Case(
        name="iterative, linear, bounded",
        model=IterativeImputer(
            LinearRegression(),
            min_value=2.5,
            max_value=[6, 4, 5, 3],
            imputation_order="arabic",
            max_iter=3,
        ),
        on="iris_missing",
    ),
    Case(
        name="iterative, median, random order",
        model=IterativeImputer(
            initial_strategy="median", imputation_order="random", random_state=0, max_iter=3
        ),
        on="iris_missing",
    ),
    Case(
        name="iterative, nearest, descending, indicator",
        model=IterativeImputer(
            n_nearest_features=2,
            imputation_order="descending",
            add_indicator=True,
            random_state=0,
            max_iter=3,
        ),
        on="iris_missing",
    ),
    Case(
        name="iterative, constant, skip",
        model=IterativeImputer(
            initial_strategy="constant",
            fill_value=1.0,
            skip_complete=True,
            imputation_order="roman",
            max_iter=3,
        ),
        on="iris_missing",
    ),
    Case(name="iterative, no rounds", model=IterativeImputer(max_iter=0), on="iris_missing"),
    Case(
        name="iterative, a number",
        model=IterativeImputer(missing_values=-1, max_iter=2),
        on="iris_marked",
    ),
    Case(
        name="iterative, empty column",
        model=IterativeImputer(max_iter=2, add_indicator=True),
        on="iris_empty_column",
    ),
    Case(
        name="iterative, empty column kept",
        model=IterativeImputer(max_iter=2, keep_empty_features=True),
        on="iris_empty_column",
    ),
    Case(
        name="iterative in a pipeline",
        model=make_pipeline(StandardScaler(), IterativeImputer(max_iter=2), LogisticRegression()),
        on="iris_missing",
    ),
]

CASES = [*SCALING, *BASES, *IMPUTING]
