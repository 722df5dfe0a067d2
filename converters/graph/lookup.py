"""Functions of a number that are constant between breaks: bins, ranks, codes of categories.

Each column is one tree of a TreeEnsemble (ai.onnx.ml 5, double), a balanced search over its
breaks, so a lookup costs the logarithm of their number and all columns are one operator.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
from spox import Var

from bundle.arrays import Array

LESS_OR_EQUAL = 0  # TreeEnsemble's BRANCH_LEQ
SUM = 1  # aggregate_function


@dataclass(frozen=True, kw_only=True)
class Steps:
    """`values[i]` for x <= `breaks[i]` and over the break before, the last value above all.

    `breaks` ascend strictly; `missing` is the value of NaN, by default that of large numbers.
    """

    breaks: Array
    values: Array
    missing: float | None = None


def searched(edges: Array, *, right: bool = True, missing: float | None = None) -> Steps:
    """`np.searchsorted(edges, x)`: how many edges lie below x; `right` counts one equal to x."""
    last, count = np.unique(np.asarray(edges, dtype=np.float64), return_counts=True)
    breaks = np.nextafter(last, -np.inf) if right else last
    values = np.concatenate([[0], np.cumsum(count)])
    return Steps(breaks=breaks, values=values.astype(np.float64), missing=missing)


def matched(known: Array, values: Array, unknown: float) -> Steps:
    """The entry of `values` beside the number in `known`, else `unknown`."""
    numbers = np.asarray(known, dtype=np.float64)
    present, absent = np.flatnonzero(~np.isnan(numbers)), np.flatnonzero(np.isnan(numbers))
    order = present[np.argsort(numbers[present])]
    at = numbers[order]
    breaks = np.column_stack([np.nextafter(at, -np.inf), at]).ravel()
    between = np.column_stack([np.full(len(at), unknown), np.asarray(values)[order]]).ravel()
    kept = np.diff(breaks, prepend=-np.inf) > 0  # neighbours one ULP apart share a break
    return Steps(
        breaks=breaks[kept],
        values=np.append(between[kept], unknown).astype(np.float64),
        missing=float(values[absent[0]] if len(absent) else unknown),
    )


def step_functions(matrix: Var, columns: Sequence[Steps]) -> Var:
    """[rows, columns] float64: column i of `matrix` through `columns[i]`."""
    trees = _Trees()
    for position, steps in enumerate(columns):
        trees.add(position, steps)
    return ml.tree_ensemble(
        matrix,
        aggregate_function=SUM,
        post_transform=0,
        n_targets=len(columns),
        **trees.attributes(),
    )


Child = tuple[int, bool]
"""The number of a node, and whether it is a leaf."""


@dataclass(kw_only=True)
class _Trees:
    """Collects the splits and leaves of TreeEnsemble, one tree for each column."""

    roots: list[int] = field(default_factory=list)
    features: list[int] = field(default_factory=list)
    splits: list[float] = field(default_factory=list)
    children: list[tuple[Child, Child]] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, position: int, steps: Steps) -> None:
        """Add the tree of one column."""
        self.roots.append(len(self.splits))
        values = [float(value) for value in steps.values]
        breaks = [float(value) for value in steps.breaks]
        if not breaks or steps.missing is not None:
            # Every number is at most infinity, NaN is not: the way of NaN parts here.
            missing = values[-1] if steps.missing is None else steps.missing
            breaks, values = [*breaks, math.inf], [*values, missing]
        self._search(position, breaks, values, len(breaks) - 1 if math.isinf(breaks[-1]) else None)

    def _search(
        self, position: int, breaks: list[float], values: list[float], split: int | None
    ) -> Child:
        """Add the search over these breaks, beginning at number `split`, or in the middle."""
        if not breaks:
            self.targets.append(position)
            self.weights.append(values[0])
            return len(self.weights) - 1, True
        number, middle = len(self.splits), len(breaks) // 2 if split is None else split
        self.features.append(position)
        self.splits.append(breaks[middle])
        self.children.append(((0, True), (0, True)))
        below = self._search(position, breaks[:middle], values[: middle + 1], None)
        above = self._search(position, breaks[middle + 1 :], values[middle + 1 :], None)
        self.children[number] = (below, above)
        return number, False

    def attributes(self) -> dict[str, Any]:
        """The operator's attributes."""
        below, above = zip(*self.children, strict=True)
        return {
            "nodes_featureids": self.features,
            "nodes_splits": np.array(self.splits),
            "nodes_modes": np.full(len(self.splits), LESS_OR_EQUAL, dtype=np.uint8),
            "nodes_missing_value_tracks_true": [0] * len(self.splits),
            "nodes_truenodeids": [number for number, _ in below],
            "nodes_trueleafs": [int(leaf) for _, leaf in below],
            "nodes_falsenodeids": [number for number, _ in above],
            "nodes_falseleafs": [int(leaf) for _, leaf in above],
            "leaf_targetids": self.targets,
            "leaf_weights": np.array(self.weights),
            "tree_roots": self.roots,
        }
