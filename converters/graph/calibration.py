"""CalibratedClassifierCV: the mean of classifiers whose answers are mapped to probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph import stacked
from converters.graph.answers import Answers, arg_max, both, classify
from converters.graph.interpolation import Line, interpolate
from converters.graph.linear import expit
from converters.graph.responses import response, row_totals
from converters.graph.steps import answer
from converters.graph.table import Table, constant

TINY = 1e-12  # `_convert_to_logits` adds it to a probability before the logarithm


def calibrated_classifier(model: Any, table: Table) -> Answers:
    """The label is that of the largest mean probability."""
    inner = model.calibrated_classifiers_
    mean = _linear(inner, table)
    if mean is None:
        parts = [
            _probabilities(each, table, f"calibrated_classifiers_[{i}]")
            for i, each in enumerate(inner)
        ]
        mean = op.div(op.sum(parts), constant(float(len(parts)))) if len(parts) > 1 else parts[0]
    return classify(model.classes_, arg_max(mean), predict_proba=mean)


def _linear(inner: list[Any], table: Table) -> Var | None:
    """[rows, classes]: the mean over several linear models that know every class; else None."""
    models, classes = [each.estimator for each in inner], inner[0].classes
    known = all(np.array_equal(getattr(each, "classes_", ()), classes) for each in models)
    if not known or inner[0].method not in MAPPINGS:
        return None
    score = (stacked.scores if len(classes) == 2 else stacked.class_scores)(models, table)
    if score is None:
        return None
    width, folds = len(classes), len(models)
    wide = constant([-1, len(inner[0].calibrators) * folds], np.int64)
    calibrators = [calibrator for each in inner for calibrator in each.calibrators]
    mapped = MAPPINGS[inner[0].method](calibrators, op.reshape(score, wide))
    if width == 2:
        proba, of_class = both(mapped), np.repeat(np.eye(2), folds, axis=0)
    else:
        proba, of_class = _shared_folds(mapped, folds, width), np.tile(np.eye(width), (folds, 1))
    # The product adds in the order of the folds.
    return op.div(op.gemm(proba, constant(of_class)), constant(float(folds)))


def _shared_folds(proba: Var, folds: int, width: int) -> Var:
    """[rows, folds * classes]: the same as `_shared`, in each fold."""
    apart = op.reshape(proba, constant([-1, width], np.int64))
    shared = op.min([_shared(apart, width), constant(1.0)])
    return op.reshape(shared, constant([-1, folds * width], np.int64))


def _probabilities(model: Any, table: Table, where: str) -> Var:
    """[rows, classes]: `_CalibratedClassifier.predict_proba`."""
    found = answer(model.estimator, table, where=where)
    method, score = response(model.estimator, found, ["decision_function", "predict_proba"])
    count = len(model.classes)
    if model.method == "temperature":
        proba = _tempered(model, method, score, count)
    else:
        proba = MAPPINGS[model.method](model.calibrators, score)
        if count == 2:
            return both(proba)
        proba = _shared(_placed(model, proba, count), count)
    # The original clips what exceeds 1 by up to 1e-5; no mapping exceeds it by more.
    return op.min([proba, constant(1.0)])


def _sigmoid(calibrators: list[Any], score: Var) -> Var:
    """expit(-(a * T + b)), `_SigmoidCalibration.predict`."""
    slope = constant([-each.a_ for each in calibrators])
    return expit(op.add(op.mul(slope, score), constant([-each.b_ for each in calibrators])))


def _isotonic(calibrators: list[Any], score: Var) -> Var:
    """IsotonicRegression.predict with out_of_bounds="clip"."""
    return interpolate(score, [Line(e.X_thresholds_, e.y_thresholds_) for e in calibrators])


MAPPINGS = {"sigmoid": _sigmoid, "isotonic": _isotonic}
"""(calibrators, score [rows, k]) -> [rows, k], by the option `method`."""


def _placed(model: Any, proba: Var, count: int) -> Var:
    """A column for each class of all, 0 for a class that the estimator has not seen."""
    known = model.estimator.classes_
    places = [int(np.flatnonzero(model.classes == each)[0]) for each in known]
    if places == list(range(count)):
        return proba
    return op.matmul(proba, constant(np.eye(count)[places]))


def _shared(proba: Var, count: int) -> Var:
    """Divided by the sum; all alike where every class has 0."""
    total = row_totals(proba, count)
    return op.where(op.equal(total, constant(0.0)), constant(1 / count), op.div(proba, total))


def _tempered(model: Any, method: str, score: Var, count: int) -> Var:
    """softmax(beta * logits), `_TemperatureScaling.predict`."""
    beta = constant(float(model.calibrators[0].beta_))
    if count == 2 and method == "decision_function":
        logits = op.concat([op.neg(score), score], axis=1)
    else:
        logits = _logits(both(score) if count == 2 else score)
    return op.softmax(op.mul(beta, logits), axis=1)


def _logits(value: Var) -> Var:
    """Logarithms where all rows look like probabilities, else as they are (`_convert_to_logits`).

    The original looks at the whole batch, so the graph does.
    """
    total = op.reduce_sum(value, constant([1], np.int64), keepdims=1)
    # isclose(sum, 1), whose limit is 1e-8 + 1e-5
    near = op.less_or_equal(op.abs(op.sub(total, constant(1.0))), constant(1e-8 + 1e-5))
    inside = op.and_(
        op.greater_or_equal(value, constant(0.0)), op.less_or_equal(value, constant(1.0))
    )
    fits = op.cast(op.and_(inside, near), to=np.int64)
    every = op.equal(op.reduce_min(fits, keepdims=0), constant(1, np.int64))
    return op.where(every, op.log(op.add(value, constant(TINY))), value)
