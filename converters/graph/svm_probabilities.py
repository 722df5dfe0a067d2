"""Probabilities of libsvm: a sigmoid for each pair of classes, coupled by an iteration.

Wu, Lin and Weng, "Probability estimates for multi-class classification by pairwise coupling",
JMLR 2004, method 2; `svm_predict_probability` and `multiclass_probability` in svm.cpp.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.linear import expit
from converters.graph.table import constant

LEAST = 1e-7  # no pair is surer than that
ITERATIONS = 100  # at most, or as many as there are classes
NEAR = 0.005  # over the number of classes: where the iteration stops


def coupled(model: Any, decisions: Var, pairs: list[tuple[int, int]]) -> Var:
    """[rows, classes]: the probabilities that agree best with those of the pairs."""
    slope, offset = constant(model.probA_), constant(model.probB_)
    first = expit(op.neg(op.add(op.mul(decisions, slope), offset)))
    first = op.min([op.max([first, constant(LEAST)]), constant(1 - LEAST)])
    return _couple(_objective(first, len(model.classes_), pairs), len(model.classes_))


def _objective(first: Var, count: int, pairs: list[tuple[int, int]]) -> Var:
    """[rows, k, k]: Q, with Q[t, t] = sum of r[j, t]**2 and Q[t, j] = -r[j, t] * r[t, j]."""
    place = np.full((count, count), 2 * len(pairs))  # of r[i, j] in what is gathered from below
    for at, (i, j) in enumerate(pairs):
        place[i, j], place[j, i] = at, len(pairs) + at
    zero = op.mul(op.gather(first, constant([0], np.int64), axis=1), constant(0.0))
    known = op.concat([first, op.sub(constant(1.0), first), zero], axis=1)
    r = op.gather(known, constant(place, np.int64), axis=1)
    transposed = op.gather(known, constant(place.T, np.int64), axis=1)
    squares = op.reduce_sum(op.mul(r, r), constant([1], np.int64), keepdims=0)
    diagonal = op.mul(op.unsqueeze(squares, constant([2], np.int64)), constant(np.eye(count)))
    return op.sub(diagonal, op.mul(transposed, r))


def _couple(objective: Var, count: int) -> Var:
    """Minimise p' Q p over probabilities p, a class at a time, until all are near."""
    rows = op.shape(objective, start=0, end=1)
    start = op.expand(constant(1.0 / count), op.concat([rows, constant([count], np.int64)], axis=0))
    last = constant([-1], np.int64)
    # Row t of [identity | Q]: what a change of p[t] adds to p and to Q p.
    identity = op.add(op.mul(objective, constant(0.0)), constant(np.eye(count)))
    changes = op.split(op.concat([identity, objective], axis=2), axis=1, num_outputs=count)
    changes = [op.squeeze(change, constant([1], np.int64)) for change in changes]
    diagonal = [
        op.gather(change, constant([count + t], np.int64), axis=1)
        for t, change in enumerate(changes)
    ]

    def body(_: Var, __: Var, p: Var) -> list[Var]:
        qp = op.squeeze(op.matmul(objective, op.unsqueeze(p, last)), last)
        pqp = op.reduce_sum(op.mul(p, qp), last, keepdims=1)
        error = op.reduce_max(op.abs(op.sub(qp, pqp)), last, keepdims=1)
        far = op.greater_or_equal(error, constant(NEAR / count))
        both = op.concat([p, qp], axis=1)
        for t, (change, q) in enumerate(zip(changes, diagonal, strict=True)):
            qp_t = op.gather(both, constant([count + t], np.int64), axis=1)
            both, pqp = _one_class(both, pqp, change, qp_t, q)
        moved = op.gather(both, constant(np.arange(count), np.int64), axis=1)
        count_far = op.reduce_sum(op.cast(far, to=np.int64), keepdims=0)
        return [op.greater(count_far, constant(0, np.int64)), op.where(far, moved, p)]

    (found,) = op.loop(constant(max(ITERATIONS, count), np.int64), v_initial=[start], body=body)
    return op.reshape(found, constant([-1, count], np.int64))  # a Loop loses the shape


def _one_class(both: Var, pqp: Var, change: Var, qp: Var, q: Var) -> tuple[Var, Var]:
    """Move one p to its best, and norm: [p | Q p] and p' Q p after it."""
    step = op.div(op.sub(pqp, qp), q)
    norm = op.add(constant(1.0), step)
    gain = op.add(op.mul(step, q), op.mul(constant(2.0), qp))
    pqp = op.div(op.div(op.add(pqp, op.mul(step, gain)), norm), norm)
    return op.div(op.add(both, op.mul(step, change)), norm), pqp
