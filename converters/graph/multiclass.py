"""Classifiers of many classes, made of estimators of two."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from sklearn.base import is_classifier, is_regressor
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, above, arg_max, both, classify, flat
from converters.graph.binary import members
from converters.graph.responses import count_rows, divisor, pick, row_totals
from converters.graph.table import Table, constant
from converters.installed import scikit_learn_since


def constant_predictor(model: Any, table: Table) -> Answers:
    """multiclass._ConstantPredictor: the one label seen in training, whatever the row."""
    known = float(model.y_[0])
    rows = count_rows(table)
    wide = op.concat([rows, constant([2], np.int64)], axis=0)
    value = op.expand(constant(known), rows)
    return Answers(
        predict=value,
        decision_function=value,
        predict_proba=op.expand(constant([[1 - known, known]]), wide),
    )


def one_vs_rest(model: Any, table: Table) -> Answers:
    """OneVsRestClassifier: the class whose estimator is surest; every label that is sure enough."""
    inner = model.estimators_
    found = members(inner, table)
    limit = _limit(inner[0])
    decision = found.decision_function
    if decision is not None and len(inner) == 1:
        decision = flat(decision)
    proba = None if found.second is None else _probabilities(model, found.second)
    if model.multilabel_:
        label = op.cast(op.greater(found.score, constant(limit)), to=np.int64)
        return Answers(predict=label, predict_proba=proba, decision_function=decision)
    index = above(found.score, limit) if len(inner) == 1 else _surest(found.score)
    return classify(model.classes_, index, predict_proba=proba, decision_function=decision)


def _surest(scores: Var) -> Var:
    """Of several that are as sure, the first; the last before scikit-learn 1.8."""
    return op.arg_max(
        scores, axis=1, keepdims=0, select_last_index=0 if scikit_learn_since("1.8") else 1
    )


def _limit(first: Any) -> float:
    """Of the first estimator, whatever the others are (`_threshold_for_binary_predict`)."""
    return 0.0 if hasattr(first, "decision_function") and is_classifier(first) else 0.5


def _probabilities(model: Any, value: Var) -> Var:
    """[rows, classes]: the probabilities over their sum, but where it is 0."""
    if len(model.estimators_) == 1:
        value = both(value)
    if model.multilabel_:
        return value
    total = row_totals(value, len(model.classes_))
    # Before 1.7, NaN where no estimator gives any probability.
    return op.div(value, divisor(total) if scikit_learn_since("1.7") else total)


def one_vs_one(model: Any, table: Table) -> Answers:
    """OneVsOneClassifier: votes of each pair's estimator, and their confidences between votes."""
    inner = model.estimators_
    if model.pairwise_indices_ is not None:
        raise NotImplementedError("OneVsOneClassifier of an estimator of precomputed kernels")
    found = members(inner, table)
    # A product with 1 and -1 adds in the order of the pairs, as the original does.
    signs, first = _pairs(len(model.classes_))
    total = op.matmul(found.score, constant(signs))
    between = op.div(total, op.mul(constant(3.0), op.add(op.abs(total), constant(1.0))))
    score = op.add(_votes(inner[0], found.predict, signs, first), between)
    if len(model.classes_) > 2:
        return classify(model.classes_, arg_max(score), decision_function=score)
    second = pick(score, [1])
    return classify(model.classes_, above(second, _limit(inner[0])), decision_function=flat(second))


def _pairs(count: int) -> tuple[Array, Array]:
    """[pairs, count]: -1 at the first class and 1 at the second; and 1 at the first alone."""
    pairs = [(i, j) for i in range(count) for j in range(i + 1, count)]
    first = np.array([[float(c == i) for c in range(count)] for i, _ in pairs])
    second = np.array([[float(c == j) for c in range(count)] for _, j in pairs])
    return second - first, first


def _votes(estimator: Any, predicted: Var, signs: Array, first: Array) -> Var:
    if not is_regressor(estimator):  # 0 or 1: the second class's vote is the first's loss
        return op.add(op.matmul(predicted, constant(signs)), constant(first.sum(axis=0)))
    for_first, for_second = (
        op.cast(op.equal(predicted, constant(value)), to=np.float64) for value in (0.0, 1.0)
    )
    return op.add(
        op.matmul(for_first, constant(first)), op.matmul(for_second, constant(signs + first))
    )


def output_code(model: Any, table: Table) -> Answers:
    """OutputCodeClassifier: the class whose code is nearest.

    max(0, |x|^2 - 2 x.c + |c|^2) in this order, as ArgKmin: of a row whose |x|^2 swallows the
    rest, all codes are equally far, and the first class is the nearest.
    """
    scores = members(model.estimators_, table).score
    code = np.asarray(model.code_book_, dtype=np.float64)
    square = op.reduce_sum_square(scores, constant([1], np.int64), keepdims=1)
    middle = op.add(square, op.matmul(scores, constant(-2.0 * code.T)))
    distance = op.add(middle, constant((code**2).sum(axis=1)))
    nearest = op.arg_min(op.max([distance, constant(0.0)]), axis=1, keepdims=0)
    return classify(model.classes_, nearest)
