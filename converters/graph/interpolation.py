"""Piecewise linear functions, as `numpy.interp` computes them.

One TreeEnsemble finds, for each column, the interval that a value falls into, in a number of
steps that grows with the logarithm of the number of points; the interval's line is then gathered.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.table import constant

LESS = 1  # TreeEnsemble's BRANCH_LT
SUM = 1  # aggregate_function


@dataclass(frozen=True)
class Line:
    """A function through the points (x, y), x increasing; `left` and `right` hold beyond them."""

    x: Array
    y: Array
    left: float | None = None
    right: float | None = None

    def intervals(self) -> tuple[Array, Array]:
        """Where intervals begin [n], and (x, y, slope) of the n + 1: before, between, after.

        Beyond the last x a line has slope 0, so no value, however large, leaves it.
        """
        x, y = np.asarray(self.x), np.asarray(self.y)
        with np.errstate(all="ignore"):  # two points at one x: the interval is empty
            slope = np.diff(y) / np.diff(x)
        slope = np.where(np.diff(x) > 0, slope, 0.0).astype(x.dtype)
        left = y[0] if self.left is None else self.left
        right = y[-1] if self.right is None else self.right
        begins, lines = (
            x.astype(np.float64),
            [
                np.append(x[0], x),
                np.append(left, y),
                np.concatenate([[0], slope, [0]]),
            ],
        )
        if self.right is not None:  # x[-1] itself is inside
            begins = np.append(begins, np.nextafter(begins[-1], np.inf))
            lines = [
                np.append(each, last) for each, last in zip(lines, (x[-1], right, 0), strict=True)
            ]
        return begins, np.stack(lines, axis=1).astype(x.dtype)


def interpolate(value: Var, lines: Sequence[Line]) -> Var:
    """[rows, k]: line i at column i of `value` [rows, k] float64; NaN stays NaN.

    The points' datatype is the one computed in, as in scikit-learn.
    """
    parts = [line.intervals() for line in lines]
    dtype = parts[0][1].dtype
    if dtype == np.float32:
        value = op.cast(op.cast(value, to=np.float32), to=np.float64)
    index = _interval(value, [begins for begins, _ in parts])
    table = constant(np.concatenate([each for _, each in parts]), dtype)
    x, y, slope = op.split(op.gather(table, index, axis=0), num_outputs=3, axis=2)
    shape = constant([-1, len(lines)], np.int64)
    x, y, slope = (op.reshape(each, shape) for each in (x, y, slope))
    at = op.cast(value, to=np.float32) if dtype == np.float32 else value
    result = op.add(op.mul(slope, op.sub(at, x)), y)
    return op.cast(result, to=np.float64) if dtype == np.float32 else result


def _interval(value: Var, begins: Sequence[Array]) -> Var:
    """Int64 [rows, k]: the number of the interval of each column, counted over all columns."""
    search = _Search()
    first = 0
    for place, each in enumerate(begins):
        search.add(place, each, first)
        first += len(each) + 1
    index = ml.tree_ensemble(
        value,
        aggregate_function=SUM,
        post_transform=0,
        n_targets=len(begins),
        **search.attributes(),
    )
    return op.cast(index, to=np.int64)


@dataclass
class _Search:
    """Binary searches as trees: a node asks whether the value is less than a beginning."""

    roots: list[int] = field(default_factory=list)
    features: list[int] = field(default_factory=list)
    splits: list[float] = field(default_factory=list)
    ways: list[list[tuple[int, int]]] = field(default_factory=list)
    targets: list[int] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def add(self, place: int, begins: Array, first: int) -> None:
        """Column `place`, whose interval i is number `first` + i."""
        self.roots.append(self._node(place, begins, 0, len(begins), first)[0])

    def _node(self, place: int, begins: Array, low: int, high: int, first: int) -> tuple[int, int]:
        """The number of the node that tells intervals low..high apart, and whether it is a leaf."""
        if low == high:
            self.targets.append(place)
            self.weights.append(float(first + low))
            return len(self.targets) - 1, 1
        middle = (low + high) // 2
        number = len(self.splits)
        self.features.append(place)
        self.splits.append(float(begins[middle]))
        self.ways.append([])
        less = self._node(place, begins, low, middle, first)
        more = self._node(place, begins, middle + 1, high, first)
        self.ways[number] += [less, more]
        return number, 0

    def attributes(self) -> dict[str, object]:
        """The operator's attributes."""
        less, more = zip(*self.ways, strict=True)
        return {
            "tree_roots": self.roots,
            "nodes_featureids": self.features,
            "nodes_splits": np.array(self.splits),
            "nodes_modes": np.full(len(self.splits), LESS, dtype=np.uint8),
            "nodes_missing_value_tracks_true": [0] * len(self.splits),
            "nodes_truenodeids": [number for number, _ in less],
            "nodes_trueleafs": [leaf for _, leaf in less],
            "nodes_falsenodeids": [number for number, _ in more],
            "nodes_falseleafs": [leaf for _, leaf in more],
            "leaf_targetids": self.targets,
            "leaf_weights": np.array(self.weights),
        }
