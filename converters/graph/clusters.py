"""Clusterers: the nearest of a few centres (scikit-learn `cluster`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers
from converters.graph.distances import by_column, squared_expanded, squared_pairwise
from converters.graph.table import Table, constant


def k_means(model: Any, table: Table) -> Answers:
    """KMeans, MiniBatchKMeans: the least of |c|^2 - 2 x.c, as `_k_means_lloyd.pyx` compares."""
    x, centers = table.matrix(), _float64(model.cluster_centers_)
    return Answers(
        predict=op.arg_min(_partial(x, centers), axis=1, keepdims=0),
        transform=_to_centers(model, x, centers),
    )


def _float64(values: Any) -> Array:
    return np.asarray(values, dtype=np.float64)


def _partial(x: Var, centers: Array) -> Var:
    """[rows, centres]: the squared distance less |x|^2, which does not tell centres apart."""
    norms = np.einsum("ij,ij->i", centers, centers)
    return op.add(op.matmul(x, constant(-2 * centers.T)), constant(norms[None]))


def _to_centers(model: Any, x: Var, centers: Array) -> Table:
    """`euclidean_distances` to the centres."""
    return Table.of(op.sqrt(squared_pairwise(x, centers, by_column=by_column(model))), len(centers))


def bisecting_k_means(model: Any, table: Table) -> Answers:
    """BisectingKMeans: down the tree of splits, to the nearer centre of two at each.

    All splits are judged at once; a leaf is reached where every split above it says so.
    """
    x, centers = table.matrix(), _float64(model.cluster_centers_)
    splits, leaves = _walk(model._bisecting_tree)  # noqa: SLF001 - no public name holds the tree
    transform = _to_centers(model, x, centers)
    if not splits:
        rows = op.gather(op.shape(x), constant([0], np.int64))
        label = constant([leaves[0][0].label], np.int64)
        return Answers(predict=op.expand(label, rows), transform=transform)
    pairs = np.vstack([child.center for split in splits for child in (split.left, split.right)])
    shifted = pairs + model._X_mean if hasattr(model, "_X_mean") else pairs  # noqa: SLF001 - likewise
    scores = op.reshape(_partial(x, shifted), constant([-1, len(splits), 2], np.int64))
    left, right = (op.gather(scores, constant(i, np.int64), axis=2) for i in (0, 1))
    goes_right = op.cast(op.less(right, left), to=np.float64)
    # Of each leaf the splits on its way that say otherwise are counted; at one leaf, none does.
    weights, base = _against(splits, leaves)
    against = op.add(op.matmul(goes_right, constant(weights)), constant(base[None]))
    labels = constant([leaf.label for leaf, _ in leaves], np.int64)
    at = op.arg_min(against, axis=1, keepdims=0)
    return Answers(predict=op.gather(labels, at, axis=0), transform=transform)


def _walk(root: Any) -> tuple[list[Any], list[tuple[Any, list[tuple[Any, bool]]]]]:
    """The splits, and the leaves with the way to each: the split and whether it goes right."""
    splits: list[Any] = []
    leaves: list[Any] = []
    open_nodes: list[Any] = [(root, [])]
    while open_nodes:
        node, way = open_nodes.pop()
        if node.left is None:
            leaves.append((node, way))
            continue
        splits.append(node)
        open_nodes += [(node.left, [*way, (node, False)]), (node.right, [*way, (node, True)])]
    return splits, leaves


def _against(splits: list[Any], leaves: list[Any]) -> tuple[Array, Array]:
    number = {id(split): i for i, split in enumerate(splits)}
    weights, base = np.zeros((len(splits), len(leaves))), np.zeros(len(leaves))
    for column, (_, way) in enumerate(leaves):
        for split, right in way:
            weights[number[id(split)], column] = -1.0 if right else 1.0
            base[column] += right
    return weights, base


def nearest_center(model: Any, table: Table) -> Answers:
    """MeanShift, AffinityPropagation: `pairwise_distances_argmin` with the centres."""
    x = table.matrix()
    if not hasattr(model, "cluster_centers_"):
        raise NotImplementedError(f"{type(model).__name__}(affinity='precomputed')")
    centers = _float64(model.cluster_centers_)
    if not len(centers):  # it did not converge: every row is -1
        rows = op.gather(op.shape(x), constant([0], np.int64))
        return Answers(predict=op.expand(constant([-1], np.int64), rows))
    return Answers(predict=op.arg_min(squared_expanded(x, centers), axis=1, keepdims=0))


def birch(model: Any, table: Table) -> Answers:
    """Birch: the label of the nearest subcluster; the distances to all of them."""
    x, centers = table.matrix(), _float64(model.subcluster_centers_)
    nearest = op.arg_min(squared_expanded(x, centers), axis=1, keepdims=0)
    return Answers(
        predict=op.gather(constant(model.subcluster_labels_, np.int64), nearest, axis=0),
        transform=_to_centers(model, x, centers),
    )


def feature_agglomeration(model: Any, table: Table) -> Answers:
    """FeatureAgglomeration: the columns of each cluster pooled into one."""
    labels = np.asarray(model.labels_)
    groups = [np.flatnonzero(labels == label) for label in np.unique(labels)]
    pool = next((made for known, made in POOLS if model.pooling_func is known), None)
    if pool is None:
        raise NotImplementedError(f"FeatureAgglomeration(pooling_func={model.pooling_func})")
    return Answers(transform=Table.of(pool(table.matrix(), groups), len(groups)))


def _pool_sum(x: Var, groups: list[Array]) -> Var:
    member = np.zeros((sum(map(len, groups)), len(groups)))
    for column, group in enumerate(groups):
        member[group, column] = 1.0
    return op.matmul(x, constant(member))


def _pool_mean(x: Var, groups: list[Array]) -> Var:
    return op.div(_pool_sum(x, groups), constant([float(len(group)) for group in groups]))


def _members(x: Var, groups: list[Array]) -> Var:
    """[rows, groups, longest]: each group's columns, its last one repeated to fill up."""
    longest = max(map(len, groups))
    padded = np.array([np.pad(group, (0, longest - len(group)), mode="edge") for group in groups])
    return op.gather(x, constant(padded, np.int64), axis=1)


def _pool_max(x: Var, groups: list[Array]) -> Var:
    return op.reduce_max(_members(x, groups), constant([2], np.int64), keepdims=0)


def _pool_min(x: Var, groups: list[Array]) -> Var:
    return op.reduce_min(_members(x, groups), constant([2], np.int64), keepdims=0)


def _pool_median(x: Var, groups: list[Array]) -> Var:
    """The mean of the two in the middle; what fills up is infinite, and so sorts behind."""
    lengths = np.array([len(group) for group in groups])
    longest = int(lengths.max())
    beyond = np.where(np.arange(longest) >= lengths[:, None], np.inf, 0.0)
    values = op.where(
        constant(np.isinf(beyond)[None], np.bool_), constant(np.inf), _members(x, groups)
    )
    ordered, _ = op.top_k(values, constant([longest], np.int64), axis=2, largest=0)
    flat = op.reshape(ordered, constant([0, -1], np.int64))
    first = np.arange(len(groups)) * longest
    low, high = (
        op.gather(flat, constant(first + middle, np.int64), axis=1)
        for middle in ((lengths - 1) // 2, lengths // 2)
    )
    return op.div(op.add(low, high), constant(2.0))


POOLS = (
    (np.mean, _pool_mean),
    (np.max, _pool_max),
    (np.amax, _pool_max),
    (np.min, _pool_min),
    (np.amin, _pool_min),
    (np.median, _pool_median),
    (np.sum, _pool_sum),
)
"""The pooling functions of NumPy that have a form in the graph."""
