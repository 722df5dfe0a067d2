"""Decompositions whose transform is one linear map, and random projections."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from scipy import linalg, sparse
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers
from converters.graph.table import Table, constant


def pca(model: Any, table: Table) -> Answers:
    """PCA, IncrementalPCA: X @ components.T, less the mean's projection, over the deviations.

    The mean leaves after the projection, as in `decomposition._base._BasePCA._transform`.
    """
    rows = table.matrix()
    components = np.asarray(model.components_, dtype=np.float64)
    value = op.sub(
        op.matmul(rows, constant(components.T)),
        constant(np.reshape(model.mean_, (1, -1)) @ components.T),
    )
    if model.whiten:
        scale = np.sqrt(model.explained_variance_)
        value = op.div(value, constant(np.maximum(scale, np.finfo(scale.dtype).eps)))
    likely = _log_likelihood(model, rows) if hasattr(model, "score_samples") else None
    return Answers(transform=Table.of(value, len(components)), score_samples=likely)


def factor_analysis(model: Any, table: Table) -> Answers:
    """FactorAnalysis: the expected latent variables, (X - mean) @ Wpsi.T @ cov_z."""
    rows = table.matrix()
    components = model.components_
    weights = components / model.noise_variance_
    covariance = linalg.inv(np.eye(len(components)) + np.dot(weights, components.T))
    projected = op.matmul(op.sub(rows, constant(model.mean_)), constant(weights.T))
    return Answers(
        transform=Table.of(op.matmul(projected, constant(covariance)), len(components)),
        score_samples=_log_likelihood(model, rows),
    )


def _log_likelihood(model: Any, rows: Var) -> Var:
    """[rows]: the Gaussian's log density, -0.5 * (x' precision x + k log 2 pi - log det)."""
    precision = model.get_precision()
    off = op.sub(rows, constant(model.mean_))
    product = op.mul(off, op.matmul(off, constant(precision)))
    distance = op.reduce_sum(product, constant([1], np.int64), keepdims=0)
    rest = 0.5 * (len(precision) * math.log(2.0 * np.pi) - _log_determinant(precision))
    return op.sub(op.mul(constant(-0.5), distance), constant(rest))


def _log_determinant(matrix: Array) -> float:
    sign, logarithm = np.linalg.slogdet(matrix)
    return float(logarithm) if sign > 0 else -math.inf


def fast_ica(model: Any, table: Table) -> Answers:
    """FastICA: (X - mean) @ components.T; without whitening there is no mean."""
    rows = table.matrix()
    if model.whiten:
        rows = op.sub(rows, constant(model.mean_))
    return _projected(rows, model.components_)


def projection(model: Any, table: Table) -> Answers:
    """TruncatedSVD, GaussianRandomProjection, SparseRandomProjection: X @ components.T."""
    if sparse.issparse(model.components_):
        return Answers(transform=_sparse_product(table, model.components_))
    components = model.components_
    return Answers(transform=Table.of(table.product(components.T), len(components)))


def _projected(rows: Var, components: Array) -> Answers:
    value = op.matmul(rows, constant(components.T))
    return Answers(transform=Table.of(value, len(components)))


def _sparse_product(table: Table, components: Any) -> Table:
    """X @ components.T, a sparse matrix, summed one entry after another as SciPy does.

    All entries have one magnitude, so sums cancel to an exact 0 that a matrix product, which
    fuses its multiplications with its additions, would miss. CumSum adds in order.
    """
    columns = components.tocsr()
    counts = np.diff(columns.indptr)
    width = max(int(counts.max(initial=0)), 1)
    inside = np.arange(width) < counts[:, None]
    places, weights = np.zeros(inside.shape, np.int64), np.zeros(inside.shape)
    places[inside], weights[inside] = columns.indices, columns.data
    terms = op.mul(op.gather(table.matrix(), constant(places, np.int64), axis=1), constant(weights))
    sums = op.cumsum(terms, constant(2, np.int64))
    return Table.of(op.gather(sums, constant(-1, np.int64), axis=2), len(counts))


def sparse_pca(model: Any, table: Table) -> Answers:
    """SparsePCA, MiniBatchSparsePCA: ridge regression of the centred row on the components.

    scikit-learn solves (A'A + alpha I) u = A'x by Cholesky (`_ridge._solve_cholesky`); the
    matrix is the same for every row, so its inverse is folded in.
    """
    components = np.asarray(model.components_, dtype=np.float64)
    centred = op.sub(table.matrix(), constant(model.mean_))
    try:
        inverse = linalg.cho_solve(
            _ridge_factor(components, model.ridge_alpha), np.eye(len(components))
        )
        solved = op.matmul(op.matmul(centred, constant(components.T)), constant(inverse))
    except linalg.LinAlgError:
        solved = op.matmul(centred, constant(_ridge_by_svd(components.T, model.ridge_alpha)))
    return Answers(transform=Table.of(solved, len(components)))


def _ridge_factor(components: Array, alpha: float) -> Any:
    gram = components @ components.T
    gram.flat[:: len(gram) + 1] += alpha
    return linalg.cho_factor(gram)


def _ridge_by_svd(design: Array, alpha: float) -> Array:
    """[features, components]: `_ridge._solve_svd`, which a singular matrix falls back on."""
    left, values, right = linalg.svd(design, full_matrices=False)
    weights = np.where(values > 1e-15, values / (values**2 + alpha + (values == 0.0)), 0.0)
    return np.asarray((left * weights) @ right)
