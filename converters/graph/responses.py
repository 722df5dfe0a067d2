"""What a meta-estimator takes from the estimators inside it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from sklearn.base import is_classifier, is_regressor
from spox import Var

from converters.graph.answers import Answers
from converters.graph.table import Table, constant


def first_method(model: Any, methods: Sequence[str]) -> str:
    """The first of `methods` that the original has (`_check_response_method`)."""
    for name in methods:
        if hasattr(model, name):
            return name
    raise NotImplementedError(f"none of the methods {', '.join(methods)}")


def asked(found: Answers, method: str) -> Var:
    """The tensor that `method` answers."""
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
    """These neighbouring columns of a matrix; a Slice is much faster than a Gather of columns."""
    start, stop = constant([positions[0]], np.int64), constant([positions[-1] + 1], np.int64)
    return op.slice(matrix, start, stop, constant([1], np.int64))


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


def place(found: Answers) -> Var:
    """Int64 [rows]: the label of a classifier fitted on 0, 1, ..."""
    if found.index is not None:
        return found.index
    return op.cast(asked(found, "predict"), to=np.int64)


def count_rows(table: Table) -> Var:
    """Int64 [1]: how many rows there are."""
    return table.count()
