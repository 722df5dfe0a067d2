"""Answers from all points within a radius, and densities of points around."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from sklearn.neighbors._ball_tree import kernel_norm
from spox import Var

from converters.graph.answers import Answers, arg_max, classify, labels
from converters.graph.metrics import metric_of
from converters.graph.neighbors import targets
from converters.graph.search import Search, search_of, within
from converters.graph.table import Table, constant


def radius_neighbors_classifier(model: Any, table: Table) -> Answers:
    """RadiusNeighborsClassifier: the votes within the radius; a row without any is an outlier."""
    search = search_of(model)
    weights, inside = _weights(model, search, table.matrix())
    alone = _none(inside)
    shares, chosen = [], []
    for number, (codes, classes) in enumerate(targets(model)):
        hot = np.eye(len(classes))[codes][search.order]
        votes = op.matmul(weights, constant(hot))
        outlier = None if model.outlier_label_ is None else model.outlier_label_[number]
        stand_in = np.array([known == outlier for known in classes], dtype=np.float64)
        total = op.reduce_sum(votes, constant([1], np.int64), keepdims=1)
        share = op.div(votes, op.where(op.equal(total, constant(0.0)), constant(1.0), total))
        share = op.where(alone, constant(stand_in[None]), share)
        shares.append(share)
        known = np.asarray(classes) if outlier is None else np.append(classes, outlier)
        flat = op.squeeze(
            op.equal(op.reduce_max(share, constant([1], np.int64), keepdims=1), constant(0.0)),
            constant([1], np.int64),
        )
        index = op.where(flat, constant(len(known) - 1, np.int64), arg_max(share))
        chosen.append((known, index))
    if not model.outputs_2d_:
        return classify(*chosen[0], predict_proba=shares[0])
    columns = [
        op.unsqueeze(op.gather(labels(known), index, axis=0), constant([1], np.int64))
        for known, index in chosen
    ]
    return Answers(predict=op.concat(columns, axis=1), predict_proba=tuple(shares))


def _none(inside: Var) -> Var:
    """[rows, 1]: whether no point lies within."""
    count = op.reduce_max(op.cast(inside, to=np.int32), constant([1], np.int64), keepdims=1)
    return op.equal(count, constant(0, np.int32))


def _weights(model: Any, search: Search, x: Var) -> tuple[Var, Var]:
    """[rows, n] weights, 0 beyond the radius; and which points lie within it."""
    reduced, inside = within(search, x, model.radius)
    if model.weights in (None, "uniform"):
        return op.cast(inside, to=np.float64), inside
    if model.weights != "distance":
        raise NotImplementedError(f"{type(model).__name__}(weights=<a function>)")
    distance = search.metric.distance(reduced)
    same = op.cast(op.equal(distance, constant(0.0)), to=np.float64)
    at_point = op.reduce_max(same, constant([1], np.int64), keepdims=1)
    inverse = op.where(inside, op.div(constant(1.0), distance), constant(0.0))
    return op.where(op.greater(at_point, constant(0.0)), same, inverse), inside


def radius_neighbors_regressor(model: Any, table: Table) -> Answers:
    """RadiusNeighborsRegressor: the weighed mean within the radius; NaN where none is."""
    search = search_of(model)
    weights, inside = _weights(model, search, table.matrix())
    values = np.asarray(model._y)  # noqa: SLF001 - no public name holds the fitted targets
    wide = values.reshape(len(values), -1).astype(np.float64)[search.order]
    total = op.reduce_sum(weights, constant([1], np.int64), keepdims=1)
    alone = _none(inside)
    mean = op.div(op.matmul(weights, constant(wide)), op.where(alone, constant(1.0), total))
    empty = np.full_like(values[:1], np.nan).astype(np.float64).reshape(1, -1)
    mean = op.where(alone, constant(empty), mean)
    return Answers(predict=mean if values.ndim > 1 else op.squeeze(mean, constant([1], np.int64)))


def radius_neighbors_transformer(model: Any, table: Table) -> Answers:
    """RadiusNeighborsTransformer: the graph of the points within the radius, dense."""
    search = search_of(model)
    reduced, inside = within(search, table.matrix(), model.radius)
    value = search.metric.distance(reduced) if model.mode == "distance" else constant(1.0)
    graph = op.where(inside, value, constant(0.0))
    back = np.argsort(search.order)  # from the tree's order to training's
    if search.visits is not None:
        graph = op.gather(graph, constant(back, np.int64), axis=1)
    return Answers(transform=Table.of(graph, len(search.points)))


def kernel_density(model: Any, table: Table) -> Answers:
    """KernelDensity: the log of the sum of the kernels at the fitted points.

    The original subtracts bounds of whole nodes from a running sum; only where the tree is one
    leaf does nothing remain of them. Beyond that, its answers in the tails are their rounding.
    """
    data, order, nodes, _ = (np.asarray(part) for part in model.tree_.get_arrays())
    if len(nodes) > 1:
        raise NotImplementedError(
            f"KernelDensity(leaf_size={model.leaf_size}) on more points than two leaves hold: its "
            "tails are the rounding of bounds that cancel; fit with a leaf_size >= their number"
        )
    if model.atol or model.rtol:
        raise NotImplementedError("KernelDensity(atol=..., rtol=...)")
    metric = metric_of(model.metric, model.metric_params)
    distance = metric.distance(metric.reduced(table.matrix(), np.asarray(data)[order]))
    width = float(model.bandwidth_)
    kernels = KERNELS[model.kernel](distance, width)
    weights = model.tree_.sample_weight
    total = float(len(data)) if weights is None else float(model.tree_.sum_weight)
    if weights is not None:
        kernels = op.add(kernels, constant(np.log(np.asarray(weights))[order][None]))
    largest = op.reduce_max(kernels, constant([1], np.int64), keepdims=1)
    finite = op.where(op.isinf(largest), constant(0.0), largest)
    summed = op.reduce_sum(op.exp(op.sub(kernels, finite)), constant([1], np.int64), keepdims=1)
    log_sum = op.squeeze(op.add(op.log(summed), finite), constant([1], np.int64))
    norm = float(kernel_norm(width, data.shape[1], model.kernel, return_log=True))
    return Answers(score_samples=op.sub(op.add(log_sum, constant(norm)), constant(math.log(total))))


def _gaussian(distance: Var, width: float) -> Var:
    square = op.mul(distance, distance)
    return op.div(op.mul(constant(-0.5), square), constant(width * width))


def _exponential(distance: Var, width: float) -> Var:
    return op.div(op.neg(distance), constant(width))


def _inside(distance: Var, width: float, value: Var) -> Var:
    return op.where(op.less(distance, constant(width)), value, constant(-np.inf))


def _tophat(distance: Var, width: float) -> Var:
    return _inside(distance, width, constant(0.0))


def _epanechnikov(distance: Var, width: float) -> Var:
    share = op.div(op.mul(distance, distance), constant(width * width))
    return _inside(distance, width, op.log(op.sub(constant(1.0), share)))


def _linear(distance: Var, width: float) -> Var:
    return _inside(
        distance, width, op.log(op.sub(constant(1.0), op.div(distance, constant(width))))
    )


def _cosine(distance: Var, width: float) -> Var:
    angle = op.div(op.mul(constant(0.5 * math.pi), distance), constant(width))
    return _inside(distance, width, op.log(op.cos(angle)))


KERNELS = {
    "gaussian": _gaussian,
    "tophat": _tophat,
    "epanechnikov": _epanechnikov,
    "exponential": _exponential,
    "linear": _linear,
    "cosine": _cosine,
}
"""The logarithm of each kernel, not normalised (`neighbors/_binary_tree.pxi`)."""
