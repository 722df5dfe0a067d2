"""Estimators that hand rows on to a fitted one inside."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline

from converters.equivalents.fitted import with_columns_of


def best_estimator(model: Any) -> Any:
    """After its search, every method asks the best estimator, fitted again on all rows."""
    return getattr(model, "best_estimator_", model)


def frozen_estimator(model: Any) -> Any:
    """Frozen estimators differ in training alone."""
    return model.estimator


def inner_estimator(model: Any) -> Any:
    """What came out of training is one fitted estimator, whose answers it gives."""
    return model.estimator_


def selected_columns(model: Any) -> Any:
    """A selector passes some columns on as they are: so does a ColumnTransformer.

    It may stand first in a pipeline, where the converter asks of what type the columns are.
    """
    chosen = np.flatnonzero(model.get_support()).tolist()
    columns = ColumnTransformer([("selected", "passthrough", chosen)])
    return with_columns_of(model, columns.fit(np.zeros((1, model.n_features_in_))))


def selected_then_estimator(model: Any) -> Any:
    """`predict` selects the columns by `transform`, then asks the estimator fitted on them."""
    return Pipeline([("selected", selected_columns(model)), ("estimator", model.estimator_)])
