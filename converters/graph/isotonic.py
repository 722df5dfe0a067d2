"""Piecewise linear functions of one number, and the search for the piece."""

from __future__ import annotations

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


def isotonic_regression(model: Any, table: Table) -> Answers:
    """IsotonicRegression: between its thresholds a straight line, as `numpy.interp` draws it."""
    value = interpolated(model, table.matrix())
    return Answers(predict=value, transform=Table.of(_column(value), 1))


def _column(value: Var) -> Var:
    return op.unsqueeze(value, constant([1], np.int64))


def interpolated(model: Any, value: Var) -> Var:
    """[rows]: what a fitted IsotonicRegression says to `value` [rows, 1].

    `pieces` holds, for each, the x and y where it begins and its slope: below all thresholds,
    between each two, at the last, and above it.
    """
    x, y = np.asarray(model.X_thresholds_), np.asarray(model.y_thresholds_)
    if len(x) == 1:  # one point says the same everywhere
        pieces = np.array([[0.0, y[0], 0.0]])
        return _lines(value, pieces, sorted_place(value, x, np.zeros(2)))
    below, above = {"clip": (y[0], y[-1])}.get(model.out_of_bounds, (np.nan, np.nan))
    slopes = np.diff(y) / np.diff(x)
    pieces = np.column_stack(
        [
            np.concatenate([[0.0], x, [0.0]]),
            np.concatenate([[below], y, [above]]),
            np.concatenate([[0.0], slopes, [0.0, 0.0]]),
        ]
    )
    places = np.arange(len(pieces), dtype=np.float64)
    if model.out_of_bounds == "raise":
        places[[0, -1]] = NOWHERE
    edges = np.append(x, np.nextafter(x[-1], np.inf))
    return _lines(value, pieces, sorted_place(value, edges, places))


def _lines(value: Var, pieces: Array, place: Var) -> Var:
    if not np.isfinite(pieces[:, 2]).all():
        raise NotImplementedError("IsotonicRegression with thresholds so close that a slope is inf")
    start, height, slope = (op.gather(constant(part), place, axis=0) for part in pieces.T)
    return op.add(op.mul(slope, op.sub(flat(value), start)), height)
