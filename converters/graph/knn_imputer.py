"""KNNImputer: what is missing, from the nearest rows that have it."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers
from converters.graph.distances import nan_euclidean
from converters.graph.partition import least
from converters.graph.table import Table, constant
from converters.installed import scikit_learn_since

UNKNOWN = np.finfo(np.float64).max
"""Stands for a distance that is missing: behind all others, before what is no donor."""


def knn_imputer(model: Any, table: Table) -> Answers:
    """KNNImputer: for each column, the mean of the k nearest donors, rows that have it."""
    if model.metric != "nan_euclidean":
        raise NotImplementedError("KNNImputer(metric=<a function>)")
    x = table.matrix()
    gap = _missing(model, x)
    valid = np.asarray(model._valid_mask)  # noqa: SLF001 - no public name holds what was fitted
    kept = np.flatnonzero(valid)
    shown, gaps = _columns(x, kept, table.width), _columns(gap, kept, table.width)
    holes = op.reduce_max(
        op.reshape(op.cast(gaps, to=np.int32), constant([-1], np.int64)), keepdims=0
    )
    some = op.cast(op.max([holes, constant(0, np.int32)]), to=np.bool_)
    (filled,) = op.if_(
        some,
        then_branch=lambda: (
            op.where(gaps, _donated(model, op.where(gap, constant(np.nan), x), kept), shown),
        ),
        else_branch=lambda: (op.identity(shown),),
    )
    parts = [
        _with_empty(filled, valid) if model.keep_empty_features else Table.of(filled, len(kept))
    ]
    if model.add_indicator:
        chosen = np.asarray(model.indicator_.features_)
        marks = op.cast(op.gather(gap, constant(chosen, np.int64), axis=1), to=np.float64)
        parts.append(Table.of(marks, len(chosen)))
    return Answers(transform=Table.join(parts))


def _missing(model: Any, x: Var) -> Var:
    mark = model.missing_values
    if mark is None or np.isnan(mark):
        return op.isnan(x)
    return op.equal(x, constant(float(mark)))


def _columns(values: Var, kept: Array, width: int) -> Var:
    if len(kept) == width:
        return values
    return op.gather(values, constant(kept, np.int64), axis=1)


def _with_empty(filled: Var, valid: Array) -> Table:
    """Columns that were always missing are 0, in their places."""
    if valid.all():
        return Table.of(filled, len(valid))
    padded = op.pad(filled, constant([0, 0, 0, 1], np.int64))
    places = np.where(valid, np.cumsum(valid) - 1, valid.sum())
    return Table.of(op.gather(padded, constant(places, np.int64), axis=1), len(valid))


def _donated(model: Any, x: Var, kept: Array) -> Var:
    """[rows, kept]: what each cell would get, whether it is missing or not."""
    known, gaps = _fitted(model)
    distance = nan_euclidean(x, known)
    # Each column's donors side by side, in order; one more, infinitely far, fills up.
    donors = [np.flatnonzero(~gaps[:, column]) for column in kept]
    most = max(map(len, donors))
    filler = len(known)
    table = np.array([np.pad(d, (0, most - len(d)), constant_values=filler) for d in donors])
    ranked = op.where(op.isnan(distance), constant(UNKNOWN), distance)
    padded = op.pad(ranked, constant([0, 0, 0, 1], np.int64), constant(np.inf))
    each = op.reshape(
        op.gather(padded, constant(table, np.int64), axis=1), constant([-1, most], np.int64)
    )
    # Cells that are there need no donor, so none of theirs is a tie to settle.
    asked = op.reshape(op.isnan(_columns(x, kept, known.shape[1])), constant([-1, 1], np.int64))
    each = op.where(asked, each, constant(np.inf))
    k = min(model.n_neighbors, most)
    value, place = least(each, most, k, below=UNKNOWN)
    shape = constant([-1, len(kept), k], np.int64)
    value, place = op.reshape(value, shape), op.reshape(place, shape)
    weights = _weights(model, gaps, kept, value)
    filled = np.vstack([np.where(gaps, 0.0, known), np.zeros(known.shape[1])])
    given = np.take_along_axis(filled[:, kept].T, table, axis=1)
    start = np.arange(len(kept)) * most
    at = op.add(place, constant(start[None, :, None], np.int64))
    values = op.gather(constant(given.ravel()), at, axis=0)
    axis = constant([2], np.int64)
    total = op.reduce_sum(weights, axis, keepdims=0)
    sums = op.reduce_sum(op.mul(values, weights), axis, keepdims=0)
    means = np.ma.array(known, mask=gaps).mean(axis=0).filled(0.0)[kept]
    none = op.greater_or_equal(
        op.squeeze(op.slice(value, constant([0], np.int64), constant([1], np.int64), axis), axis),
        constant(UNKNOWN),
    )
    return op.where(none, constant(means[None]), op.div(sums, total))


def _fitted(model: Any) -> tuple[Array, Array]:
    """The fitted rows with NaN for missing, and which are."""
    gaps = np.asarray(model._mask_fit_X)  # noqa: SLF001 - no public name holds what was fitted
    return np.where(gaps, np.nan, np.asarray(model._fit_X, dtype=np.float64)), gaps  # noqa: SLF001 - likewise


def _weights(model: Any, gaps: Array, kept: Array, distance: Var) -> Var:
    """[rows, columns, k]: 0 for what is unknown; donors at distance 0 count alone."""
    weights = model.weights
    known = op.less(distance, constant(UNKNOWN))
    if weights == "uniform":
        if not scikit_learn_since("1.6"):  # donors at unknown distances count like the others
            _refuse_any_of_unknown(model.n_neighbors, ~gaps, kept)
            known = op.less(distance, constant(np.inf))
        return op.cast(known, to=np.float64)
    if weights != "distance":
        raise NotImplementedError("KNNImputer(weights=<a function>)")
    same = op.cast(op.equal(distance, constant(0.0)), to=np.float64)
    at_point = op.reduce_max(same, constant([2], np.int64), keepdims=1)
    inverse = op.where(known, op.div(constant(1.0), distance), constant(0.0))
    return op.where(op.greater(at_point, constant(0.0)), same, inverse)


def _refuse_any_of_unknown(neighbors: int, known: Array, kept: Array) -> None:
    """Refuse where a row that shows one column leaves unknown distances to choose among."""
    count = known.astype(np.int64).T @ known.astype(np.int64)
    for column in kept:
        donors = count[column, column]
        shared = np.delete(count[column], column)
        if neighbors < donors and ((shared > 0) & (shared < neighbors)).any():
            raise NotImplementedError(
                "KNNImputer with scikit-learn before 1.6, where fewer than n_neighbors rows share a"
                " column: which of the others it takes is an accident"
            )
