"""The nearest of known points, ties broken as the original breaks them.

Both scikit-learn's trees and its brute force push distances one after another onto a heap of the k
least, where a distance equal to the largest held is not pushed. So of points at one distance those
met first stay, and a nearer point met later pushes out whichever of them is at the top. Trees meet
the points leaf by leaf, the nearer child first. This is replayed, but only for rows where the k-th
and the next distance are equal.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from sklearn.metrics._pairwise_distances_reduction import ArgKmin
from spox import Var

from bundle.arrays import Array
from converters.graph.distances import squared_expanded, squared_pairwise
from converters.graph.fitted import dense
from converters.graph.heap import first_met
from converters.graph.metrics import (
    Metric,
    compared_as_distances,
    mahalanobis_pairwise,
    metric_of,
    not_negative,
)
from converters.graph.partition import column, head, least, where_tied
from converters.graph.table import constant
from converters.graph.visits import Visits, visits

BATCH = 2_000_000
"""Doubles of a block of differences, about what caches hold; more rows are worked off in pieces."""
FEW = 800
"""Numbers of all points together that need no pieces: a block of 10,000 rows is 64 MB."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Search:
    """Fitted points, in the order the original meets them, and how far rows are from them.

    `order` [n]: the number of each in training. `visits`: the way through a tree
    of several leaves.
    """

    points: Array
    order: Array
    metric: Metric
    visits: Visits | None = None
    heap: bool = True

    def reduced(self, x: Var) -> Var:
        """[rows, n]: what the original compares."""
        return self.metric.reduced(x, self.points)


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """The k nearest: distances [rows, k], ascending, and places among `search.points`."""

    search: Search
    distance: Var
    place: Var

    def take(self, values: Any, dtype: Any = np.float64) -> Var:
        """[rows, k, ...]: for each neighbour its value of `values` [n, ...]."""
        return op.gather(constant(np.asarray(values)[self.search.order], dtype), self.place, axis=0)

    def index(self) -> Var:
        """[rows, k]: the number of each neighbour in training."""
        return self.take(np.arange(len(self.search.order)), np.int64)


def search_of(model: Any) -> Search:
    """The search of a fitted estimator of `sklearn.neighbors`."""
    name, params = model.effective_metric_, model.effective_metric_params_
    if not isinstance(name, str):
        raise NotImplementedError("a metric that is not a name")
    points = dense(model._fit_X)  # noqa: SLF001 - no public name holds the fitted points
    if name == "precomputed":
        raise NotImplementedError("metric='precomputed'")
    tree = getattr(model, "_tree", None)
    if tree is not None:
        metric = metric_of(name, params)
        points, order, meets = visits(tree, metric)
        return Search(points=points, order=order, metric=metric, visits=meets)
    order = np.arange(len(points))
    if name in ArgKmin.valid_metrics() and model._fit_X.dtype == np.float64:  # noqa: SLF001 - likewise
        metric = metric_of(name, params, euclidean=squared_expanded)
        if name == "haversine":  # beyond the poles its squares may be below 0
            metric = not_negative(metric)
        return Search(points=points, order=order, metric=metric)
    # A matrix of distances and NumPy's argpartition decide.
    if name == "mahalanobis":
        metric = mahalanobis_pairwise(params)
    elif name == "euclidean":
        metric = metric_of(name, params, euclidean=squared_pairwise)
    else:
        metric = compared_as_distances(metric_of(name, params, euclidean=squared_pairwise))
    return Search(points=points, order=order, metric=metric, heap=False)


def nearest(search: Search, x: Var, k: int) -> Found:
    """The k nearest of each row of `x` [rows, features]."""
    if search.points.size <= FEW:
        value, place = _nearest(search, x, k)
    else:
        rows = max(1, BATCH // search.points.size)
        value, place = _in_pieces(lambda piece: _nearest(search, piece, k), x, k, rows)
    return Found(search=search, distance=search.metric.distance(value), place=place)


def _in_pieces(
    answer: Callable[[Var], tuple[Var, Var]], x: Var, k: int, rows: int
) -> tuple[Var, Var]:
    """`answer` of `rows` rows at a time, joined: so that memory stays bounded."""
    count = op.gather(op.shape(x), constant([0], np.int64))
    size = constant([rows], np.int64)
    pieces = op.div(op.add(count, constant([rows - 1], np.int64)), size)

    def body(i: Var, going: Var, values: Var, places: Var) -> tuple[Var, ...]:
        start = op.mul(op.reshape(i, constant([1], np.int64)), size)
        value, place = answer(op.slice(x, start, op.add(start, size), constant([0], np.int64)))
        return (
            op.identity(going),
            op.concat([values, value], axis=0),
            op.concat([places, place], axis=0),
        )

    empty = (constant(np.zeros((0, k))), constant(np.zeros((0, k)), np.int64))
    values, places = op.loop(
        op.squeeze(pieces, constant([0], np.int64)),
        v_initial=[_any_rows(e, k) for e in empty],
        body=body,
    )
    return values, places


def _any_rows(empty: Var, k: int) -> Var:
    """The same tensor, of a number of rows that is not known before it runs."""
    return op.compress(
        op.concat(
            [empty, op.cast(constant(np.zeros((1, k))), to=empty.unwrap_tensor().dtype)], axis=0
        ),
        constant([False], np.bool_),
        axis=0,
    )


def _nearest(search: Search, x: Var, k: int) -> tuple[Var, Var]:
    reduced = search.reduced(x)
    n = len(search.points)
    if not search.heap:
        return least(reduced, n, k)
    if k >= n:
        value, place = op.top_k(reduced, constant([n], np.int64), axis=1, largest=0)
        return value, place
    value, place = op.top_k(reduced, constant([k + 1], np.int64), axis=1, largest=0)
    last, way = column(value, k - 1), search.visits
    unsure = op.equal(last, column(value, k))
    value, place = head(value, k), head(place, k)
    if way is not None and way.trims:
        unsure = op.or_(unsure, way.trimmed(x, place, last))
    tied = op.squeeze(unsure, constant([1], np.int64))

    def replay() -> tuple[Var, Var]:
        rows, asked = op.compress(reduced, tied, axis=0), op.compress(x, tied, axis=0)
        start = int(np.flatnonzero(search.order == 0)[0])
        return first_met(rows, None if way is None else (way, asked), n=n, k=k, start=start)

    return where_tied(tied, value, place, replay)


def within(search: Search, x: Var, radius: float) -> tuple[Var, Var]:
    """The reduced distances [rows, n], and whether each lies within the radius."""
    reduced = search.reduced(x)
    return reduced, op.less_or_equal(reduced, search.metric.back(constant(float(radius))))
