"""Piecewise linear functions of one number, and the search for the piece."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, flat
from converters.graph.table import Table, constant

LESS = 1  # TreeEnsemble's BRANCH_LT
SUM = 1  # aggregate_function
NOWHERE = 2.0**31 - 1
"""An index beyond any table: Gather refuses it, as the original refuses the row."""


def sorted_place(value: Var, edges: Array, answers: Array) -> Var:
    """Int64 [rows]: `answers[i]`, where i of the ascending `edges` are at most `value` [rows, 1].

    A balanced tree asks `value < edge` from the middle outwards. It is complete: spare places
    at its end hold edges of +inf, over which no number goes.
    """
    depth = max(1, int(np.ceil(np.log2(len(edges) + 1))))
    inner = 2**depth - 1
    node = np.arange(inner)
    level = np.floor(np.log2(node + 1)).astype(np.int64)
    ordered = ((2 * (node + 1 - 2**level) + 1) << (depth - 1 - level)) - 1
    held = np.append(edges, np.full(inner - len(edges), np.inf))[ordered]
    last = node >= inner // 2  # whose children are leaves, numbered from 0
    child = np.where(last, 2 * node + 1 - inner, 2 * node + 1)
    leaves = np.append(answers, np.full(inner + 1 - len(answers), answers[-1]))
    found = ml.tree_ensemble(
        value,
        aggregate_function=SUM,
        post_transform=0,
        n_targets=1,
        tree_roots=[0],
        nodes_featureids=[0] * inner,
        nodes_modes=np.full(inner, LESS, dtype=np.uint8),
        nodes_splits=held.astype(np.float64),
        nodes_truenodeids=child.tolist(),
        nodes_trueleafs=last.astype(np.int64).tolist(),
        nodes_falsenodeids=(child + 1).tolist(),
        nodes_falseleafs=last.astype(np.int64).tolist(),
        leaf_targetids=[0] * (inner + 1),
        leaf_weights=leaves.astype(np.float64),
    )
    return op.cast(flat(found), to=np.int64)


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Straight lines, each over one piece of the numbers: height + slope * (x - start).

    `edges` [n] part the n + 1 pieces; a piece begins with its edge.
    """

    edges: Array
    start: Array
    height: Array
    slope: Array


def isotonic_regression(model: Any, table: Table) -> Answers:
    """IsotonicRegression: between its thresholds a straight line, beyond them as it is told."""
    value = interpolated(model, table.matrix())
    column = op.unsqueeze(value, constant([1], np.int64))
    return Answers(predict=value, transform=Table.of(column, 1))


def interpolated(model: Any, value: Var) -> Var:
    """[rows]: what a fitted IsotonicRegression says to `value` [rows, 1].

    One fitted in float32 rounds `value` to it, and computes in it.
    """
    x, y = np.asarray(model.X_thresholds_), np.asarray(model.y_thresholds_)
    dtype = x.dtype
    if len(x) == 1:  # one point says the same everywhere
        zero = np.zeros(2, dtype=dtype)
        lines = Lines(edges=x, start=zero, height=np.repeat(y, 2), slope=zero)
    else:
        lines = (_as_numpy if dtype == np.float64 else _as_scipy)(x, y, model.out_of_bounds)
    if not np.isfinite(lines.slope).all():
        raise NotImplementedError("IsotonicRegression with thresholds so close that a slope is inf")
    places = np.arange(len(lines.start), dtype=np.float64)
    if model.out_of_bounds == "raise" and len(x) > 1:
        places[[0, -1]] = NOWHERE
    rounded = op.cast(value, to=dtype.type)
    place = sorted_place(op.cast(rounded, to=np.float64), lines.edges.astype(np.float64), places)
    start, height, slope = (
        op.gather(constant(part, dtype), place, axis=0)
        for part in (lines.start, lines.height, lines.slope)
    )
    found = op.add(op.mul(slope, op.sub(flat(rounded), start)), height)
    return op.cast(found, to=np.float64)


def _as_numpy(x: Array, y: Array, out_of_bounds: str) -> Lines:
    """`numpy.interp`, which scipy calls for float64: a threshold begins the piece on its right."""
    below, above = (y[0], y[-1]) if out_of_bounds == "clip" else (np.nan, np.nan)
    return Lines(
        edges=np.append(x, np.nextafter(x[-1], np.inf)),
        start=np.concatenate([[0.0], x, [0.0]]),
        height=np.concatenate([[below], y, [above]]),
        slope=np.concatenate([[0.0], np.diff(y) / np.diff(x), [0.0, 0.0]]),
    )


def _as_scipy(x: Array, y: Array, out_of_bounds: str) -> Lines:
    """`interp1d._call_linear`, for float32: a threshold ends the piece on its left."""
    slope = np.diff(y) / np.diff(x)
    last = slope[-1] * (x[-1] - x[-2]) + y[-2]  # not y[-1], for rounding
    below, above = (y[0], last) if out_of_bounds == "clip" else (np.nan, np.nan)
    return Lines(
        edges=np.append(x[:1], np.nextafter(x[1:], np.float32(np.inf))),
        start=np.concatenate([[0.0], x[:-1], [0.0]]),
        height=np.concatenate([[below], y[:-1], [above]]),
        slope=np.concatenate([[0.0], slope, [0.0]]),
    )
