"""Bins, and encoders of labels."""

from __future__ import annotations

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    LabelBinarizer,
    LabelEncoder,
    OneHotEncoder,
    PolynomialFeatures,
)

from parity_tests.pipelines.case import Case

BINS = [
    *(
        Case(
            name=f"k-bins, {encode}, {strategy}",
            model=KBinsDiscretizer(4, encode=encode, strategy=strategy),
            on=on,
        )
        for encode, strategy, on in (
            ("onehot", "quantile", "iris"),
            ("onehot-dense", "quantile", "diabetes_array"),
            ("ordinal", "quantile", "iris_integers"),
            ("onehot", "uniform", "iris_array"),
            ("onehot-dense", "uniform", "iris"),
            ("ordinal", "uniform", "diabetes"),
            ("onehot-dense", "kmeans", "iris"),
            ("ordinal", "kmeans", "shirts_numbers"),
        )
    ),
    Case(
        name="k-bins, counts by column, float32",
        model=KBinsDiscretizer([2, 3, 5, 7], encode="ordinal", dtype=np.float32),
        on="iris",
    ),
    Case(name="k-bins, ties", model=KBinsDiscretizer(5, strategy="quantile"), on="positive"),
    Case(
        name="one-hot, one category, drop first",
        model=OneHotEncoder(drop="first"),
        on="iris_constant",
    ),
    Case(name="k-bins, constant column", model=KBinsDiscretizer(3), on="iris_constant"),
    Case(
        name="k-bins, at the edges",
        model=KBinsDiscretizer(3, encode="ordinal", strategy="uniform"),
        on="thirds",
    ),
    Case(
        name="k-bins, then products, sparse",
        model=make_pipeline(KBinsDiscretizer(3), PolynomialFeatures(2), Ridge()),
        on="diabetes_array",
    ),
    Case(
        name="k-bins in a pipeline",
        model=make_pipeline(KBinsDiscretizer(5), LogisticRegression()),
        on="iris_binary",
    ),
]

LABELS = [
    Case(name="label encoder, text", model=LabelEncoder(), on="words"),
    Case(name="label encoder, integers", model=LabelEncoder(), on="whole_numbers"),
    Case(name="label encoder, floats", model=LabelEncoder(), on="real_numbers"),
    Case(name="label encoder, bools", model=LabelEncoder(), on="truths"),
    Case(name="label binarizer, text", model=LabelBinarizer(), on="words"),
    Case(name="label binarizer, two", model=LabelBinarizer(), on="answers"),
    Case(
        name="label binarizer, labels",
        model=LabelBinarizer(neg_label=-2, pos_label=3),
        on="whole_numbers",
    ),
    Case(name="label binarizer, floats", model=LabelBinarizer(), on="real_numbers"),
    Case(name="label binarizer, bools", model=LabelBinarizer(neg_label=-1), on="truths"),
    Case(name="label binarizer, sparse", model=LabelBinarizer(sparse_output=True), on="words"),
    Case(
        name="label binarizer, several labels",
        model=LabelBinarizer(neg_label=-1, pos_label=2),
        on="indicators",
    ),
    Case(
        name="label binarizer, zero is positive",
        model=LabelBinarizer(neg_label=-1, pos_label=0),
        on="words",
    ),
]

CASES = [*BINS, *LABELS]
