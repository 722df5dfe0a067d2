"""The metrics of neighbour searches, by scikit-learn's names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.distances import (
    Pairwise,
    arc_sine,
    braycurtis,
    canberra,
    chebyshev,
    correlation,
    cosine,
    difference,
    hamming,
    haversine,
    manhattan,
    nan_euclidean,
    power,
    square,
    squared,
    total,
)
from converters.graph.distances_boolean import BOOLEAN
from converters.graph.sums import two_lanes
from converters.graph.table import constant


@dataclass(frozen=True, kw_only=True)
class Metric:
    """`reduced`: what the search compares (squares, mostly); `distance` and `back` turn it.

    `power`: the p of Minkowski's family, which KDTree needs.
    """

    reduced: Pairwise
    distance: Callable[[Var], Var] = lambda reduced: reduced
    back: Callable[[Var], Var] = lambda distance: distance
    power: float = 1.0


def metric_of(
    name: str, params: Mapping[str, Any] | None = None, *, euclidean: Pairwise | None = None
) -> Metric:
    """The metric by scikit-learn's name; `euclidean` is how its squares are computed."""
    params = params or {}
    name = ALIASES.get(name, name)
    squares = euclidean or squared
    if name == "euclidean":
        return Metric(reduced=squares, distance=op.sqrt, back=square, power=2.0)
    if name == "sqeuclidean":
        return Metric(reduced=squares)
    if name == "minkowski":
        return _minkowski(params)
    if name in WITH_PARAMS:
        return WITH_PARAMS[name](params)
    if name not in PLAIN:
        raise NotImplementedError(f"metric={name!r}")
    return PLAIN[name]


ALIASES = {
    "l2": "euclidean",
    "l1": "manhattan",
    "cityblock": "manhattan",
    "infinity": "chebyshev",
    "p": "minkowski",
}


def _minkowski(params: Mapping[str, Any]) -> Metric:
    p, weights = float(params.get("p", 2)), params.get("w")

    def reduced(x: Var, points: Array) -> Var:
        terms = power(op.abs(difference(x, points)), p)
        if weights is not None:
            terms = op.mul(constant(np.asarray(weights)[None, :, None]), terms)
        return total(terms)

    return Metric(
        reduced=reduced,
        distance=lambda value: op.pow(value, constant(1 / p)),
        back=lambda value: power(value, p),
        power=p,
    )


def _seuclidean(params: Mapping[str, Any]) -> Metric:
    variance = constant(np.asarray(params["V"])[None, :, None])

    def reduced(x: Var, points: Array) -> Var:
        offset = difference(x, points)
        return total(op.div(op.mul(offset, offset), variance))

    return Metric(reduced=reduced, distance=op.sqrt, back=square)


def _mahalanobis(params: Mapping[str, Any]) -> Metric:
    """`DistanceMetric`'s; each sum one term after another."""
    rows = constant(_inverse(params)[None, :, :, None])

    def reduced(x: Var, points: Array) -> Var:
        offset = difference(x, points)
        each = op.mul(rows, op.unsqueeze(offset, constant([1], np.int64)))
        turned = op.reduce_sum(each, constant([2], np.int64), keepdims=0)
        return total(op.mul(turned, offset))

    return Metric(reduced=reduced, distance=op.sqrt, back=square)


def mahalanobis_pairwise(params: Mapping[str, Any]) -> Metric:
    """SciPy's `cdist`; each sum in two lanes."""
    inverse = _inverse(params)

    def reduced(x: Var, points: Array) -> Var:
        offset, width = difference(x, points), points.shape[1]
        axis = constant([1], np.int64)
        turned = [
            op.unsqueeze(two_lanes(op.mul(constant(row[None, :, None]), offset), width), axis)
            for row in inverse
        ]
        return op.sqrt(two_lanes(op.mul(op.concat(turned, axis=1), offset), width))

    return Metric(reduced=reduced)


def _inverse(params: Mapping[str, Any]) -> Array:
    if params.get("VI") is not None:
        return np.asarray(params["VI"], dtype=np.float64)
    return np.asarray(np.linalg.inv(params["V"]))


def compared_as_distances(metric: Metric) -> Metric:
    """The metric whose distances themselves are compared: roots may tie where squares do not."""
    return Metric(reduced=lambda x, points: metric.distance(metric.reduced(x, points)))


def not_negative(metric: Metric) -> Metric:
    """The metric whose distances take what is below 0 for 0, as `compute_exact_distances`."""
    zero = constant(0.0)
    return replace(
        metric,
        distance=lambda value: metric.distance(op.where(op.greater(value, zero), value, zero)),
    )


PLAIN = {
    "manhattan": Metric(reduced=manhattan),
    "chebyshev": Metric(reduced=chebyshev, power=np.inf),
    "hamming": Metric(reduced=hamming),
    "canberra": Metric(reduced=canberra),
    "braycurtis": Metric(reduced=braycurtis),
    "haversine": Metric(
        reduced=haversine,
        distance=lambda value: op.mul(constant(2.0), arc_sine(op.sqrt(value))),
        back=lambda value: square(op.sin(op.mul(constant(0.5), value))),
    ),
    "cosine": Metric(reduced=cosine),
    "correlation": Metric(reduced=correlation),
    "nan_euclidean": Metric(reduced=nan_euclidean),
    **{name: Metric(reduced=reduced) for name, reduced in BOOLEAN.items()},
}
"""Metrics without parameters."""

WITH_PARAMS = {"seuclidean": _seuclidean, "mahalanobis": _mahalanobis}
"""Metrics that take V or VI."""
