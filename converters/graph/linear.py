"""Linear models: X @ coef.T + intercept (scikit-learn `linear_model._base`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.answers import Answers, above, arg_max, both, classify, flat, regress
from converters.graph.table import Table, constant


def scores(model: Any, table: Table) -> Var:
    """[rows, k]: LinearModel._decision_function, LinearClassifierMixin.decision_function."""
    coef = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    product = op.matmul(table.matrix(), constant(coef.T))
    return op.add(product, constant(np.broadcast_to(model.intercept_, coef.shape[0])))


def linear_regressor(model: Any, table: Table) -> Answers:
    """LinearRegression and its regularised siblings: one target, or several side by side."""
    score = scores(model, table)
    return Answers(predict=score) if np.ndim(model.coef_) > 1 else regress(score)


def logistic_regression(model: Any, table: Table) -> Answers:
    """LogisticRegression: expit of one score for two classes, softmax of k for more."""
    score = scores(model, table)
    if len(model.classes_) > 2:
        return classify(
            model.classes_,
            arg_max(score),
            predict_proba=op.softmax(score, axis=1),
            decision_function=score,
        )
    # decision > 0, not argmax: at 0.5 each the original says the first class, and so does `>`.
    return classify(
        model.classes_,
        above(score),
        predict_proba=both(expit(score)),
        decision_function=flat(score),
    )


def expit(score: Var) -> Var:
    """1 / (1 + exp(-x)), as `scipy.special.expit`.

    That keeps tiny values: exp(x) / (1 + exp(x)) for x < 0. onnxruntime's double Sigmoid does
    not promise it, so it is spelled out.
    """
    small = op.exp(op.neg(op.abs(score)))
    denominator = op.add(constant(1.0), small)
    return op.where(
        op.less(score, constant(0.0)),
        op.div(small, denominator),
        op.div(constant(1.0), denominator),
    )
