"""Multi-layer perceptrons (scikit-learn `neural_network`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.answers import Answers, above, arg_max, both, classify, regress
from converters.graph.linear import expit
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


def _forward(model: Any, table: Table) -> Var:
    """[rows, k]: the activation of the last layer."""
    value = table.matrix()
    last = len(model.coefs_) - 1
    for layer, (coef, intercept) in enumerate(zip(model.coefs_, model.intercepts_, strict=True)):
        value = op.add(op.matmul(value, constant(coef)), constant(intercept))
        name = model.out_activation_ if layer == last else model.activation
        value = ACTIVATIONS[name](value)
    return value


def mlp_regressor(model: Any, table: Table) -> Answers:
    """MLPRegressor: one target, or several side by side."""
    value = _forward(model, table)
    return regress(value) if model.n_outputs_ == 1 else Answers(predict=value)


def mlp_classifier(model: Any, table: Table) -> Answers:
    """MLPClassifier: of two classes the second where it is over a half; of more the largest.

    With several labels each that is over a half, as an indicator matrix.
    """
    value = _forward(model, table)
    if model.n_outputs_ == 1:
        return classify(model.classes_, above(value, 0.5), predict_proba=both(value))
    if model.out_activation_ == "softmax":
        return classify(model.classes_, arg_max(value), predict_proba=value)
    chosen = op.cast(op.greater(value, constant(0.5)), to=np.int64)
    return Answers(predict=chosen, predict_proba=value)
