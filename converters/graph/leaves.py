"""Trees as one TreeEnsemble (ai.onnx.ml 5, double): which leaf each row falls into.

A leaf holds one number. Where a tree answers one, that is the value itself; where it answers
several, it is the number of the leaf, and the leaves' values are gathered in the graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.table import Table, constant

LESS_OR_EQUAL, MEMBER = 0, 6  # TreeEnsemble's BRANCH_LEQ and BRANCH_MEMBER
AVERAGE, SUM = 0, 1  # aggregate_function
LEAF = -1  # scikit-learn's TREE_LEAF


@dataclass(frozen=True, kw_only=True)
class Tree:
    """A tree, node by node, the root first; `left` is LEAF at a leaf.

    A row goes left where x <= threshold, or where x is among `members[node]`; a missing x goes
    left where `missing_left`.
    """

    left: Array
    right: Array
    feature: Array
    threshold: Array
    missing_left: Array
    members: Mapping[int, Array] = field(default_factory=dict)

    @property
    def leaves(self) -> Array:
        """The numbers of the nodes that are leaves."""
        return np.flatnonzero(self.left == LEAF)


def sum_of_leaves(
    trees: Sequence[Tree], table: Table, values: Sequence[Array], width: int = 1
) -> Var:
    """[rows, width]: `values[tree]` [nodes] at the leaf of each row, tree i added to i % width."""
    targets = [np.full(len(tree.leaves), i % width) for i, tree in enumerate(trees)]
    weights = [value[tree.leaves] for tree, value in zip(trees, values, strict=True)]
    return _ensemble(trees, table, targets, weights, width)


def leaf_values(trees: Sequence[Tree], table: Table, values: Sequence[Array]) -> Var:
    """[rows, trees, k]: for each tree, `values[tree]` [nodes, k] at the leaf of each row."""
    known = [value[tree.leaves] for tree, value in zip(trees, values, strict=True)]
    return op.gather(constant(np.concatenate(known)), _leaf_numbers(trees, table), axis=0)


def _leaf_numbers(trees: Sequence[Tree], table: Table) -> Var:
    """Int64 [rows, trees]: for each tree, the leaf of each row, numbered over all trees."""
    counts = [len(tree.leaves) for tree in trees]
    targets = [np.full(count, i) for i, count in enumerate(counts)]
    first = np.cumsum([0, *counts])
    weights = [np.arange(first[i], first[i + 1]) for i in range(len(trees))]
    return op.cast(_ensemble(trees, table, targets, weights, len(trees)), to=np.int64)


def mean_of_leaves(trees: Sequence[Tree], table: Table, values: Sequence[Array]) -> Var:
    """[rows, k]: the mean over the trees of `values[tree]` [nodes, k] at the leaf of each row."""
    known = [value[tree.leaves] for tree, value in zip(trees, values, strict=True)]
    if known[0].shape[1] == 1 or all(_one_whole_number(each) for each in known):
        # The operator's own mean: faster than a tree at a time. The last bit of fractions may
        # differ where several threads share the trees; whole numbers are the same in any order.
        columns = [np.argmax(each != 0, axis=1) for each in known]
        weights = [each.sum(axis=1) for each in known]
        return _ensemble(trees, table, columns, weights, known[0].shape[1], aggregate=AVERAGE)
    if len(trees) == 1:
        return op.gather_nd(constant(known[0]), _leaf_numbers(trees, table))
    return _over_trees(leaf_values(trees, table, values), len(trees), known[0].shape[1], mean=True)


def _one_whole_number(leaves: Array) -> bool:
    """Whether each leaf adds to one column alone, as a leaf of one class does."""
    return bool((np.count_nonzero(leaves, axis=1) <= 1).all() and (leaves == np.rint(leaves)).all())


def total_of_leaves(trees: Sequence[Tree], table: Table, values: Sequence[Array]) -> Var:
    """[rows, k]: the sum over the trees of `values[tree]` [nodes, k] at the leaf of each row."""
    return _over_trees(leaf_values(trees, table, values), len(trees), values[0].shape[1])


def _over_trees(values: Var, count: int, width: int, *, mean: bool = False) -> Var:
    """[rows, width], from [rows, count, width]: the sum or mean, added one after the other.

    onnxruntime adds up to a number of terms in order, and more of them in portions, of which each
    begins with the sum of those before.
    """
    middle = constant([1], np.int64)
    most = _added_in_order(width)
    if count <= most:
        return (op.reduce_mean if mean else op.reduce_sum)(values, middle, keepdims=0)
    total = op.reduce_sum(_trees(values, 0, most), middle)
    for start in range(most, count, most - 1):
        portion = _trees(values, start, min(start + most - 1, count))
        total = op.reduce_sum(op.concat([total, portion], axis=1), middle)
    total = op.squeeze(total, middle)
    return op.div(total, constant(float(count))) if mean else total


def _added_in_order(width: int) -> int:
    """How many terms a sum over a middle axis adds one after the other (`mlas/lib/dgemm.cpp`)."""
    return 512 if width <= 16 else 256 if width <= 32 else 128


def _trees(values: Var, start: int, stop: int) -> Var:
    axis = constant([1], np.int64)
    return op.slice(values, constant([start], np.int64), constant([stop], np.int64), axis)


def in_leaf(trees: Sequence[Tree], table: Table) -> Var:
    """[rows, leaves]: 1 at each leaf that the row falls into, tree by tree."""
    counts = [len(tree.leaves) for tree in trees]
    first = np.cumsum([0, *counts])
    targets = [np.arange(first[i], first[i + 1]) for i in range(len(trees))]
    return _ensemble(trees, table, targets, [np.ones(count) for count in counts], int(first[-1]))


def _ensemble(
    trees: Sequence[Tree],
    table: Table,
    targets: Sequence[Array],
    weights: Sequence[Array],
    n: int,
    *,
    aggregate: int = SUM,
) -> Var:
    nodes = [_with_a_split(tree) for tree in trees]
    return ml.tree_ensemble(
        table.matrix(),
        aggregate_function=aggregate,
        post_transform=0,
        n_targets=n,
        leaf_targetids=np.concatenate(targets).tolist(),
        leaf_weights=np.concatenate(weights).astype(np.float64),
        **_attributes(nodes),
    )


def _with_a_split(tree: Tree) -> Tree:
    """TreeEnsemble wants a split: both ways lead to a lone leaf."""
    if len(tree.left) > 1:
        return tree
    return Tree(
        left=np.array([1, LEAF]),
        right=np.array([1, LEAF]),
        feature=np.zeros(2, dtype=np.int64),
        threshold=np.zeros(2),
        missing_left=np.zeros(2, dtype=np.bool_),
    )


def _attributes(trees: Sequence[Tree]) -> dict[str, Any]:
    """The operator's attributes: splits and leaves are numbered apart, over all trees."""
    parts: list[dict[str, Array]] = []
    members: list[Array] = []
    roots: list[int] = []
    splits = leaves = 0
    for tree in trees:
        inner = tree.left != LEAF
        roots.append(splits)
        parts.append(_splits(tree, inner, splits, leaves))
        members += [
            tree.members[node] for node in np.flatnonzero(inner).tolist() if node in tree.members
        ]
        splits += int(inner.sum())
        leaves += int((~inner).sum())
    joined = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    found = {name: joined.pop(name) for name in ("nodes_splits", "nodes_modes")}
    if not joined["nodes_missing_value_tracks_true"].any():
        del joined["nodes_missing_value_tracks_true"]  # two bytes a node for the default
    if members:  # each set of values ends with NaN
        found["membership_values"] = np.concatenate([np.append(each, np.nan) for each in members])
    return (
        found | {name: values.tolist() for name, values in joined.items()} | {"tree_roots": roots}
    )


def _splits(tree: Tree, inner: Array, splits: int, leaves: int) -> dict[str, Array]:
    number = np.where(inner, np.cumsum(inner) - 1 + splits, np.cumsum(~inner) - 1 + leaves)
    left, right = tree.left[inner], tree.right[inner]
    sets = np.isin(np.flatnonzero(inner), list(tree.members))
    return {
        "nodes_featureids": tree.feature[inner],
        "nodes_splits": tree.threshold[inner].astype(np.float64),
        "nodes_modes": np.where(sets, MEMBER, LESS_OR_EQUAL).astype(np.uint8),
        "nodes_missing_value_tracks_true": tree.missing_left[inner].astype(np.int64),
        "nodes_truenodeids": number[left],
        "nodes_trueleafs": (~inner)[left].astype(np.int64),
        "nodes_falsenodeids": number[right],
        "nodes_falseleafs": (~inner)[right].astype(np.int64),
    }
