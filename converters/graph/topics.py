"""Decompositions whose transform iterates: latent Dirichlet allocation, non-negative matrices."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers
from converters.graph.table import Table, constant

EULER = 0.577215664901532860606512090082402431
AXIS = np.array([1])

LEAST_PRIOR = 0.1
"""From here on, no row was found whose rounding grows over 2e-12 (docs/decisions/0005)."""


def latent_dirichlet_allocation(model: Any, table: Table) -> Answers:
    """LatentDirichletAllocation: the topics of each row, iterated until they hardly change.

    `_lda._update_doc_distribution` from ones; each row stops by itself.
    """
    if model.doc_topic_prior_ < LEAST_PRIOR:
        raise NotImplementedError(
            f"LatentDirichletAllocation(doc_topic_prior={model.doc_topic_prior_:.3g}), under "
            f"{LEAST_PRIOR}: near the borders between topics its own rounding, which differs from "
            "one processor to another, grows over 2e-12"
        )
    rows, words = table.matrix(), model.exp_dirichlet_component_
    topics = len(words)
    across, back = constant(words), constant(words.T)
    tiny, prior = constant(np.finfo(np.float64).eps), constant(model.doc_topic_prior_)
    axis = constant(AXIS, np.int64)
    most = constant(model.mean_change_tol)

    def step(_: Var, __: Var, found: Var, weight: Var, moving: Var) -> tuple[Var, ...]:
        expected = op.add(op.matmul(weight, across), tiny)
        shares = op.mul(weight, op.matmul(op.div(rows, expected), back))
        new = op.add(shares, prior)
        off = op.reduce_sum(op.abs(op.sub(found, new)), axis, keepdims=1)
        still = op.not_(op.less(op.div(off, constant(float(topics))), most))
        moving_on = op.and_(moving, still)
        going = op.reduce_max(op.cast(moving_on, to=np.int64), keepdims=0)
        return (
            op.cast(going, to=np.bool_),
            op.where(moving, new, found),
            op.where(moving, _expectation(new), weight),
            moving_on,
        )

    shape = op.concat([op.shape(rows, end=1), constant([topics], np.int64)], axis=0)
    ones = op.expand(constant(1.0), shape)
    alone = op.concat([op.shape(rows, end=1), constant([1], np.int64)], axis=0)
    # One row of ones says the weights of all the rows that start from ones.
    start = op.expand(_expectation(constant(np.ones((1, topics)))), shape)
    found, _, _ = op.loop(
        constant(model.max_doc_update_iter, np.int64),
        v_initial=[ones, start, op.expand(constant([[True]], np.bool_), alone)],
        body=step,
    )
    found = op.reshape(found, constant([-1, topics], np.int64))
    total = op.reduce_sum(found, axis, keepdims=1)
    return Answers(transform=Table.of(op.div(found, total), topics))


def _expectation(values: Var) -> Var:
    """exp(psi(x) - psi(sum x)) of each row, as `_online_lda_fast._dirichlet_expectation_1d`."""
    axis = constant(AXIS, np.int64)
    total = op.reduce_sum(values, axis, keepdims=1)
    both = psi(op.concat([values, total], axis=1))
    each = op.slice(both, constant([0], np.int64), constant([-1], np.int64), axis)
    whole = op.slice(both, constant([-1], np.int64), constant([2**62], np.int64), axis)
    return op.exp(op.sub(each, whole))


def psi(values: Var) -> Var:
    """Digamma of positive numbers [rows, k], as `_online_lda_fast.psi` (Algorithm AS 103).

    psi(x) = psi(x + 1) - 1 / x up to 6, where the series in 1 / x holds.
    """
    last = constant([2], np.int64)
    ladder = op.add(op.unsqueeze(values, last), constant(np.arange(6.0)))
    below = op.cast(op.less(ladder, constant(6.0)), to=np.float64)
    climbed = op.reduce_sum(op.div(below, ladder), last, keepdims=0)
    raised = op.add(values, op.reduce_sum(below, last, keepdims=0))
    r = op.div(constant(1.0), raised)
    head = op.sub(op.sub(_log(raised), op.mul(constant(0.5), r)), climbed)
    square = op.mul(r, r)
    inner = op.sub(constant(1 / 120), op.mul(square, constant(1 / 252)))
    series = op.mul(square, op.sub(constant(1 / 12), op.mul(square, inner)))
    near_zero = op.sub(constant(-EULER), op.div(constant(1.0), values))
    return op.where(op.less_or_equal(values, constant(1e-6)), near_zero, op.sub(head, series))


def _log(values: Var) -> Var:
    """The C library's log, as the sum of one number each; `Log` is off by a unit in the last place.

    Near the borders between topics the iteration makes a difference thousands of times as large.
    """
    last = constant([2], np.int64)
    return op.reduce_log_sum(op.unsqueeze(values, last), last, keepdims=0)


def nmf(model: Any, table: Table) -> Answers:
    """NMF by coordinate descent with `tol=0`: each row by itself, `max_iter` sweeps.

    With a tolerance the sweeps stop for all rows of a batch at once, by a sum over them, so the
    answer to a row depends on the rows beside it: there is no function of the row to be equal to.
    """
    if model.solver != "cd":
        raise NotImplementedError("NMF(solver='mu'), which starts from the mean of the whole batch")
    if model.tol > 0:
        raise NotImplementedError("NMF(tol > 0), which stops by a sum over the whole batch")
    if model.shuffle:
        raise NotImplementedError("NMF(shuffle=True), which is random")
    return Answers(transform=Table.of(_swept(model, table), len(model.components_)))


def _swept(model: Any, table: Table) -> Var:
    """`_nmf._fit_coordinate_descent` with H fixed, from W = 0."""
    H = np.asarray(model.components_)
    gram = np.dot(H, H.T)
    l1, _, l2, _ = model._compute_regularization(np.empty((1, H.shape[1])))  # noqa: SLF001 - the scaling's only place
    gram.flat[:: len(gram) + 1] += l2
    product = op.matmul(table.matrix(), constant(H.T))
    product = op.sub(product, constant(float(l1))) if l1 else product
    columns = [op.gather(product, constant([t], np.int64), axis=1) for t in range(len(H))]

    def sweep(_: Var, going: Var, W: Var) -> tuple[Var, Var]:
        for t, column in enumerate(columns):
            W = _step(W, column, gram, t)
        return op.identity(going), W

    (found,) = op.loop(
        constant(model.max_iter, np.int64),
        constant([True], np.bool_),
        v_initial=[op.mul(product, constant(0.0))],
        body=sweep,
    )
    return op.reshape(found, constant([-1, len(H)], np.int64))


def _step(W: Var, column: Var, gram: Array, t: int) -> Var:
    """W with its component t at its best, the others fixed; the others stay, being at least 0."""
    if not gram[t, t]:
        return W
    gradient = op.sub(op.matmul(W, constant(gram[:, [t]])), column)
    only = constant(np.eye(len(gram))[[t]])
    down = op.mul(op.div(gradient, constant(gram[t, t])), only)
    return op.max([op.sub(W, down), constant(0.0)])
