"""Scaling, encoding, imputing."""

from __future__ import annotations

from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from parity_tests.pipelines.case import Case

NUMBERS = make_column_selector(dtype_include="number")
TEXT = make_column_selector(dtype_exclude="number")

CASES = [
    Case(name="standard", model=StandardScaler(), on="iris"),
    Case(name="min-max, clipped", model=MinMaxScaler((-1, 1), clip=True), on="iris_array"),
    Case(name="max-abs", model=MaxAbsScaler(), on="iris"),
    Case(name="robust", model=RobustScaler(), on="diabetes"),
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
    Case(
        name="ordinal, unknown and missing",
        model=OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
        ),
        on="penguins_text",
    ),
    Case(name="text imputed", model=SimpleImputer(strategy="most_frequent"), on="penguins_text"),
]
