"""Gradient boosting: a start, and trees that are added to it (`ensemble/_gb.py`)."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, arg_max, classify, flat, regress
from converters.graph.leaves import sum_of_leaves
from converters.graph.responses import asked
from converters.graph.steps import answer
from converters.graph.table import Table, constant
from converters.graph.trees import nodes_of


def boosting_regressor(model: Any, table: Table) -> Answers:
    """GradientBoostingRegressor: init + learning_rate * the sum of the trees' values."""
    return regress(_raw(model, table))


def boosting_classifier(model: Any, table: Table) -> Answers:
    """GradientBoostingClassifier: expit of one score (exponential: of twice it), or softmax."""
    raw = _raw(model, table)
    if len(model.classes_) > 2:
        return softmax_of(model, raw)
    # raw >= 0: at 0.5 each the original says the second class.
    return expit_of(model, raw, factor=2.0 if model.loss == "exponential" else 1.0, last=True)


def expit_of(model: Any, raw: Var, *, factor: float = 1.0, last: bool = False) -> Answers:
    """A classifier of two classes, from the raw score [rows, 1]: expit of `factor` times it.

    `last`: whether a score of 0 means the last class. Beside a 0, the larger is the label and
    softmax is expit, in fewer operators.
    """
    score = _beside_zero(raw, 1.0)
    logit = score if factor == 1.0 else _beside_zero(raw, factor)
    return classify(
        model.classes_,
        op.arg_max(score, axis=1, keepdims=0, select_last_index=int(last)),
        predict_proba=op.softmax(logit, axis=1),
        decision_function=flat(raw),
    )


def _beside_zero(raw: Var, factor: float) -> Var:
    """[rows, 2]: 0 and `factor` times the score; onnxruntime multiplies faster than it pads."""
    return op.mul(raw, constant([[0.0, factor]]))


def softmax_of(model: Any, raw: Var) -> Answers:
    """A classifier of more than two classes, from the raw scores [rows, k]."""
    return classify(
        model.classes_,
        arg_max(raw),
        predict_proba=op.softmax(raw, axis=1),
        decision_function=raw,
    )


def _raw(model: Any, table: Table) -> Var:
    """[rows, k]: the start, and learning_rate times the trees' values, k trees each stage."""
    estimators = model.estimators_.ravel()
    values = [model.learning_rate * estimator.tree_.value[:, 0, 0] for estimator in estimators]
    trees = [nodes_of(estimator) for estimator in estimators]
    width = model.estimators_.shape[1]
    if isinstance(model.init_, str):  # "zero"
        return sum_of_leaves(trees, table, values, width)
    if type(model.init_).__name__ in ("DummyRegressor", "DummyClassifier"):
        return sum_of_leaves(trees, table, from_start(_start_of(model, model.init_), values), width)
    return op.add(_start(model, table), sum_of_leaves(trees, table, values, width))


def from_start(start: Array, values: list[Array]) -> list[Array]:
    """The trees' values, the first stage's with the start [1, k] added, as the original adds."""
    first = start.shape[1]
    return [each + start[0, i] if i < first else each for i, each in enumerate(values)]


def _start(model: Any, table: Table) -> Var:
    """[rows, k]: what the estimator `init_` says, on the scale of the loss's link."""
    # The original rounds the rows to float32 before it asks `init_`.
    rounded = op.cast(op.cast(table.matrix(), to=np.float32), to=np.float64)
    answers = answer(model.init_, Table.of(rounded, table.width), where="init")
    if not hasattr(model, "classes_"):
        return op.reshape(asked(answers, "predict"), constant([-1, 1], np.int64))
    return _link(model, asked(answers, "predict_proba"))


def _link(model: Any, probabilities: Var) -> Var:
    """`_init_raw_predictions`: probabilities, kept off 0 and 1, as raw scores."""
    eps = constant(_least(model))
    kept = op.max([op.min([probabilities, op.sub(constant(1.0), eps)]), eps])
    if len(model.classes_) > 2:  # MultinomialLogit: log(p / geometric mean)
        mean = op.reduce_mean(op.log(kept), constant([1], np.int64), keepdims=1)
        return op.log(op.div(kept, op.exp(mean)))
    second = op.gather(kept, constant([1], np.int64), axis=1)
    logit = op.log(op.div(second, op.sub(constant(1.0), second)))
    return op.mul(constant(0.5), logit) if model.loss == "exponential" else logit


class _Certain:
    """An estimator that is certain of the first class."""

    def __init__(self, classes: int) -> None:
        self.answer = np.eye(classes)[:1]

    def predict_proba(self, X: Array) -> Array:
        """1 for the first class, in every row."""
        return np.repeat(self.answer, len(X), axis=0)


def _least(model: Any) -> float:
    """The least probability that the original lets `init_` say; it depends on the version.

    Read off the raw scores: log(p / (1 - p)) of that p, or the same between two classes.
    """
    raw = _start_of(model, _Certain(len(model.classes_)))[0]
    logit = raw[0] if len(raw) == 1 else raw[1] - raw[0]
    odds = np.exp((2 if model.loss == "exponential" else 1) * logit)
    return float(odds / (1 + odds))


def _start_of(model: Any, init: Any) -> Array:
    """[1, k]: the raw score that the original starts with, given an `init_` blind to the row."""
    blind = copy.copy(model)
    blind.init_ = init
    return np.asarray(blind._raw_predict_init(np.zeros((1, model.n_features_in_))))  # noqa: SLF001 - the only place the start is computed
