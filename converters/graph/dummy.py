"""Estimators that do not look at the row."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, labels
from converters.graph.table import Table, constant


def _repeated(row: Var, table: Table, width: int | None) -> Var:
    """`row` [1] or [1, width] for each row of the table."""
    shape = table.count()
    if width is not None:
        shape = op.concat([shape, constant([width], np.int64)], axis=0)
    return op.expand(row, shape)


def dummy_regressor(model: Any, table: Table) -> Answers:
    """DummyRegressor: a constant for each target."""
    row = np.asarray(model.constant_, dtype=np.float64)
    if model.n_outputs_ == 1:
        return Answers(predict=_repeated(constant(row.reshape(1)), table, None))
    return Answers(predict=_repeated(constant(row.reshape(1, -1)), table, row.size))


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
    probabilities = tuple(
        _repeated(constant(_probability(model, p, i)[None, :]), table, len(p))
        for p, i in zip(prior, chosen, strict=True)
    )
    names = np.asarray([c[i] for c, i in zip(classes, chosen, strict=True)])
    if not one:
        row = labels(names[None, :])
        return Answers(predict=_repeated(row, table, len(names)), predict_proba=probabilities)
    return Answers(
        predict=_repeated(labels(names), table, None),
        predict_proba=probabilities[0],
        index=_repeated(constant(chosen, np.int64), table, None),
    )


def _probability(model: Any, prior: Array, chosen: int) -> Array:
    if model.strategy == "prior":
        return np.asarray(prior, dtype=np.float64)
    return np.asarray(np.eye(len(prior))[chosen])
