"""Classifiers of two classes that decide at a threshold of their own."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import expit
from sklearn.model_selection import FixedThresholdClassifier

from converters.equivalents.fitted import last_of, with_columns_of

_LOGISTIC = ("LogisticRegression", "LogisticRegressionCV")
"""Whose probability of the second of two classes is the logistic function of the score."""


def tuned_threshold(model: Any) -> Any:
    """After the search for its threshold it is a fixed one."""
    fixed = FixedThresholdClassifier(
        model.estimator_,
        threshold=model.best_threshold_,
        pos_label=model._curve_scorer._get_pos_label(),  # noqa: SLF001 - predict asks it
        response_method=model.response_method,
    )
    return with_columns_of(model, fixed, estimator_=model.estimator_)


def fixed_threshold(model: Any) -> Any:
    """A threshold of the probability of the second class; the converter knows no other.

    The logistic function keeps the order of scores. A threshold of the first class is one of the
    second turned round, as 1 - p: there `>=` has become `>`, which is `>=` of the next number.
    """
    threshold, first = model.threshold, model.pos_label == model.estimator_.classes_[0]
    if _asks_scores(model):
        if type(last_of(model.estimator_)).__name__ not in _LOGISTIC:
            return model
        threshold = expit(0.0 if threshold == "auto" else threshold)
    threshold = 0.5 if threshold == "auto" else threshold
    model.threshold = float(np.nextafter(1.0 - threshold, np.inf) if first else threshold)
    model.response_method = "predict_proba"
    model.pos_label = model.estimator_.classes_[1]
    return model


def _asks_scores(model: Any) -> bool:
    return model.response_method == "decision_function" or (
        model.response_method == "auto" and not hasattr(model.estimator_, "predict_proba")
    )
