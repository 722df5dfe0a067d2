"""Sums in the order of the original, for terms that cancel: another order answers other bits."""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.table import constant

LANES = 8
BLOCK = 128


def in_order(terms: Var) -> Var:
    """The sum of [n, k, m] over the first axis, one term after another.

    onnxruntime keeps that order where more than one number is left; for k = m = 1 it does not.
    """
    return op.reduce_sum(terms, constant([0], np.int64), keepdims=0)


def pairwise_sum(value: Var, width: int) -> Var:
    """numpy.sum(value, axis=1, keepdims=True) of [rows, width]: [rows, 1].

    `pairwise_sum` in numpy's loops_utils.h: up to 128 terms in eight lanes, more than that halved.
    """
    if width > BLOCK:
        half = width // 2
        half -= half % LANES
        left, right = op.split(value, constant([half, width - half], np.int64), axis=1)
        return op.add(pairwise_sum(left, half), pairwise_sum(right, width - half))
    if width < LANES:
        return _one_after_another(value)
    whole = width - width % LANES
    body, rest = op.split(value, constant([whole, width - whole], np.int64), axis=1)
    lanes = op.reshape(body, constant([-1, whole // LANES, LANES], np.int64))
    total = op.reduce_sum(lanes, constant([1], np.int64), keepdims=0)
    total = op.reshape(total, constant([-1, 2, 2, 2], np.int64))
    for axis in (3, 2, 1):  # ((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7))
        total = op.reduce_sum(total, constant([axis], np.int64), keepdims=0)
    total = op.unsqueeze(total, constant([1], np.int64))
    return _one_after_another(op.concat([total, rest], axis=1)) if width > whole else total


def _one_after_another(value: Var) -> Var:
    # Twice side by side, so that what is kept is a matrix even for one row.
    terms = op.unsqueeze(op.transpose(value, perm=[1, 0]), constant([2], np.int64))
    twice = op.concat([terms, terms], axis=2)
    return op.gather(in_order(twice), constant([0], np.int64), axis=1)
