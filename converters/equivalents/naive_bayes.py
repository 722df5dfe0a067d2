"""Naive Bayes whose likelihood is linear in what it sees of the columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import Binarizer

from converters.equivalents.fitted import softmax_regression, with_columns_of


def bernoulli(model: Any) -> Any:
    """Its likelihood of 0s and 1s is X @ (log p - log(1 - p)) + the sum of log(1 - p)."""
    if len(model.classes_) == 1:
        return model
    absent = np.log(1 - np.exp(model.feature_log_prob_))
    linear = softmax_regression(
        model, model.feature_log_prob_ - absent, model.class_log_prior_ + absent.sum(axis=1)
    )
    if model.binarize is None:
        return linear
    binary = with_columns_of(model, Binarizer(threshold=model.binarize))
    return Pipeline([("binary", binary), ("linear", linear)])
