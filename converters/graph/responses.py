"""What a meta-estimator takes from the estimators inside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from sklearn.base import is_classifier, is_regressor
from spox import Var

from converters.graph.answers import Answers
from converters.graph.steps import answer
from converters.graph.table import Table, constant, cut


def of_each(model: Any, table: Table) -> list[Answers]:
    """The answers of every one of `estimators_` about the same rows."""
    return [
        answer(each, table, where=f"estimators_[{i}]") for i, each in enumerate(model.estimators_)
    ]


def first_method(model: Any, methods: Sequence[str]) -> str:
    """The first of `methods` that the original has (`_check_response_method`)."""
    for name in methods:
        if hasattr(model, name):
            return name
    raise NotImplementedError(f"none of the methods {', '.join(methods)}")


def asked(found: Answers, method: str) -> Var:
    """The one tensor that `method` answers; NotImplementedError where there are none or several."""
    if method == "predict_log_proba":
        return op.log(asked(found, "predict_proba"))
    value = getattr(found, method)
    if value is None:
        raise NotImplementedError(f"the method `{method}` of an estimator inside")
    if isinstance(value, tuple):
        raise NotImplementedError(f"the method `{method}` for several targets inside")
    return value


def column(value: Var) -> Var:
    """[rows] as [rows, 1]."""
    return op.reshape(value, constant([-1, 1], np.int64))


def side_by_side(values: Sequence[Var]) -> Var:
    """[rows, all the columns]: matrices, or columns, joined."""
    return values[0] if len(values) == 1 else op.concat(list(values), axis=1)


def number(value: Var) -> Var:
    """Labels as float64, as NumPy makes them when it stores them among numbers."""
    if value.unwrap_tensor().dtype == np.float64:
        return value
    return op.cast(value, to=np.float64)


def pick(matrix: Var, positions: Sequence[int]) -> Var:
    """These neighbouring columns of a matrix."""
    return cut(matrix, positions[0], positions[-1] + 1, axis=1)


def response(
    model: Any, found: Answers, methods: Sequence[str], *, pos_label: Any = None
) -> tuple[str, Var]:
    """The method used and its answer, [rows, k] (`_get_response_values`).

    Two classes give one column, [rows, 1]: the score of `pos_label`, by default the last class.
    """
    name = first_method(model, methods)
    value = asked(found, name)
    if not is_classifier(model) or name == "predict":
        return name, column(number(value))
    if len(model.classes_) != 2:
        return name, value
    position = 1 if pos_label is None else int(np.flatnonzero(model.classes_ == pos_label)[0])
    if name == "decision_function":
        score = column(value)
        return name, score if position == 1 else op.neg(score)
    return name, pick(value, [position])


def binary_score(model: Any, found: Answers) -> Var:
    """[rows, 1]: how sure the estimator of two classes is (`multiclass._predict_binary`)."""
    if is_regressor(model):
        return column(asked(found, "predict"))
    if hasattr(model, "decision_function"):
        return column(asked(found, "decision_function"))
    return pick(asked(found, "predict_proba"), [1])


FEW = 8
"""Columns whose sum a product with ones gives in each of them; to divide by a single column takes
onnxruntime (1.31) as long for each row as for eight numbers."""


def row_totals(value: Var, width: int) -> Var:
    """The sum of each row of [rows, width]: once, or where they are few, in every column."""
    if width <= FEW:
        return op.gemm(value, constant(np.ones((width, width))))
    return op.reduce_sum(value, constant([1], np.int64), keepdims=1)


def divisor(total: Var) -> Var:
    """A sum of what is to be divided by it; 1 instead of 0, as 0 / 1 leaves the zeros."""
    return op.max([total, op.cast(op.equal(total, constant(0.0)), to=np.float64)])


def place(found: Answers) -> Var:
    """Int64 [rows]: the label of a classifier fitted on 0, 1, ..."""
    if found.index is not None:
        return found.index
    return op.cast(asked(found, "predict"), to=np.int64)


def count_rows(table: Table) -> Var:
    """Int64 [1]: how many rows there are."""
    return table.count()
