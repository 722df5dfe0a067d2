"""Multi-layer perceptrons (scikit-learn `neural_network`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.answers import Answers, arg_max, classify, regress
from converters.graph.linear import affine, expit
from converters.graph.table import Table, constant

ACTIVATIONS: dict[str, Callable[[Var], Var]] = {
    "identity": lambda value: value,
    "exp": op.exp,
    "logistic": expit,
    "relu": op.relu,
    "softmax": lambda value: op.softmax(value, axis=1),
    "tanh": op.tanh,
}
"""By the names of `neural_network._base.ACTIVATIONS`."""


def _hidden(model: Any, table: Table) -> Var:
    """[rows, units]: the activation of the last layer but one."""
    value = table.matrix()
    for coef, intercept in zip(model.coefs_[:-1], model.intercepts_[:-1], strict=True):
        value = ACTIVATIONS[model.activation](affine(value, coef, intercept))
    return value


def _last(model: Any, table: Table) -> Var:
    """[rows, k]: the last layer, before its activation."""
    return affine(_hidden(model, table), model.coefs_[-1], model.intercepts_[-1])


def mlp_regressor(model: Any, table: Table) -> Answers:
    """MLPRegressor: one target, or several side by side."""
    value = ACTIVATIONS[model.out_activation_](_last(model, table))
    return regress(value) if model.n_outputs_ == 1 else Answers(predict=value)


def mlp_classifier(model: Any, table: Table) -> Answers:
    """MLPClassifier: the class of the largest probability.

    With several labels each that is over a half, as an indicator matrix.
    """
    if model.n_outputs_ == 1:
        return _two_classes(model, table)
    probability = ACTIVATIONS[model.out_activation_](_last(model, table))
    if model.out_activation_ == "softmax":
        return classify(model.classes_, arg_max(probability), predict_proba=probability)
    chosen = op.cast(op.greater(probability, constant(0.5)), to=np.int64)
    return Answers(predict=chosen, predict_proba=probability)


def _two_classes(model: Any, table: Table) -> Answers:
    """Softmax of 0 and the score is (1 - expit(score), expit(score)).

    The second is the larger exactly where it is over a half: at an equal half each, both the
    original and argmax choose the first.
    """
    coef, intercept = model.coefs_[-1], model.intercepts_[-1]
    pair = np.concatenate([np.zeros_like(coef), coef], axis=1)
    score = affine(_hidden(model, table), pair, np.append(0.0, intercept))
    probability = op.softmax(score, axis=1)
    return classify(model.classes_, arg_max(probability), predict_proba=probability)
