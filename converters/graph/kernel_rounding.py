"""How far rounding moves a weighted sum of kernels: where a graph may compute in another order.

libsvm adds the terms of a decision one after another, each from its own difference of a row and a
support vector. Matrix products are many times as fast and round elsewhere. Each rounding is off by
at most UNIT of what it rounds, to either side; so many of them add up like a random walk, to the
root of the sum of squares. That is taken where the kernels are large, at the support vectors, and
CERTAIN times as much must lie within LIMIT of the decision's scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.distance import cdist

from bundle.arrays import Array

UNIT = 2.0**-53
CERTAIN = 4
"""Ten standard deviations: a rounding's is 0.4 UNIT."""
LIMIT = 1e-12
VISIBLE = 1e-6
"""Of the decision's scale: a smaller intercept counts as none."""
FARTHEST = 60.0
"""Of gamma * |support vector|**2, whose exp becomes part of a weight, in float32 too."""
TRIED, KERNELS = 256, 2_000_000
"""Support vectors that are tried, and kernels of them, at most."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Expanded:
    """exp(-gamma * |x - s|**2) as exp(gamma * (2 x.s - |x|**2)) * exp(-gamma * |s|**2).

    x is less `centre`, where there is one, and so are the vectors [n, features]. `in_order`: the
    terms must be added in order.
    """

    vectors: Array
    gamma: float
    centre: Array | None
    in_order: bool


@np.errstate(all="ignore")  # what overflows is over the limit
def expanded(vectors: Array, gamma: float, weights: Array, intercept: Array) -> Expanded | None:
    """How a sum of radial kernels may be computed from products; None where it may not.

    It may not without an intercept: a row between support vectors of opposite weights then has
    a decision of 0, and nothing but the roundings gives the sign that it has in the original.
    """
    if not (len(vectors) and 1e-100 < gamma < 1e100):
        return None
    some = _some(len(vectors))
    kernel = np.exp(-gamma * cdist(vectors[some], vectors, "sqeuclidean"))
    scale = _scale(kernel @ weights + intercept)
    if np.any(np.abs(intercept) < VISIBLE * np.min(scale, axis=0)):
        return None
    centre = _centre(vectors)
    centred, plain = (
        _alike_together(kernel * _exponents_off(near[some], near, gamma), vectors, weights)
        / scale.T
        for near in (vectors - centre, vectors)
    )
    # A subtraction that hardly helps is left out.
    helps = np.max(plain) > 2 * np.max(centred)
    near, off = (vectors - centre, centred) if helps else (vectors, plain)
    farthest = gamma * np.max(np.sum(near**2, axis=1))
    if not (CERTAIN * np.max(off) < LIMIT and farthest < FARTHEST):
        return None
    sums = [_summed_off(kernel * weight) for weight in weights.T] / scale.T
    return Expanded(
        vectors=near,
        gamma=gamma,
        centre=centre if helps else None,
        in_order=not CERTAIN * np.max(np.hypot(off, sums)) < LIMIT,
    )


def _some(count: int) -> Array:
    """Places of the support vectors that are tried, spread over all."""
    tried = min(count, TRIED, max(16, KERNELS // count))
    return np.unique(np.linspace(0, count - 1, tried).astype(int))


def _scale(decisions: Array) -> Array:
    """What differences of decisions are measured by: their size, or the usual one."""
    size = np.abs(decisions)
    usual = np.maximum(np.median(size, axis=0), np.finfo(np.float64).tiny)
    return np.asarray(np.maximum(size, usual))


def _centre(vectors: Array) -> Array:
    """About the mean, of few digits: so that rows of few digits stay exact less it."""
    mean, spread = vectors.mean(axis=0), vectors.std(axis=0)
    constant = spread == 0
    step = 2.0 ** np.floor(np.log2(np.where(constant, 1.0, spread)))
    return np.asarray(np.where(constant, vectors[0], np.round(mean / step) * step))


def _summed_off(terms: Array) -> Array:
    """[rows]: how far the sum of [rows, n] may be off, by the rounding of each partial sum."""
    return np.asarray(UNIT * _root(np.cumsum(terms, axis=1)))


def _root(terms: Array) -> Array:
    return np.asarray(np.sqrt(np.sum(terms**2, axis=1)))


def _exponents_off(rows: Array, near: Array, gamma: float) -> Array:
    """[rows, n]: how far gamma * (2 x.s - |x|**2 - |s|**2) may be off."""
    products = 2 * gamma * (np.abs(rows) @ np.abs(near).T)
    squares = gamma * np.add.outer(np.sum(rows**2, axis=1), np.sum(near**2, axis=1))
    each = np.sqrt(near.shape[1]) + 4
    return np.asarray(UNIT * (each * (products + squares) + 4))


def _alike_together(off: Array, vectors: Array, weights: Array) -> Array:
    """[k, rows]: how far kernels off by `off` move sums; those of equal vectors are off alike."""
    _, group = np.unique(vectors, axis=0, return_inverse=True)
    order = np.argsort(group.reshape(-1), kind="stable")
    starts = np.flatnonzero(np.diff(group.reshape(-1)[order], prepend=-1))
    moved = [np.add.reduceat((off * weight)[:, order], starts, axis=1) for weight in weights.T]
    return np.array([_root(each) for each in moved])
