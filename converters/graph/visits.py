"""In which order scikit-learn's KDTree and BallTree meet their points (`_binary_tree.pxi`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.distances import power
from converters.graph.metrics import Metric
from converters.graph.table import constant


@dataclass(frozen=True, kw_only=True, eq=False)
class Visits:
    """How a query goes through a tree of several leaves.

    `bounds`: from rows to the least reduced distance of each node [rows, nodes]. `levels`
    [levels, n]: for each point the node that holds it, from below the root to the leaf. `trims`:
    whether rounding can make a node look farther than its points, as BallTree's radii do.
    """

    bounds: Callable[[Var], Var]
    inner: Array
    weights: Array
    base: Array
    levels: Array
    trims: bool

    def ranks(self, x: Var) -> Var:
        """[rows, n]: in which order the leaves of the points are met."""
        bound = self.bounds(x)
        left = op.gather(bound, constant(2 * self.inner + 1, np.int64), axis=1)
        right = op.gather(bound, constant(2 * self.inner + 2, np.int64), axis=1)
        swapped = op.cast(op.not_(op.less_or_equal(left, right)), to=np.float64)
        leaf = op.add(op.matmul(swapped, constant(self.weights)), constant(self.base))
        first = int(self.levels[-1].min())
        return op.gather(leaf, constant(self.levels[-1] - first, np.int64), axis=1)

    def trimmed(self, x: Var, place: Var, last: Var) -> Var:
        """[rows, 1]: whether a node that holds one of `place` looks farther than `last`."""
        bound = self.bounds(x)
        first = int(self.levels[-1].min())
        leaves = np.arange(first, int(self.levels[-1].max()) + 1)
        ways = [leaves]
        while len(ways) < len(self.levels):
            ways.append((ways[-1] - 1) // 2)
        farthest = op.reduce_max(
            op.gather(bound, constant(np.array(ways), np.int64), axis=1),
            constant([1], np.int64),
            keepdims=0,
        )
        leaf = op.gather(constant(self.levels[-1] - first, np.int64), place, axis=0)
        seen = op.gather_elements(farthest, leaf, axis=1)
        return op.greater(op.reduce_max(seen, constant([1], np.int64), keepdims=1), last)

    def along(self, x: Var) -> Var:
        """[rows, levels, n]: the bounds of the nodes that hold each point."""
        return op.gather(self.bounds(x), constant(self.levels, np.int64), axis=1)


def visits(tree: Any, metric: Metric) -> tuple[Array, Array, Visits | None]:
    """The points in the order of the tree's leaves, their numbers in training, and the way.

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
    held = np.zeros(len(order), dtype=np.int64)
    for leaf in leaves:
        held[nodes["idx_start"][leaf] : nodes["idx_end"][leaf]] = leaf
    levels = [held]
    while (levels[0] > 2).all():
        levels.insert(0, (levels[0] - 1) // 2)
    boxes = len(bounds) == 2
    way = Visits(
        bounds=_kd_bound(metric.power, bounds) if boxes else _ball_bound(metric, nodes, bounds[0]),
        inner=inner,
        weights=weights,
        base=base,
        levels=np.array(levels),
        trims=not boxes,
    )
    return points, order, way


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
        powered = outside if p == 1 else power(outside, p)
        return op.reduce_sum(powered, constant([1], np.int64), keepdims=0)

    return lower


def _ball_bound(metric: Metric, nodes: Any, centroids: Array) -> Callable[[Var], Var]:
    """`_ball_tree.min_rdist`: the distance to the centre of a node less its radius."""
    radius = constant(nodes["radius"][None])

    def lower(x: Var) -> Var:
        distance = metric.distance(metric.reduced(x, np.asarray(centroids)))
        return metric.back(op.max([op.sub(distance, radius), constant(0.0)]))

    return lower
