"""Encoders of categories."""

from __future__ import annotations

import numpy as np
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    MaxAbsScaler,
    Normalizer,
    OneHotEncoder,
    OrdinalEncoder,
    PolynomialFeatures,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
    TargetEncoder,
)
from sklearn.tree import DecisionTreeClassifier

from parity_tests.pipelines.case import Case, since

ONE_HOT = [
    Case(name="one-hot", model=OneHotEncoder(), on="shirts"),
    Case(name="one-hot, ignore", model=OneHotEncoder(handle_unknown="ignore"), on="shirts"),
    Case(
        name="one-hot, dense",
        model=OneHotEncoder(handle_unknown="ignore", sparse_output=False),
        on="shirts_text",
    ),
    Case(
        name="one-hot, pandas out",
        model=OneHotEncoder(handle_unknown="ignore", sparse_output=False).set_output(
            transform="pandas"
        ),
        on="shirts",
    ),
    Case(name="one-hot, drop first", model=OneHotEncoder(drop="first"), on="shirts"),
    Case(
        name="one-hot, drop first, ignore",
        model=OneHotEncoder(drop="first", handle_unknown="ignore"),
        on="shirts",
    ),
    Case(name="one-hot, drop if binary", model=OneHotEncoder(drop="if_binary"), on="shirts"),
    Case(
        name="one-hot, drop an array",
        model=OneHotEncoder(drop=[40, 0.0, False, "red", "A"]),
        on="shirts",
    ),
    Case(name="one-hot, numbers", model=OneHotEncoder(), on="shirts_numbers"),
    Case(
        name="one-hot, min frequency",
        model=OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist"),
        on="shirts",
    ),
    Case(
        name="one-hot, min frequency, a share",
        model=OneHotEncoder(min_frequency=0.15, handle_unknown="ignore"),
        on="shirts",
    ),
    Case(
        name="one-hot, most categories",
        model=OneHotEncoder(max_categories=3, handle_unknown="infrequent_if_exist"),
        on="shirts",
    ),
    Case(
        name="one-hot, most categories, drop first",
        model=OneHotEncoder(max_categories=3, drop="first", handle_unknown="infrequent_if_exist"),
        on="shirts",
    ),
    Case(
        name="one-hot, infrequent, drop an array",
        model=OneHotEncoder(
            min_frequency=20,
            drop=[36, 0.0, False, "red", "A"],
            handle_unknown="infrequent_if_exist",
        ),
        on="shirts",
    ),
    Case(
        name="one-hot, infrequent, error",
        model=OneHotEncoder(min_frequency=20),
        on="shirts",
    ),
    Case(
        name="one-hot, warn",
        model=since("1.6", lambda: OneHotEncoder(handle_unknown="warn", min_frequency=20)),
        on="shirts_text",
    ),
    Case(
        name="one-hot, missing",
        model=OneHotEncoder(handle_unknown="ignore"),
        on="shirts_missing",
    ),
    Case(
        name="one-hot, missing, infrequent",
        model=OneHotEncoder(handle_unknown="infrequent_if_exist", min_frequency=20, drop="first"),
        on="shirts_missing",
    ),
    Case(name="one-hot, None", model=OneHotEncoder(handle_unknown="ignore"), on="shirts_none"),
    Case(
        name="one-hot, categories given",
        model=OneHotEncoder(
            categories=[["teal", "red", "grün", "1:red", "blue", "pink"], ["B", "A", "red"]],
            handle_unknown="ignore",
        ),
        on="shirts_text",
    ),
    Case(
        name="one-hot, float32",
        model=OneHotEncoder(dtype=np.float32, handle_unknown="ignore"),
        on="shirts_text",
    ),
    Case(
        name="one-hot in a pipeline, sparse",
        model=make_pipeline(
            OneHotEncoder(handle_unknown="ignore"),
            StandardScaler(with_mean=False),
            MaxAbsScaler(),
            LogisticRegression(),
        ),
        on="shirts",
    ),
    Case(
        name="one-hot, imputed, tree",
        model=make_pipeline(
            ColumnTransformer(
                [
                    (
                        "text",
                        make_pipeline(
                            SimpleImputer(strategy="constant", fill_value="none"),
                            OneHotEncoder(handle_unknown="infrequent_if_exist", max_categories=4),
                        ),
                        make_column_selector(dtype_exclude="number"),
                    )
                ],
                remainder="passthrough",
            ),
            DecisionTreeClassifier(max_depth=3, random_state=0),
        ),
        on="penguins",
    ),
]

ONE_HOT += [
    Case(
        name="one-hot, dtype category",
        model=OneHotEncoder(handle_unknown="ignore"),
        on="shirts_kinds",
    ),
    Case(
        name="one-hot, then norms, sparse",
        model=make_pipeline(
            OneHotEncoder(handle_unknown="ignore"), Normalizer("l1"), MaxAbsScaler()
        ),
        on="shirts",
    ),
    Case(
        name="one-hot, then robust and binary, sparse",
        model=make_pipeline(
            OneHotEncoder(handle_unknown="ignore"),
            RobustScaler(with_centering=False),
            Binarizer(threshold=0.5),
        ),
        on="shirts",
    ),
    Case(
        name="one-hot, then imputed, sparse",
        model=make_pipeline(
            OneHotEncoder(handle_unknown="ignore"),
            SimpleImputer(add_indicator=True),
            StandardScaler(with_mean=False),
        ),
        on="shirts",
    ),
    Case(
        name="one-hot, then quantiles, sparse",
        model=make_pipeline(
            OneHotEncoder(handle_unknown="ignore"), QuantileTransformer(n_quantiles=10)
        ),
        on="shirts_text",
    ),
    Case(
        name="one-hot, then products of four, sparse",
        model=make_pipeline(
            OneHotEncoder(handle_unknown="ignore"),
            VarianceThreshold(0.1),
            PolynomialFeatures(4, interaction_only=True, include_bias=False),
        ),
        on="shirts_text",
    ),
]

ORDINAL = [
    Case(name="ordinal", model=OrdinalEncoder(), on="shirts"),
    Case(
        name="ordinal, unknown and missing",
        model=OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
        ),
        on="penguins_text",
    ),
    Case(
        name="ordinal, unknown is NaN",
        model=OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan),
        on="shirts",
    ),
    Case(
        name="ordinal, missing stays",
        model=OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
        on="shirts_missing",
    ),
    Case(
        name="ordinal, None",
        model=OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=99
        ),
        on="shirts_none",
    ),
    Case(
        name="ordinal, min frequency",
        model=OrdinalEncoder(
            min_frequency=20, handle_unknown="use_encoded_value", unknown_value=-1
        ),
        on="shirts",
    ),
    Case(
        name="ordinal, most categories, missing",
        model=OrdinalEncoder(
            max_categories=3,
            handle_unknown="use_encoded_value",
            unknown_value=-1,
            encoded_missing_value=-2,
        ),
        on="shirts_missing",
    ),
    Case(
        name="ordinal, categories given",
        model=OrdinalEncoder(
            categories=[["teal", "red", "grün", "1:red", "blue"], ["B", "A", "red"]]
        ),
        on="shirts_text",
    ),
    Case(
        name="ordinal, integers",
        model=OrdinalEncoder(dtype=np.int64, handle_unknown="use_encoded_value", unknown_value=-5),
        on="shirts_numbers",
    ),
    Case(
        name="ordinal in a pipeline",
        model=make_pipeline(
            OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1),
            RandomForestClassifier(3, max_depth=4, random_state=0),
        ),
        on="shirts",
    ),
]

TARGET = [
    Case(name="target, two classes", model=TargetEncoder(random_state=0), on="shirts"),
    Case(name="target, classes", model=TargetEncoder(random_state=0), on="shirts_classes"),
    Case(name="target, continuous", model=TargetEncoder(random_state=0), on="shirts_price"),
    Case(name="target, smooth", model=TargetEncoder(smooth=30.0, random_state=0), on="shirts"),
    Case(
        name="target, not smooth",
        model=TargetEncoder(smooth=0.0, target_type="continuous", random_state=0),
        on="shirts_price",
    ),
    Case(name="target, missing", model=TargetEncoder(random_state=0), on="shirts_missing"),
    Case(name="target, None", model=TargetEncoder(random_state=0), on="shirts_none"),
    Case(
        name="target, categories given",
        model=TargetEncoder(
            categories=[["blue", "grün", "red", "teal"], ["A", "B", "red", "Z"]], random_state=0
        ),
        on="shirts_text",
    ),
    Case(name="target, one column", model=TargetEncoder(random_state=0), on="shirts_maker"),
    Case(
        name="target in a pipeline",
        model=make_pipeline(TargetEncoder(random_state=0), StandardScaler(), LogisticRegression()),
        on="shirts_classes",
    ),
    Case(
        name="target in a column transformer",
        model=make_pipeline(
            ColumnTransformer(
                [("target", TargetEncoder(random_state=0), ["colour", "maker"])],
                remainder=StandardScaler(),
            ),
            Ridge(),
        ),
        on="shirts_price",
    ),
]

CASES = [*ONE_HOT, *ORDINAL, *TARGET]
