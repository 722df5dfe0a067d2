"""Filling in what is missing."""

from __future__ import annotations

from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier
from sklearn.experimental import enable_iterative_imputer  # noqa: F401 - makes it importable
from sklearn.impute import IterativeImputer, MissingIndicator, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    OneHotEncoder,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor

from parity_tests.pipelines.case import Case

NUMBERS = make_column_selector(dtype_include="number")
TEXT = make_column_selector(dtype_exclude="number")


CASES = [
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
            SimpleImputer(add_indicator=True),
            RandomForestClassifier(3, max_depth=4, random_state=0),
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
