"""Estimators that answer as the one they chose, froze or trained, and those that move a limit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op

from converters.graph.answers import Answers, classify, flat
from converters.graph.responses import response
from converters.graph.steps import answer
from converters.graph.table import Table, constant


def search(model: Any, table: Table) -> Answers:
    """GridSearchCV and its kin: the best estimator, fitted again on all rows."""
    return answer(model.best_estimator_, table, where="best_estimator_")


def frozen(model: Any, table: Table) -> Answers:
    """FrozenEstimator: the estimator inside."""
    return answer(model.estimator, table, where="estimator")


def self_training(model: Any, table: Table) -> Answers:
    """SelfTrainingClassifier: the estimator as trained last."""
    # Before scikit-learn 1.6 it was called base_estimator_ alone.
    inner = getattr(model, "estimator_", None) or model.base_estimator_
    return replace(answer(inner, table, where="estimator_"), transform=None)


def fixed_threshold(model: Any, table: Table) -> Answers:
    """FixedThresholdClassifier: the positive label where its score reaches `threshold`."""
    return _threshold(model, table, model.pos_label, model.threshold)


def tuned_threshold(model: Any, table: Table) -> Answers:
    """TunedThresholdClassifierCV: likewise, with the threshold found by cross-validation."""
    label = model._curve_scorer._get_pos_label()  # noqa: SLF001 - no public name says it
    return _threshold(model, table, label, float(model.best_threshold_))


def _threshold(model: Any, table: Table, pos_label: Any, limit: Any) -> Answers:
    inner = getattr(model, "estimator_", model.estimator)
    found = answer(inner, table, where="estimator_")
    methods = [model.response_method]
    if model.response_method == "auto":
        methods = ["predict_proba", "decision_function"]
    method, score = response(inner, found, methods, pos_label=pos_label)
    if limit == "auto":
        limit = 0.5 if method == "predict_proba" else 0.0
    limit = constant(float(limit))
    if pos_label is not None and pos_label == model.classes_[0]:
        second = op.less(score, limit)
    else:
        second = op.greater_or_equal(score, limit)
    place = op.cast(flat(second), to=np.int64)
    decided = classify(model.classes_, place)
    return replace(found, predict=decided.predict, index=place, transform=None)
