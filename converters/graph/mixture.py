"""Mixtures of normal distributions (`sklearn.mixture`)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from scipy.special import digamma
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers
from converters.graph.table import Table, constant


def mixture(model: Any, table: Table) -> Answers:
    """GaussianMixture, BayesianGaussianMixture: softmax and logsumexp of the components.

    [components, rows] meanwhile: a number for each row meets all its rows in one run.
    """
    weighted = _weighted_log_density(model, table)
    log_sum = op.reduce_log_sum_exp(weighted, constant([0], np.int64), keepdims=0)
    return Answers(
        predict=op.arg_max(weighted, axis=0, keepdims=0),
        predict_proba=op.transpose(op.exp(op.sub(weighted, log_sum)), perm=[1, 0]),
        score_samples=log_sum,
    )


def _weighted_log_density(model: Any, table: Table) -> Var:
    """[components, rows]: _estimate_weighted_log_prob, its constants added in its order."""
    distance = DISTANCES[model.covariance_type](model, table.matrix())
    start = constant(table.width * math.log(2 * math.pi))
    found = op.mul(constant(-0.5), op.add(start, distance))
    for term in _constants(model, table.width):
        found = op.add(found, constant(np.atleast_1d(term)[:, None]))
    return found


def _full(model: Any, rows: Var) -> Var:
    factors = model.precisions_cholesky_  # [components, columns, columns]
    centre = np.stack([mean @ factor for mean, factor in zip(model.means_, factors, strict=True)])
    return _sum_of_squares(op.matmul(rows, constant(factors)), centre)


def _tied(model: Any, rows: Var) -> Var:
    factor = model.precisions_cholesky_
    centre = np.stack([mean @ factor for mean in model.means_])
    return _sum_of_squares(op.matmul(rows, constant(factor)), centre)


def _sum_of_squares(value: Var, centre: Array) -> Var:
    """[components, rows], from [rows, columns] or [components, rows, columns]."""
    apart = op.sub(value, constant(centre[:, None, :]))
    return op.reduce_sum_square(apart, constant([2], np.int64), keepdims=0)


def _diagonal(model: Any, rows: Var) -> Var:
    means, precisions = model.means_, model.precisions_cholesky_**2
    cross = op.matmul(rows, constant(2.0 * (means * precisions).T))
    own = op.matmul(op.mul(rows, rows), constant(precisions.T))
    start = constant((means**2 * precisions).sum(axis=1))
    return op.transpose(op.add(op.sub(start, cross), own), perm=[1, 0])


def _spherical(model: Any, rows: Var) -> Var:
    means, precisions = model.means_, model.precisions_cholesky_**2
    cross = op.mul(op.matmul(rows, constant(2.0 * means.T)), constant(precisions))
    squares = op.reduce_sum(op.mul(rows, rows), constant([1], np.int64), keepdims=1)
    own = op.mul(squares, constant(precisions[None, :]))
    start = constant((means**2).sum(axis=1) * precisions)
    return op.transpose(op.add(op.sub(start, cross), own), perm=[1, 0])


DISTANCES: dict[str, Callable[[Any, Var], Var]] = {
    "diag": _diagonal,
    "full": _full,
    "spherical": _spherical,
    "tied": _tied,
}
"""Squared distance to each component in its own metric, [components, rows], by covariance type."""


def _constants(model: Any, width: int) -> list[Array]:
    """What is added to -0.5 * (width * log(2 pi) + distance), each [components]."""
    log_weights = model._estimate_log_weights()  # noqa: SLF001 - no public name holds it
    log_det = _log_determinant(model, width)
    if type(model).__name__ == "GaussianMixture":
        return [log_det, log_weights]
    freedom = model.degrees_of_freedom_
    halves = 0.5 * (freedom - np.arange(width)[:, None])
    log_lambda = width * np.log(2.0) + digamma(halves).sum(axis=0)
    spread = 0.5 * (log_lambda - width / model.mean_precision_)
    return [log_det, -0.5 * width * np.log(freedom), spread, log_weights]


def _log_determinant(model: Any, width: int) -> Array:
    factors, count = model.precisions_cholesky_, len(model.means_)
    if model.covariance_type == "full":
        return np.asarray(np.log(np.diagonal(factors, axis1=1, axis2=2)).sum(axis=1))
    if model.covariance_type == "tied":
        return np.full(count, np.log(np.diagonal(factors)).sum())
    if model.covariance_type == "diag":
        return np.asarray(np.log(factors).sum(axis=1))
    return np.asarray(width * np.log(factors))
