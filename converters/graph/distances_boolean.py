"""Distances between rows of booleans: counts of what is true in both, or in one alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.distances import Pairwise
from converters.graph.table import constant


def _counted(formula: Callable[[Var, Var, float], Var]) -> Pairwise:
    """Of `both` true and `one` true alone, and the number of features."""

    def reduced(x: Var, points: Array) -> Var:
        known = (points != 0).astype(np.float64)
        true = op.cast(op.not_(op.equal(x, constant(0.0))), to=np.float64)
        both = op.matmul(true, constant(known.T))
        either = op.add(
            op.reduce_sum(true, constant([1], np.int64), keepdims=1),
            constant(known.sum(axis=1)[None]),
        )
        return formula(both, op.sub(either, op.add(both, both)), float(points.shape[1]))

    return reduced


def _jaccard(both: Var, one: Var, _: float) -> Var:
    either = op.add(both, one)
    return op.div(one, op.max([either, constant(1.0)]))


def _dice(both: Var, one: Var, _: float) -> Var:
    return op.div(one, op.add(op.mul(constant(2.0), both), one))


def _rogerstanimoto(_: Var, one: Var, size: float) -> Var:
    return op.div(op.mul(constant(2.0), one), op.add(constant(size), one))


def _russellrao(both: Var, _: Var, size: float) -> Var:
    return op.div(op.sub(constant(size), both), constant(size))


def _sokalsneath(both: Var, one: Var, _: float) -> Var:
    return op.div(one, op.add(op.mul(constant(0.5), both), one))


def _yule(x: Var, points: Array) -> Var:
    known = (points != 0).astype(np.float64)
    true = op.cast(op.not_(op.equal(x, constant(0.0))), to=np.float64)
    false = op.sub(constant(1.0), true)
    both, first = op.matmul(true, constant(known.T)), op.matmul(true, constant(1 - known.T))
    second, none = op.matmul(false, constant(known.T)), op.matmul(false, constant(1 - known.T))
    half = op.mul(first, second)
    total = op.add(op.mul(both, none), half)
    safe = op.where(op.equal(half, constant(0.0)), constant(1.0), total)
    return op.div(op.mul(constant(2.0), half), safe)


BOOLEAN: dict[str, Pairwise] = {
    "jaccard": _counted(_jaccard),
    "dice": _counted(_dice),
    "rogerstanimoto": _counted(_rogerstanimoto),
    "russellrao": _counted(_russellrao),
    "sokalmichener": _counted(_rogerstanimoto),
    "sokalsneath": _counted(_sokalsneath),
    "yule": _yule,
}
"""By scikit-learn's name of the metric."""
