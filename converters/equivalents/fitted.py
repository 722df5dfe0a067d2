"""A fitted scikit-learn model from its fitted attributes, without training."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline

Model = TypeVar("Model")


def last_of(model: Any) -> Any:
    """The estimator at the end of a pipeline, or of pipelines in it; else the model."""
    return last_of(model.steps[-1][1]) if isinstance(model, Pipeline) else model


def with_columns_of(original: Any, model: Model, **attributes: Any) -> Model:
    """`model` with these fitted attributes, taking the columns that `original` takes."""
    for name in ("n_features_in_", "feature_names_in_"):
        if hasattr(original, name) and not isinstance(getattr(type(model), name, None), property):
            setattr(model, name, getattr(original, name))
    for name, value in attributes.items():
        setattr(model, name, value)
    return model


def regression(original: Any, coefficients: Any, intercept: float) -> LinearRegression:
    """X @ coefficients + intercept, for one target."""
    return with_columns_of(
        original,
        LinearRegression(),
        coef_=np.asarray(coefficients, dtype=np.float64).ravel(),
        intercept_=float(intercept),
    )


def softmax_regression(original: Any, coefficients: Any, intercepts: Any) -> LogisticRegression:
    """Softmax of X @ coefficients.T + intercepts, a row of coefficients for each class.

    Of two classes, scikit-learn keeps the difference of their rows.
    """
    if len(coefficients) == 2:
        coefficients = coefficients[1:] - coefficients[:1]
        intercepts = intercepts[1:] - intercepts[:1]
    return logistic(original, coefficients, intercepts)


def logistic(original: Any, coefficients: Any, intercepts: Any) -> LogisticRegression:
    """A LogisticRegression with the classes of `original`: one row of coefficients for two."""
    rows = np.atleast_2d(np.asarray(coefficients, dtype=np.float64))
    return with_columns_of(
        original,
        LogisticRegression(),
        coef_=rows,
        intercept_=np.broadcast_to(np.asarray(intercepts, dtype=np.float64), len(rows)).copy(),
        classes_=np.asarray(original.classes_),
    )
