"""Linear models of one kind, asked about the same rows: one product answers for all of them.

Each function answers None where the models are something else; they are then built one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.linear import affine, class_weights, is_softmax, weights
from converters.graph.steps import entry_of
from converters.graph.table import Table, constant

REGRESSORS = frozenset({"linear.linear_regressor"})
LOGISTIC = frozenset({"linear.linear_discriminant_analysis", "linear.logistic_regression"})
CLASSIFIERS = LOGISTIC | {"linear.linear_classifier", "linear.ridge_classifier"}
"""Entries of ESTIMATORS; the answers of the logistic ones are softmax of the scores."""

Weights = Callable[[Any], tuple[Array, Array]]
"""A model -> what multiplies the columns, [k, columns], and what is added, [k]."""

Columns = Sequence[Array]
"""For each model, the places of the columns that it sees."""


def predictions(models: Sequence[Any], table: Table, columns: Columns | None = None) -> Var | None:
    """[rows, models]: the prediction of each regressor of one target."""
    if not _are(models, REGRESSORS, weights, columns) or len(weights(models[0])[0]) != 1:
        return None
    return _product(models, table, weights, columns)


def scores(models: Sequence[Any], table: Table) -> Var | None:
    """[rows, models]: the one score of each classifier of two classes."""
    if not _are(models, CLASSIFIERS, weights) or len(weights(models[0])[0]) != 1:
        return None
    return _product(models, table, weights)


def are_logistic(models: Sequence[Any]) -> bool:
    """Whether probabilities are the softmax of scores, so of two classes the expit of the one."""
    return all(entry_of(each) in LOGISTIC and is_softmax(each) for each in models)


def class_scores(models: Sequence[Any], table: Table, columns: Columns | None = None) -> Var | None:
    """[rows, models, classes]: the scores of classifiers; of two classes, 0 and the one."""
    if not _are(models, CLASSIFIERS, class_weights, columns):
        return None
    product = _product(models, table, class_weights, columns)
    shape = [-1, len(models), len(class_weights(models[0])[0])]
    return op.reshape(product, constant(shape, np.int64))


def _are(
    models: Sequence[Any], entries: frozenset[str], of: Weights, columns: Columns | None = None
) -> bool:
    """Several, all by the same one of `entries` and of one shape; none sees a column twice."""
    found = {entry_of(each) for each in models}
    if len(models) < 2 or len(found) != 1 or not found <= entries:
        return False
    alike = len({len(of(each)[0]) for each in models}) == 1
    return alike and all(len(np.unique(seen)) == len(seen) for seen in columns or ())


def _product(
    models: Sequence[Any], table: Table, of: Weights, columns: Columns | None = None
) -> Var:
    """[rows, models * k]; a column that a model does not see is multiplied by 0.

    One that no model sees is left out: the original takes it even where it is missing.
    """
    each_sees = columns or [np.arange(table.width)] * len(models)
    seen = np.unique(np.concatenate(each_sees))
    parts = []
    for model, own in zip(models, each_sees, strict=True):
        coef = of(model)[0]
        wide = np.zeros((len(coef), len(seen)))
        wide[:, np.searchsorted(seen, own)] = coef
        parts.append(wide)
    shift = np.concatenate([of(model)[1] for model in models])
    return affine(table.take(seen.tolist()).matrix(), np.concatenate(parts).T, shift)
