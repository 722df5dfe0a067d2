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
from converters.graph.answers import Answers, arg_max
from converters.graph.table import Table, constant

LAST = 2  # axis of the columns in [rows, components, columns]


def mixture(model: Any, table: Table) -> Answers:
    """GaussianMixture, BayesianGaussianMixture: softmax and logsumexp of the components."""
    weighted = _weighted_log_density(model, table)
    largest = op.reduce_max(weighted, constant([1], np.int64), keepdims=1)
    total = op.reduce_sum(op.exp(op.sub(weighted, largest)), constant([1], np.int64), keepdims=1)
    log_sum = op.add(largest, op.log(total))
    return Answers(
        predict=arg_max(weighted),
        predict_proba=op.exp(op.sub(weighted, log_sum)),
        score_samples=op.squeeze(log_sum, constant([1], np.int64)),
    )


def _weighted_log_density(model: Any, table: Table) -> Var:
    """[rows, components]: _estimate_weighted_log_prob, its constants added in its order."""
    distance = DISTANCES[model.covariance_type](model, table.matrix())
    start = constant(table.width * math.log(2 * math.pi))
    found = op.mul(constant(-0.5), op.add(start, distance))
    for term in _constants(model, table.width):
        found = op.add(found, constant(np.atleast_1d(term)[None, :]))
    return found


def _full(model: Any, rows: Var) -> Var:
    factors = model.precisions_cholesky_  # [components, columns, columns]
    count, width = model.means_.shape
    side_by_side = np.concatenate(list(factors), axis=1)
    product = op.reshape(
        op.matmul(rows, constant(side_by_side)), constant([-1, count, width], np.int64)
    )
    centre = np.stack([mean @ factor for mean, factor in zip(model.means_, factors, strict=True)])
    return _sum_of_squares(op.sub(product, constant(centre)))


def _tied(model: Any, rows: Var) -> Var:
    factor = model.precisions_cholesky_
    product = op.unsqueeze(op.matmul(rows, constant(factor)), constant([1], np.int64))
    centre = np.stack([mean @ factor for mean in model.means_])
    return _sum_of_squares(op.sub(product, constant(centre)))


def _sum_of_squares(value: Var) -> Var:
    return op.reduce_sum(op.mul(value, value), constant([LAST], np.int64), keepdims=0)


def _diagonal(model: Any, rows: Var) -> Var:
    means, precisions = model.means_, model.precisions_cholesky_**2
    cross = op.matmul(rows, constant(2.0 * (means * precisions).T))
    own = op.matmul(op.mul(rows, rows), constant(precisions.T))
    return op.add(op.sub(constant((means**2 * precisions).sum(axis=1)), cross), own)


def _spherical(model: Any, rows: Var) -> Var:
    means, precisions = model.means_, model.precisions_cholesky_**2
    cross = op.mul(op.matmul(rows, constant(2.0 * means.T)), constant(precisions))
    squares = op.reduce_sum(op.mul(rows, rows), constant([1], np.int64), keepdims=1)
    own = op.mul(squares, constant(precisions[None, :]))
    return op.add(op.sub(constant((means**2).sum(axis=1) * precisions), cross), own)


DISTANCES: dict[str, Callable[[Any, Var], Var]] = {
    "diag": _diagonal,
    "full": _full,
    "spherical": _spherical,
    "tied": _tied,
}
"""Squared distance to each component in its own metric, [rows, components], by covariance type."""


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
