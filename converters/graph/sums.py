"""Sums in NumPy's own order, for results that are small differences of large numbers.

Where distances or kernels cancel, the original's answer is its rounding; only the same additions
in the same order give it.
"""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.table import constant, cut

BLOCK = 128
"""PW_BLOCKSIZE of NumPy (`numpy/_core/src/umath/loops_utils.h.src`)."""


def in_order(terms: Var) -> Var:
    """The sum of [n, k, m] over the first axis, one term after another.

    onnxruntime keeps that order where more than one number is left; for k = m = 1 it does not.
    """
    return op.reduce_sum(terms, constant([0], np.int64), keepdims=0)


def row_norms(x: Var, width: int) -> Var:
    """[rows, 1]: `sklearn.utils.extmath.row_norms(squared=True)`, an einsum of two SIMD lanes.

    NumPy (`einsum_sumprod.c.src`) adds even and odd columns apart, eight columns at a time and
    those from the right, then what is left from the left.
    """
    squares = op.mul(x, x)
    if width <= 2:
        return op.reduce_sum(squares, constant([1], np.int64), keepdims=1)
    if width >= 8:
        order = [start + at for start in range(0, width - 7, 8) for at in (6, 7, 4, 5, 2, 3, 0, 1)]
        order += range(len(order), width)
        squares = op.gather(squares, constant(order, np.int64), axis=1)
    if width % 2:
        squares = op.pad(squares, constant([0, 0, 0, 1], np.int64))
    lanes = op.reduce_sum(
        op.reshape(squares, constant([-1, (width + 1) // 2, 2], np.int64)),
        constant([1], np.int64),
        keepdims=0,
    )
    return op.reduce_sum(lanes, constant([1], np.int64), keepdims=1)


def row_sums(x: Var, width: int) -> Var:
    """[rows, 1]: `np.sum(x, axis=1)` of a C-ordered array, pairwise in blocks of eight lanes."""
    if width < 8:
        return _one_by_one(None, x, range(width))
    if width > BLOCK:
        half = width // 2 - width // 2 % 8
        return op.add(
            row_sums(cut(x, 0, half, axis=1), half),
            row_sums(cut(x, half, width, axis=1), width - half),
        )
    whole = width - width % 8
    lanes = op.reduce_sum(
        op.reshape(cut(x, 0, whole, axis=1), constant([-1, whole // 8, 8], np.int64)),
        constant([1], np.int64),
        keepdims=0,
    )
    for pairs in (4, 2, 1):
        shape = constant([-1, pairs, 2], np.int64)
        lanes = op.reduce_sum(op.reshape(lanes, shape), constant([2], np.int64), keepdims=0)
    return _one_by_one(lanes, x, range(whole, width))


def _one_by_one(total: Var | None, x: Var, columns: range) -> Var:
    for column in columns:
        value = cut(x, column, column + 1, axis=1)
        total = value if total is None else op.add(total, value)
    assert total is not None  # noqa: S101 - a sum of no columns is never asked for
    return total


def two_lanes(terms: Var, width: int) -> Var:
    """[rows, n] of [rows, width, n]: even and odd terms apart, as SciPy's `distance_wrap` does."""
    axis = constant([1], np.int64)
    if width == 1:
        return op.squeeze(terms, axis)
    whole = width - width % 2
    shape = op.concat(
        [
            constant([-1, whole // 2, 2], np.int64),
            cut(op.shape(terms), 2, 3),
        ],
        axis=0,
    )
    halves = op.reduce_sum(op.reshape(cut(terms, 0, whole, axis=1), shape), axis, keepdims=0)
    total = op.reduce_sum(halves, axis, keepdims=0)
    if whole == width:
        return total
    return op.add(total, op.squeeze(cut(terms, whole, width, axis=1), axis))


def two_lanes_known(terms: Array) -> Array:
    """The same of known terms [n, width]: [n]."""
    whole = terms.shape[1] - terms.shape[1] % 2
    if not whole:
        return np.asarray(terms[:, 0])
    even, odd = (np.cumsum(terms[:, lane:whole:2], axis=1)[:, -1] for lane in (0, 1))
    total = even + odd
    return np.asarray(total if whole == terms.shape[1] else total + terms[:, -1])
