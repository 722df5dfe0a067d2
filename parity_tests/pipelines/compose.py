"""Pipelines, column transformers and feature unions."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer, make_column_selector, make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.preprocessing import (
    FunctionTransformer,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

from parity_tests.pipelines.case import Case

NUMBERS = make_column_selector(dtype_include="number")
WORDS = make_column_selector(dtype_exclude=["number", "bool"])


def first_two(frame: Any) -> list[str]:
    """The first two columns, chosen by a function."""
    return list(frame.columns[:2])


COLUMNS = [
    Case(
        name="columns, remainder dropped",
        model=ColumnTransformer([("scaled", StandardScaler(), ["weight", "size"])]),
        on="shirts",
    ),
    Case(
        name="columns, remainder passed through",
        model=ColumnTransformer(
            [("hot", OneHotEncoder(handle_unknown="ignore"), ["colour", "maker"])],
            remainder="passthrough",
        ),
        on="shirts",
    ),
    Case(
        name="columns, remainder transformed",
        model=ColumnTransformer(
            [("scaled", MinMaxScaler(), slice(1, 3))], remainder=StandardScaler()
        ),
        on="iris",
    ),
    Case(
        name="columns by negative numbers",
        model=ColumnTransformer(
            [("last", StandardScaler(), [-1, -3]), ("first", "passthrough", [0])]
        ),
        on="iris_array",
    ),
    Case(
        name="columns by a mask",
        model=ColumnTransformer(
            [
                ("some", StandardScaler(), [True, False, True, False]),
                ("others", "passthrough", np.array([False, True, False, False])),
            ]
        ),
        on="iris",
    ),
    Case(
        name="columns by a slice of names",
        model=ColumnTransformer(
            [("some", StandardScaler(), slice("sepal width (cm)", "petal length (cm)"))],
            remainder="drop",
        ),
        on="iris",
    ),
    Case(
        name="columns by functions",
        model=ColumnTransformer([("some", StandardScaler(), first_two), ("none", "drop", [2])]),
        on="iris",
    ),
    Case(
        name="columns, an empty selection",
        model=ColumnTransformer(
            [("none", StandardScaler(), []), ("some", StandardScaler(), [1, 2])],
            remainder="passthrough",
        ),
        on="iris_array",
    ),
    Case(
        name="columns twice",
        model=ColumnTransformer(
            [("scaled", StandardScaler(), [0, 1]), ("ranged", MinMaxScaler(), [1, 0])],
            verbose_feature_names_out=True,
        ),
        on="iris",
    ),
    Case(
        name="columns weighed",
        model=ColumnTransformer(
            [("scaled", StandardScaler(), [0, 1]), ("ranged", MinMaxScaler(), [2, 3])],
            transformer_weights={"scaled": 0.3, "ranged": -2},
        ),
        on="iris",
    ),
    Case(
        name="columns weighed, one of them, sparse",
        model=ColumnTransformer(
            [
                ("hot", OneHotEncoder(handle_unknown="ignore"), ["colour", "maker"]),
                ("scaled", StandardScaler(), NUMBERS),
            ],
            transformer_weights={"hot": 2.5},
            sparse_threshold=1.0,
        ),
        on="shirts",
    ),
    Case(
        name="columns, never sparse, plain names",
        model=make_column_transformer(
            (OneHotEncoder(handle_unknown="ignore"), WORDS),
            (StandardScaler(), NUMBERS),
            sparse_threshold=0,
            verbose_feature_names_out=False,
        ),
        on="shirts",
    ),
    Case(
        name="columns, pandas out",
        model=make_pipeline(
            ColumnTransformer(
                [
                    ("hot", OneHotEncoder(handle_unknown="ignore", sparse_output=False), WORDS),
                    ("scaled", StandardScaler(), NUMBERS),
                ],
                remainder="passthrough",
                verbose_feature_names_out=False,
            ),
            ColumnTransformer(
                [("ranged", MinMaxScaler(), ["weight", "size"])], remainder="passthrough"
            ),
            LogisticRegression(),
        ).set_output(transform="pandas"),
        on="shirts",
    ),
    Case(
        name="columns nested",
        model=ColumnTransformer(
            [
                (
                    "outer",
                    ColumnTransformer(
                        [
                            ("inner", StandardScaler(), ["weight"]),
                            ("text", OrdinalEncoder(), ["maker"]),
                        ],
                        remainder="passthrough",
                    ),
                    ["size", "weight", "maker"],
                ),
                ("hot", OneHotEncoder(), ["colour"]),
            ]
        ),
        on="shirts",
    ),
    Case(
        name="columns, text passed through",
        model=ColumnTransformer([("scaled", StandardScaler(), NUMBERS)], remainder="passthrough"),
        on="shirts",
    ),
    Case(
        name="columns, text passed through, missing",
        model=ColumnTransformer(
            [("filled", SimpleImputer(add_indicator=True), ["size"])], remainder="passthrough"
        ),
        on="shirts_missing",
    ),
    Case(
        name="columns imputed, then encoded by number",
        model=make_pipeline(
            ColumnTransformer(
                [
                    ("numbers", SimpleImputer(), ["weight", "size"]),
                    ("text", SimpleImputer(strategy="most_frequent"), ["maker", "colour"]),
                ]
            ),
            ColumnTransformer(
                [("hot", OneHotEncoder(handle_unknown="ignore"), [2, 3])], remainder="passthrough"
            ),
            LogisticRegression(),
        ),
        on="shirts_missing",
    ),
    Case(
        name="columns, a whole table of text",
        model=ColumnTransformer([("same", FunctionTransformer(), ["maker", "colour"])]),
        on="shirts",
    ),
]

UNIONS = [
    Case(
        name="union",
        model=FeatureUnion([("scaled", StandardScaler()), ("ranged", MinMaxScaler())]),
        on="iris",
    ),
    Case(
        name="union, dropped and passed through",
        model=FeatureUnion(
            [("scaled", StandardScaler()), ("none", "drop"), ("same", "passthrough")]
        ),
        on="iris_array",
    ),
    Case(
        name="union weighed",
        model=FeatureUnion(
            [("scaled", StandardScaler()), ("same", "passthrough")],
            transformer_weights={"scaled": 0.1, "same": 3},
        ),
        on="iris",
    ),
    Case(
        name="union, sparse",
        model=make_pipeline(
            make_union(OneHotEncoder(handle_unknown="ignore"), OrdinalEncoder()),
            Ridge(),
        ),
        on="shirts_price_text",
    ),
    Case(
        name="union nested in columns",
        model=make_pipeline(
            ColumnTransformer(
                [
                    (
                        "both",
                        make_union(StandardScaler(), QuantileTransformer(n_quantiles=10)),
                        NUMBERS,
                    )
                ]
            ),
            LogisticRegression(),
        ),
        on="shirts",
    ),
]

PIPELINES = [
    Case(
        name="pipeline nested",
        model=make_pipeline(
            make_pipeline(StandardScaler(), PolynomialFeatures(2)),
            make_pipeline(MinMaxScaler(), LogisticRegression()),
        ),
        on="iris",
    ),
    Case(
        name="pipeline passes through",
        model=Pipeline(
            [("a", "passthrough"), ("b", StandardScaler()), ("c", None), ("d", "passthrough")]
        ),
        on="iris",
    ),
    Case(
        name="pipeline, identity",
        model=make_pipeline(FunctionTransformer(), DecisionTreeClassifier(random_state=0)),
        on="iris_integers",
    ),
    Case(
        name="pipeline that only transforms",
        model=make_pipeline(SimpleImputer(add_indicator=True), StandardScaler()),
        on="iris_missing",
    ),
]

CASES = [*COLUMNS, *UNIONS, *PIPELINES]
