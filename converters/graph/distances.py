"""Distances from the rows of a batch to known points, in the original's order of operations.

`DistanceMetric` (scikit-learn `metrics/_dist_metrics.pyx`) adds the features one after another in
double. Here the features lie on the middle axis of [rows, features, points]: onnxruntime sums that
axis in order, so distances have the original's bits and ties stay ties.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from scipy.linalg.blas import ddot
from sklearn.preprocessing import normalize
from spox import Var

from bundle.arrays import Array
from converters.graph.sums import row_norms, row_sums, two_lanes, two_lanes_known
from converters.graph.table import constant

Pairwise = Callable[[Var, Array], Var]
"""From rows [rows, features] and points [n, features] to [rows, n]."""


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
        return Metric(reduced=squares, distance=op.sqrt, back=_square, power=2.0)
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


def squared(x: Var, points: Array) -> Var:
    """Sum of (x - y)^2, feature by feature."""
    return op.reduce_sum_square(_difference(x, points), _features(), keepdims=0)


def squared_expanded(x: Var, points: Array) -> Var:
    """max(0, |x|^2 - 2 x.y + |y|^2), as `EuclideanArgKmin`, whose norms are BLAS ddot's."""
    norm = op.reduce_sum_square(x, constant([1], np.int64), keepdims=1)
    middle = op.matmul(x, constant(-2 * points.T))
    known = np.array([ddot(point, point) for point in points])
    total = op.add(op.add(norm, middle), constant(known[None]))
    return op.where(op.greater(total, constant(0.0)), total, constant(0.0))


def squared_pairwise(x: Var, points: Array, *, by_column: bool = False) -> Var:
    """The same, as `euclidean_distances(x, points, squared=True)`.

    `by_column`: the rows come from a frame, which NumPy holds column after column; it then adds
    the squares one column after another.
    """
    middle = op.matmul(x, constant(-2 * points.T))
    norm = norms(x, points.shape[1], by_column=by_column)
    total = op.add(op.add(middle, norm), constant(np.einsum("ij,ij->i", points, points)[None]))
    return op.max([total, constant(0.0)])


def norms(x: Var, width: int, *, by_column: bool) -> Var:
    """[rows, 1]: the squared lengths of rows."""
    if by_column:
        return op.reduce_sum_square(x, constant([1], np.int64), keepdims=1)
    return row_norms(x, width)


def by_column(model: Any) -> bool:
    """Whether the rows that `model` gets are a frame's."""
    return hasattr(model, "feature_names_in_")


def _features() -> Var:
    return constant([1], np.int64)


def _difference(x: Var, points: Array) -> Var:
    """[rows, features, n]: x - y."""
    return op.sub(_column(x), constant(points.T[None]))


def _column(x: Var) -> Var:
    return op.unsqueeze(x, constant([2], np.int64))


def _square(value: Var) -> Var:
    return op.mul(value, value)


def _sum(terms: Var) -> Var:
    return op.reduce_sum(terms, _features(), keepdims=0)


def _manhattan(x: Var, points: Array) -> Var:
    return _sum(op.abs(_difference(x, points)))


def _chebyshev(x: Var, points: Array) -> Var:
    return op.reduce_max(op.abs(_difference(x, points)), _features(), keepdims=0)


def _minkowski(params: Mapping[str, Any]) -> Metric:
    p, weights = float(params.get("p", 2)), params.get("w")

    def reduced(x: Var, points: Array) -> Var:
        terms = power(op.abs(_difference(x, points)), p)
        if weights is not None:
            terms = op.mul(constant(np.asarray(weights)[None, :, None]), terms)
        return _sum(terms)

    return Metric(
        reduced=reduced,
        distance=lambda value: op.pow(value, constant(1 / p)),
        back=lambda value: power(value, p),
        power=p,
    )


def power(value: Var, p: float) -> Var:
    """C's pow. For a lone 2 or 3 onnxruntime multiplies, which rounds otherwise."""
    if p in (2.0, 3.0):
        return op.pow(value, op.expand(constant(p), op.shape(value)))
    return op.pow(value, constant(p))


def _seuclidean(params: Mapping[str, Any]) -> Metric:
    variance = constant(np.asarray(params["V"])[None, :, None])

    def reduced(x: Var, points: Array) -> Var:
        difference = _difference(x, points)
        return _sum(op.div(op.mul(difference, difference), variance))

    return Metric(reduced=reduced, distance=op.sqrt, back=_square)


def _mahalanobis(params: Mapping[str, Any]) -> Metric:
    """`DistanceMetric`'s; each sum one term after another."""
    rows = constant(_inverse(params)[None, :, :, None])

    def reduced(x: Var, points: Array) -> Var:
        difference = _difference(x, points)
        each = op.mul(rows, op.unsqueeze(difference, constant([1], np.int64)))
        turned = op.reduce_sum(each, constant([2], np.int64), keepdims=0)
        return _sum(op.mul(turned, difference))

    return Metric(reduced=reduced, distance=op.sqrt, back=_square)


def mahalanobis_pairwise(params: Mapping[str, Any]) -> Metric:
    """SciPy's `cdist`; each sum in two lanes."""
    inverse = _inverse(params)

    def reduced(x: Var, points: Array) -> Var:
        difference, width = _difference(x, points), points.shape[1]
        turned = [
            op.unsqueeze(
                two_lanes(op.mul(constant(row[None, :, None]), difference), width), _features()
            )
            for row in inverse
        ]
        return op.sqrt(two_lanes(op.mul(op.concat(turned, axis=1), difference), width))

    return Metric(reduced=reduced)


def _inverse(params: Mapping[str, Any]) -> Array:
    if params.get("VI") is not None:
        return np.asarray(params["VI"], dtype=np.float64)
    return np.asarray(np.linalg.inv(params["V"]))


def _hamming(x: Var, points: Array) -> Var:
    unequal = op.not_(op.equal(_column(x), constant(points.T[None])))
    return op.div(_sum(op.cast(unequal, to=np.float64)), constant(float(points.shape[1])))


def _canberra(x: Var, points: Array) -> Var:
    size = op.add(op.abs(_column(x)), constant(np.abs(points.T[None])))
    safe = op.where(op.greater(size, constant(0.0)), size, constant(1.0))
    return _sum(op.div(op.abs(_difference(x, points)), safe))


def _braycurtis(x: Var, points: Array) -> Var:
    size = _sum(op.add(op.abs(_column(x)), constant(np.abs(points.T[None]))))
    safe = op.where(op.greater(size, constant(0.0)), size, constant(1.0))
    return op.div(_manhattan(x, points), safe)


def _haversine(x: Var, points: Array) -> Var:
    """`HaversineDistance.rdist`: latitude and longitude in radians."""
    half = op.sin(op.mul(constant(0.5), _difference(x, points)))
    first, second = (op.gather(half, constant(i, np.int64), axis=1) for i in (0, 1))
    latitude = op.gather(x, constant([0], np.int64), axis=1)
    cosines = op.mul(op.cos(latitude), constant(np.cos(points[:, 0])[None]))
    return op.add(op.mul(first, first), op.mul(op.mul(cosines, second), second))


def arc_sine(x: Var) -> Var:
    """Asin of 0..1 in double, which onnxruntime lacks: the rational form of FreeBSD's e_asin.c."""
    large = op.greater(x, constant(0.5))
    square = op.where(large, op.mul(op.sub(constant(1.0), x), constant(0.5)), op.mul(x, x))
    root = op.where(large, op.sqrt(square), x)
    top = _polynomial(square, (*ASIN_P, 0.0))
    bottom = _polynomial(square, (*ASIN_Q, 1.0))
    part = op.add(root, op.mul(root, op.div(top, bottom)))
    far = op.sub(constant(np.pi / 2), op.mul(constant(2.0), part))
    return op.where(large, far, part)


def _polynomial(x: Var, coefficients: tuple[float, ...]) -> Var:
    """Horner's rule, the highest power first."""
    value = constant(coefficients[0])
    for each in coefficients[1:]:
        value = op.add(op.mul(value, x), constant(each))
    return value


ASIN_P = (
    3.47933107596021167570e-05,
    7.91534994289814532176e-04,
    -4.00555345006794114027e-02,
    2.01212532134862925881e-01,
    -3.25565818622400915405e-01,
    1.66666666666666657415e-01,
)
ASIN_Q = (
    7.70381505559019352791e-02,
    -6.88283971605453293030e-01,
    2.02094576023350569471e00,
    -2.40339491173441421878e00,
)
"""Sun's fdlibm, highest power first."""


def _cosine(x: Var, points: Array) -> Var:
    """`cosine_distances`: 1 less the product of rows of length 1, within 0 and 2."""
    norm = op.sqrt(row_norms(x, points.shape[1]))
    # scikit-learn's normalize: a length below 10 eps counts as none.
    safe = op.where(op.less(norm, constant(10 * np.finfo(np.float64).eps)), constant(1.0), norm)
    same = op.matmul(op.div(x, safe), constant(normalize(points).T))
    return op.clip(op.sub(constant(1.0), same), constant(0.0), constant(2.0))


def _correlation(x: Var, points: Array) -> Var:
    """`scipy.spatial.distance.cdist`: the cosine of rows less their means."""
    width = points.shape[1]
    centred = op.sub(x, op.div(row_sums(x, width), constant(float(width))))
    norm = op.sqrt(two_lanes(_column(op.mul(centred, centred)), width))
    known = points - points.mean(axis=1, keepdims=True)
    lengths = np.sqrt(two_lanes_known(known * known))
    product = two_lanes(op.mul(_column(centred), constant(known.T[None])), width)
    cosine = op.div(product, op.mul(norm, constant(lengths[None])))
    return op.sub(constant(1.0), op.clip(cosine, constant(-1.0), constant(1.0)))


def nan_euclidean(x: Var, points: Array) -> Var:
    """`nan_euclidean_distances`: over the features that both have, scaled up to all of them."""
    gap, known_gap = op.isnan(x), np.isnan(points)
    filled, known = op.where(gap, constant(0.0), x), np.where(known_gap, 0.0, points)
    missing = op.cast(gap, to=np.float64)
    total = squared_pairwise(filled, known)
    if known_gap.any():
        total = op.sub(
            total, op.matmul(op.mul(filled, filled), constant(known_gap.T.astype(float)))
        )
    total = op.sub(total, op.matmul(missing, constant((known * known).T)))
    total = op.max([total, constant(0.0)])
    count = op.matmul(op.sub(constant(1.0), missing), constant((~known_gap).T.astype(float)))
    some = op.max([count, constant(1.0)])
    scaled = op.sqrt(op.mul(op.div(total, some), constant(float(points.shape[1]))))
    return op.where(op.equal(count, constant(0.0)), constant(np.nan), scaled)


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


def _boolean(formula: Callable[[Var, Var, float], Var]) -> Metric:
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

    return Metric(reduced=reduced)


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


PLAIN = {
    "manhattan": Metric(reduced=_manhattan),
    "chebyshev": Metric(reduced=_chebyshev, power=np.inf),
    "hamming": Metric(reduced=_hamming),
    "canberra": Metric(reduced=_canberra),
    "braycurtis": Metric(reduced=_braycurtis),
    "haversine": Metric(
        reduced=_haversine,
        distance=lambda value: op.mul(constant(2.0), arc_sine(op.sqrt(value))),
        back=lambda value: _square(op.sin(op.mul(constant(0.5), value))),
    ),
    "cosine": Metric(reduced=_cosine),
    "correlation": Metric(reduced=_correlation),
    "nan_euclidean": Metric(reduced=nan_euclidean),
    "jaccard": _boolean(_jaccard),
    "dice": _boolean(_dice),
    "rogerstanimoto": _boolean(_rogerstanimoto),
    "russellrao": _boolean(_russellrao),
    "sokalmichener": _boolean(_rogerstanimoto),
    "sokalsneath": _boolean(_sokalsneath),
    "yule": Metric(reduced=_yule),
}
"""Metrics without parameters."""

WITH_PARAMS = {"seuclidean": _seuclidean, "mahalanobis": _mahalanobis}
"""Metrics that take V or VI."""
