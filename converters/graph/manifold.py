"""Embeddings of new rows by their neighbours, and labels spread over them."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, arg_max, classify
from converters.graph.distances import by_column, norms
from converters.graph.fitted import dense
from converters.graph.search import Search, nearest, search_of, within
from converters.graph.sums import row_sums
from converters.graph.table import Table, constant


def neighborhood_components(model: Any, table: Table) -> Answers:
    """NeighborhoodComponentsAnalysis: X @ components.T."""
    components = np.asarray(model.components_, dtype=np.float64)
    return Answers(
        transform=Table.of(op.matmul(table.matrix(), constant(components.T)), len(components))
    )


def label_propagation(model: Any, table: Table) -> Answers:
    """LabelPropagation, LabelSpreading: the fitted points' label distributions, weighed."""
    shares = np.asarray(model.label_distributions_, dtype=np.float64)
    x = table.matrix()
    if model.kernel == "knn":
        found = nearest(search_of(model.nn_fit), x, model.nn_fit.n_neighbors)
        total = op.reduce_sum(found.take(shares), constant([1], np.int64), keepdims=0)
    elif model.kernel == "rbf":
        total = op.matmul(_rbf(model, x), constant(shares))
    else:
        raise NotImplementedError(f"{type(model).__name__}(kernel=<a function>)")
    size = op.reduce_sum(total, constant([1], np.int64), keepdims=1)
    probabilities = op.div(total, size)
    return classify(model.classes_, arg_max(probabilities), predict_proba=probabilities)


def _rbf(model: Any, x: Var) -> Var:
    """`rbf_kernel(points, x).T`: the norm of the points is added first."""
    points, gamma = dense(model.X_), float(model.gamma)
    norm = norms(x, points.shape[1], by_column=by_column(model))
    known = constant(np.einsum("ij,ij->i", points, points)[None])
    total = op.add(op.add(op.matmul(x, constant(-2 * points.T)), known), norm)
    return op.exp(op.mul(constant(-gamma), op.max([total, constant(0.0)])))


def locally_linear_embedding(model: Any, table: Table) -> Answers:
    """LocallyLinearEmbedding: neighbours weighed so that they best add up to the row."""
    x, k = table.matrix(), model.n_neighbors
    search = search_of(model.nbrs_)
    found = nearest(search, x, k)
    known = found.take(dense(model.nbrs_._fit_X))  # noqa: SLF001 - no public name holds the points
    weights = barycenter_weights(
        op.sub(known, op.unsqueeze(x, constant([1], np.int64))), k, model.reg
    )
    embedding = np.asarray(model.embedding_, dtype=np.float64)
    placed = op.matmul(op.unsqueeze(weights, constant([1], np.int64)), found.take(embedding))
    return Answers(
        transform=Table.of(op.squeeze(placed, constant([1], np.int64)), embedding.shape[1])
    )


def barycenter_weights(offsets: Var, k: int, reg: float) -> Var:
    """[rows, k] of `offsets` [rows, k, features]: `manifold._locally_linear.barycenter_weights`."""
    rows = op.gather(op.shape(offsets), constant([0], np.int64))
    gram = op.matmul(offsets, op.transpose(offsets, perm=[0, 2, 1]))
    eye = constant(np.eye(k)[None])
    trace = op.reduce_sum(op.mul(gram, eye), constant([1, 2], np.int64), keepdims=1)
    ridge = op.where(
        op.greater(trace, constant(0.0)), op.mul(constant(float(reg)), trace), constant(float(reg))
    )
    ones = op.expand(constant([[[1.0]]]), op.concat([rows, constant([k, 1], np.int64)], axis=0))
    solved = solve_positive(op.add(gram, op.mul(ridge, eye)), ones, k)
    return op.div(solved, op.reduce_sum(solved, constant([1], np.int64), keepdims=1))


def solve_positive(matrix: Var, right: Var, k: int) -> Var:
    """[rows, k]: `matrix` [rows, k, k], symmetric and positive, solved for `right` [rows, k, 1].

    Gauss-Jordan elimination; without pivots, which a positive matrix does not need.
    """
    system = op.concat([matrix, right], axis=2)
    for step in range(k):
        at = constant([step], np.int64)
        row = op.gather(system, at, axis=1)
        scaled = op.div(row, op.gather(row, at, axis=2))
        rest = op.sub(system, op.mul(op.gather(system, at, axis=2), scaled))
        here = constant((np.arange(k) == step)[None, :, None], np.bool_)
        system = op.where(here, scaled, rest)
    return op.gather(system, constant(k, np.int64), axis=2)


def isomap(model: Any, table: Table) -> Answers:
    """Isomap: the shortest ways to the fitted points, then the kernel's principal components."""
    search, x = search_of(model.nbrs_), table.matrix()
    if model.n_neighbors is None:
        shortest = _shortest_within(search, x, float(model.radius), model.dist_matrix_)
    else:
        found = nearest(search, x, model.n_neighbors)
        ways = op.add(
            found.take(model.dist_matrix_), op.unsqueeze(found.distance, constant([2], np.int64))
        )
        shortest = op.reduce_min(ways, constant([1], np.int64), keepdims=0)
    kernel = op.mul(op.mul(shortest, shortest), constant(-0.5))
    return Answers(transform=_kernel_components(model.kernel_pca_, kernel))


def _shortest_within(search: Search, x: Var, radius: float, known: Array) -> Var:
    """[rows, n]: by way of any point within the radius; infinite where none is."""
    reduced, inside = within(search, x, radius)
    first = op.where(inside, search.metric.distance(reduced), constant(np.inf))
    ways = op.add(op.unsqueeze(first, constant([2], np.int64)), constant(known[search.order][None]))
    return op.reduce_min(ways, constant([1], np.int64), keepdims=0)


def _kernel_components(pca: Any, kernel: Var) -> Table:
    """`KernelPCA.transform` of a precomputed kernel, centred as `KernelCenterer` does."""
    center = pca._centerer  # noqa: SLF001 - no public name holds it
    count = len(center.K_fit_rows_)
    means = op.div(row_sums(kernel, count), constant(float(count)))
    centred = op.sub(op.sub(kernel, constant(center.K_fit_rows_[None])), means)
    centred = op.add(centred, constant(float(center.K_fit_all_)))
    used = pca.eigenvalues_ > 0
    alphas = np.zeros_like(pca.eigenvectors_)
    alphas[:, used] = pca.eigenvectors_[:, used] / np.sqrt(pca.eigenvalues_[used])
    return Table.of(op.matmul(centred, constant(alphas)), alphas.shape[1])
