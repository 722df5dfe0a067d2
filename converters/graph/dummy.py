"""Estimators that do not look at the row."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, labels
from converters.graph.table import Table, constant


def _repeated(row: Var, table: Table) -> Var:
    """`row` [1, k] for each row of the table."""
    count = op.shape(table.refs[0].var, start=0, end=1)
    return op.expand(row, op.concat([count, constant([1], np.int64)], axis=0))


def dummy_regressor(model: Any, table: Table) -> Answers:
    """DummyRegressor: a constant for each target."""
    found = _repeated(constant(np.asarray(model.constant_).reshape(1, -1)), table)
    return Answers(predict=_narrow(found) if model.n_outputs_ == 1 else found)


def _narrow(value: Var) -> Var:
    return op.squeeze(value, constant([1], np.int64))


def dummy_classifier(model: Any, table: Table) -> Answers:
    """DummyClassifier: the most frequent class, or the one that is given, for each target."""
    if model.strategy in ("stratified", "uniform"):
        raise NotImplementedError(
            f"DummyClassifier(strategy={model.strategy!r}) draws its labels at random"
        )
    one = model.n_outputs_ == 1
    classes = [model.classes_] if one else model.classes_
    prior = [model.class_prior_] if one else model.class_prior_
    given = np.atleast_1d(model.constant) if model.strategy == "constant" else [None] * len(prior)
    chosen = [
        int(np.argmax(p)) if g is None else int(np.flatnonzero(c == g)[0])
        for c, p, g in zip(classes, prior, given, strict=True)
    ]
    predict = _repeated(_row([c[i] for c, i in zip(classes, chosen, strict=True)]), table)
    probabilities = tuple(
        _repeated(constant(_probability(model, p, i)[None, :]), table)
        for p, i in zip(prior, chosen, strict=True)
    )
    if not one:
        return Answers(predict=predict, predict_proba=probabilities)
    index = _narrow(_repeated(constant([[chosen[0]]], np.int64), table))
    return Answers(predict=_narrow(predict), predict_proba=probabilities[0], index=index)


def _row(values: list[Any]) -> Var:
    return labels(np.asarray([values]))


def _probability(model: Any, prior: Array, chosen: int) -> Array:
    if model.strategy == "prior":
        return np.asarray(prior, dtype=np.float64)
    return np.asarray(np.eye(len(prior))[chosen])
