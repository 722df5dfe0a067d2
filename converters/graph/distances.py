"""Distances from the rows of a batch to known points, in the original's order of operations.

`DistanceMetric` (scikit-learn `metrics/_dist_metrics.pyx`) adds the features one after another in
double. Here the features lie on the middle axis of [rows, features, points]: onnxruntime sums that
axis in order, so distances have the original's bits and ties stay ties.
"""

from __future__ import annotations

from collections.abc import Callable
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


def squared(x: Var, points: Array) -> Var:
    """Sum of (x - y)^2, feature by feature."""
    return op.reduce_sum_square(difference(x, points), _features(), keepdims=0)


def squared_expanded(x: Var, points: Array) -> Var:
    """max(0, |x|^2 - 2 x.y + |y|^2), as `EuclideanArgKmin`, whose norms are BLAS ddot's."""
    norm = op.reduce_sum_square(x, constant([1], np.int64), keepdims=1)
    middle = op.matmul(x, constant(-2 * points.T))
    known = np.array([ddot(point, point) for point in points])
    summed = op.add(op.add(norm, middle), constant(known[None]))
    return op.where(op.greater(summed, constant(0.0)), summed, constant(0.0))


def squared_pairwise(x: Var, points: Array, *, by_column: bool = False) -> Var:
    """The same, as `euclidean_distances(x, points, squared=True)`.

    `by_column`: the rows come from a frame, which NumPy holds column after column; it then adds
    the squares one column after another.
    """
    middle = op.matmul(x, constant(-2 * points.T))
    norm = norms(x, points.shape[1], by_column=by_column)
    summed = op.add(op.add(middle, norm), constant(np.einsum("ij,ij->i", points, points)[None]))
    return op.max([summed, constant(0.0)])


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


def difference(x: Var, points: Array) -> Var:
    """[rows, features, n]: x - y."""
    return op.sub(column(x), constant(points.T[None]))


def column(x: Var) -> Var:
    """[rows, features, 1]: against points that lie side by side."""
    return op.unsqueeze(x, constant([2], np.int64))


def square(value: Var) -> Var:
    """The value times itself, as C code squares."""
    return op.mul(value, value)


def total(terms: Var) -> Var:
    """[rows, n] of [rows, features, n]: one feature after another."""
    return op.reduce_sum(terms, _features(), keepdims=0)


def manhattan(x: Var, points: Array) -> Var:
    """Sum of |x - y|."""
    return total(op.abs(difference(x, points)))


def chebyshev(x: Var, points: Array) -> Var:
    """The largest |x - y|."""
    return op.reduce_max(op.abs(difference(x, points)), _features(), keepdims=0)


def power(value: Var, p: float) -> Var:
    """C's pow. For a lone 2 or 3 onnxruntime multiplies, which rounds otherwise."""
    if p in (2.0, 3.0):
        return op.pow(value, op.expand(constant(p), op.shape(value)))
    return op.pow(value, constant(p))


def hamming(x: Var, points: Array) -> Var:
    """The share of features that differ."""
    unequal = op.not_(op.equal(column(x), constant(points.T[None])))
    return op.div(total(op.cast(unequal, to=np.float64)), constant(float(points.shape[1])))


def canberra(x: Var, points: Array) -> Var:
    """Sum of |x - y| / (|x| + |y|), 0 where both are 0."""
    size = op.add(op.abs(column(x)), constant(np.abs(points.T[None])))
    safe = op.where(op.greater(size, constant(0.0)), size, constant(1.0))
    return total(op.div(op.abs(difference(x, points)), safe))


def braycurtis(x: Var, points: Array) -> Var:
    """Sum of |x - y| over the sum of |x| + |y|."""
    size = total(op.add(op.abs(column(x)), constant(np.abs(points.T[None]))))
    safe = op.where(op.greater(size, constant(0.0)), size, constant(1.0))
    return op.div(manhattan(x, points), safe)


def haversine(x: Var, points: Array) -> Var:
    """`HaversineDistance.rdist`: latitude and longitude in radians."""
    half = op.sin(op.mul(constant(0.5), difference(x, points)))
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


def cosine(x: Var, points: Array) -> Var:
    """`cosine_distances`: 1 less the product of rows of length 1, within 0 and 2."""
    norm = op.sqrt(row_norms(x, points.shape[1]))
    # scikit-learn's normalize: a length below 10 eps counts as none.
    safe = op.where(op.less(norm, constant(10 * np.finfo(np.float64).eps)), constant(1.0), norm)
    same = op.matmul(op.div(x, safe), constant(normalize(points).T))
    return op.clip(op.sub(constant(1.0), same), constant(0.0), constant(2.0))


def correlation(x: Var, points: Array) -> Var:
    """`scipy.spatial.distance.cdist`: the cosine of rows less their means."""
    width = points.shape[1]
    centred = op.sub(x, op.div(row_sums(x, width), constant(float(width))))
    norm = op.sqrt(two_lanes(column(op.mul(centred, centred)), width))
    known = points - points.mean(axis=1, keepdims=True)
    lengths = np.sqrt(two_lanes_known(known * known))
    product = two_lanes(op.mul(column(centred), constant(known.T[None])), width)
    cosine = op.div(product, op.mul(norm, constant(lengths[None])))
    return op.sub(constant(1.0), op.clip(cosine, constant(-1.0), constant(1.0)))


def nan_euclidean(x: Var, points: Array) -> Var:
    """`nan_euclidean_distances`: over the features that both have, scaled up to all of them."""
    gap, known_gap = op.isnan(x), np.isnan(points)
    filled, known = op.where(gap, constant(0.0), x), np.where(known_gap, 0.0, points)
    missing = op.cast(gap, to=np.float64)
    summed = squared_pairwise(filled, known)
    if known_gap.any():
        summed = op.sub(
            summed, op.matmul(op.mul(filled, filled), constant(known_gap.T.astype(float)))
        )
    summed = op.sub(summed, op.matmul(missing, constant((known * known).T)))
    summed = op.max([summed, constant(0.0)])
    count = op.matmul(op.sub(constant(1.0), missing), constant((~known_gap).T.astype(float)))
    some = op.max([count, constant(1.0)])
    scaled = op.sqrt(op.mul(op.div(summed, some), constant(float(points.shape[1]))))
    return op.where(op.equal(count, constant(0.0)), constant(np.nan), scaled)
