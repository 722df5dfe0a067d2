"""Calibrated classifiers."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
from sklearn.ensemble import VotingClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import LabelEncoder

from converters.equivalents.fitted import logistic

_LINEAR = ("LinearDiscriminantAnalysis", "LogisticRegression", "LogisticRegressionCV")


def calibrated(model: Any) -> Any:
    """The mean of the probabilities of its calibrated classifiers: a soft vote of them.

    JPMML's converter takes a pipeline's scores for probabilities, so a pipeline is taken out
    of the calibration, which has its place at the pipeline's end.
    """
    parts = model.calibrated_classifiers_
    members = [_one(model, part, part.estimator) for part in parts]
    if all(type(member) is type(model) for member in members):
        return model
    if len(members) == 1:
        return members[0]
    vote = VotingClassifier([(f"fold{i}", m) for i, m in enumerate(members)], voting="soft")
    vote.estimators_ = members
    vote.le_ = LabelEncoder().fit(model.classes_)
    vote.classes_ = vote.le_.classes_
    return vote


def _one(model: Any, part: Any, estimator: Any) -> Any:
    """The calibrated classifier of one fold, on its own."""
    if isinstance(estimator, Pipeline):
        *before, (name, last) = estimator.steps
        return Pipeline([*before, (name, _one(model, part, last))])
    if type(estimator).__name__ in _LINEAR:
        folded = _folded(part, estimator)
        if folded is not None:
            return folded
    alone, only = copy.copy(model), copy.copy(part)
    only.estimator = estimator
    alone.calibrated_classifiers_ = [only]
    alone.n_features_in_ = getattr(estimator, "n_features_in_", None)
    vars(alone).pop("feature_names_in_", None)
    return alone


def _folded(part: Any, estimator: Any) -> Any:
    """Calibration of scores by a linear function, within the coefficients; else None."""
    if len(estimator.classes_) != len(part.classes):
        return None  # A fold that saw fewer classes.
    calibrator, two = part.calibrators[0], len(part.classes) == 2
    if part.method == "temperature":
        # Of two classes the scores are (-x, x): their difference is 2 x.
        factor, summand = calibrator.beta_ * (2.0 if two else 1.0), 0.0
    elif part.method == "sigmoid" and two:
        factor, summand = -calibrator.a_, -calibrator.b_
    else:
        return None
    folded = logistic(
        estimator,
        np.asarray(estimator.coef_) * factor,
        np.asarray(estimator.intercept_) * factor + summand,
    )
    folded.classes_ = part.classes  # The estimator may have been fitted on their places.
    return folded
