"""In which order scikit-learn's KDTree and BallTree meet their points (`_binary_tree.pxi`)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.distances import Metric
from converters.graph.table import constant


def visits(tree: Any, metric: Metric) -> tuple[Array, Array, Callable[[Var], Var] | None]:
    """The points in the order of the tree's leaves, their numbers in training, and the ranks.

    A query goes down the nearer child first, the left one where both are as near. So the rank of a
    leaf is a binary number with one digit for each level: 1 where it lies in the child met second.
    """
    data, order, nodes, bounds = (np.asarray(part) for part in tree.get_arrays())
    points = np.asarray(data, dtype=np.float64)[order]
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    leaves = np.flatnonzero(nodes["is_leaf"] != 0)
    if not len(inner):
        return points, order, None
    weights, base = _digits(inner, leaves)
    leaf_of = np.zeros(len(order), dtype=np.int64)
    for number, leaf in enumerate(leaves):
        leaf_of[nodes["idx_start"][leaf] : nodes["idx_end"][leaf]] = number
    lower = (
        _kd_bound(metric.power, bounds)
        if len(bounds) == 2
        else _ball_bound(metric, nodes, bounds[0])
    )

    def ranks(x: Var) -> Var:
        bound = lower(x)
        left = op.gather(bound, constant(2 * inner + 1, np.int64), axis=1)
        right = op.gather(bound, constant(2 * inner + 2, np.int64), axis=1)
        swapped = op.cast(op.not_(op.less_or_equal(left, right)), to=np.float64)
        leaf = op.add(op.matmul(swapped, constant(weights)), constant(base))
        return op.gather(leaf, constant(leaf_of, np.int64), axis=1)

    return points, order, ranks


def _digits(inner: Array, leaves: Array) -> tuple[Array, Array]:
    """Weights [inner, leaves] and base [leaves]: base + swapped @ weights ranks the leaves."""
    weights, base = np.zeros((len(inner), len(leaves))), np.zeros(len(leaves))
    row = {int(node): i for i, node in enumerate(inner)}
    deepest = int(np.log2(leaves.max() + 1))
    for number, leaf in enumerate(leaves):
        node = int(leaf)
        while node:
            parent, right = (node - 1) // 2, node % 2 == 0
            digit = 2.0 ** (deepest - int(np.log2(node + 1)))
            base[number] += digit * right
            weights[row[parent], number] = -digit if right else digit
            node = parent
    return weights, base


def _kd_bound(p: float, bounds: Array) -> Callable[[Var], Var]:
    """`_kd_tree.min_rdist`: the distance to the box around a node's points."""

    def lower(x: Var) -> Var:
        column = op.unsqueeze(x, constant([2], np.int64))
        below = op.max([op.sub(constant(bounds[0].T[None]), column), constant(0.0)])
        above = op.max([op.sub(column, constant(bounds[1].T[None])), constant(0.0)])
        outside = op.add(below, above)
        if np.isinf(p):
            return op.reduce_max(outside, constant([1], np.int64), keepdims=0)
        if p == 2:
            return op.reduce_sum_square(outside, constant([1], np.int64), keepdims=0)
        powered = outside if p == 1 else op.pow(outside, constant(p))
        return op.reduce_sum(powered, constant([1], np.int64), keepdims=0)

    return lower


def _ball_bound(metric: Metric, nodes: Any, centroids: Array) -> Callable[[Var], Var]:
    """`_ball_tree.min_rdist`: the distance to the centre of a node less its radius."""
    radius = constant(nodes["radius"][None])

    def lower(x: Var) -> Var:
        distance = metric.distance(metric.reduced(x, np.asarray(centroids)))
        return metric.back(op.max([op.sub(distance, radius), constant(0.0)]))

    return lower
