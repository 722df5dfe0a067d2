"""Least angle regression on a fixed dictionary, row by row (`_least_angle._lars_path_solver`)."""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.table import constant

NEAR = float(np.finfo(np.float32).eps)
"""How near to its end the path is taken to be there."""
TINY = float(np.finfo(np.float32).tiny)
DEGENERATE = 1e-14
"""The square of the least pivot for which an atom is not taken to be in the others' span."""
LARGEST = float(np.finfo(np.float64).max)


def least_angle(  # noqa: PLR0915 - one step of the path, told in its order
    atoms: Array, product: Var, *, end: float, steps: int, lasso: bool, positive: bool
) -> Var:
    """[rows, atoms]: the coefficients where the path comes down to `end`, or after `steps`.

    `product`: X @ atoms.T. The state of each row: coefficients, those before, the height before,
    the steps made, what is left to explain, what is inside, its signs, the Gram matrix swept by
    it, whether something has just dropped out, and whether the path has ended.
    """
    gram, many = atoms @ atoms.T, len(atoms)
    features, by_gram = constant(float(atoms.shape[1])), constant(gram)
    identity, zero, one = constant(np.eye(many)), constant(0.0), constant(1.0)
    axis, tiny = constant([1], np.int64), constant(TINY)

    def step(  # noqa: PLR0915, PLR0917 - Loop hands on its state by position
        _: Var,
        __: Var,
        coef: Var,
        before: Var,
        height: Var,
        made: Var,
        rest: Var,
        inside: Var,
        signs: Var,
        swept: Var,
        dropped: Var,
        done: Var,
    ) -> tuple[Var, ...]:
        free = op.equal(inside, zero)
        size = op.where(free, rest if positive else op.abs(rest), constant(-LARGEST))
        full = op.equal(op.reduce_sum(inside, axis, keepdims=1), constant(float(many)))
        most = op.where(full, zero, op.reduce_max(size, axis, keepdims=1))
        now = op.div(most, features)
        later = op.greater(made, zero)
        arrived = op.less_or_equal(now, constant(end + NEAR))
        share = op.div(op.sub(height, constant(end)), op.sub(height, now))
        between = op.add(before, op.mul(share, op.sub(coef, before)))
        past = op.and_(later, op.greater(op.abs(op.sub(now, constant(end))), constant(NEAR)))
        coef = op.where(op.and_(op.and_(arrived, past), op.not_(done)), between, coef)
        enough = op.greater_or_equal(made, constant(float(steps)))
        ends = op.or_(op.or_(done, arrived), op.or_(full, enough))

        chosen = op.gather(identity, op.arg_max(size, axis=1, keepdims=0), axis=0)
        pivot, with_chosen = sweep(swept, chosen)
        adds = op.not_(dropped)
        skips = op.and_(adds, op.less(op.abs(pivot), constant(DEGENERATE)))
        adds = op.and_(adds, op.not_(skips))
        if lasso:
            rises = op.and_(later, op.less(height, now))
            ends = op.or_(ends, op.and_(rises, op.not_(skips)))
        swept = op.where(op.unsqueeze(adds, axis), with_chosen, swept)
        inside = op.where(adds, op.add(inside, chosen), inside)
        sign = chosen if positive else op.mul(chosen, op.sign(rest))
        signs = op.where(adds, op.add(signs, sign), signs)

        inner, outer = op.greater(inside, zero), op.equal(inside, zero)
        solved = _solved(swept, signs, inside)
        again = op.sub(signs, op.matmul(solved, by_gram))  # what the first solution leaves
        solved = op.add(solved, _solved(swept, op.mul(again, inside), inside))
        angle = op.div(one, op.sqrt(op.reduce_sum(op.mul(solved, signs), axis, keepdims=1)))
        solved = op.mul(solved, angle)
        along = _rounded(op.matmul(solved, by_gram))
        up = op.div(op.sub(most, rest), op.add(op.sub(angle, along), tiny))
        length = op.min([_least(up, outer), op.div(most, angle)])
        if not positive:
            down = op.div(op.add(most, rest), op.add(op.add(angle, along), tiny))
            length = op.min([length, _least(down, outer)])
        crossing = op.div(op.neg(coef), op.add(solved, tiny))
        first = _least(crossing, inner)
        drops = op.less(first, length)
        leaves = op.and_(op.and_(op.equal(crossing, first), inner), drops)
        if lasso:
            length = op.where(drops, first, length)
        new = op.add(coef, op.mul(length, solved))
        left = op.sub(rest, op.mul(length, along))
        if lasso:
            leaving = op.cast(op.and_(leaves, op.not_(skips)), to=np.float64)
            out = op.unsqueeze(op.and_(drops, op.not_(skips)), axis)
            swept = op.where(out, sweep(swept, leaving)[1], swept)
            left = op.where(leaves, op.sub(product, op.matmul(new, by_gram)), left)
            new = op.where(leaves, zero, new)
            inside = op.sub(inside, leaving)
            signs = op.where(op.greater(leaving, zero), zero, signs)
        else:
            signs = op.where(op.and_(leaves, op.not_(skips)), op.neg(signs), signs)
        stays = op.or_(ends, skips)
        going = op.reduce_min(op.cast(ends, to=np.int64), keepdims=0)
        return (
            op.equal(going, constant([0], np.int64)),
            op.where(stays, coef, new),
            op.where(skips, before, coef),
            op.where(skips, height, now),
            op.where(skips, made, op.add(made, one)),
            op.where(skips, op.where(op.greater(chosen, zero), zero, rest), left),
            inside,
            signs,
            swept,
            op.and_(drops, op.not_(skips)),
            ends,
        )

    rows = op.shape(product, end=1)
    column = op.concat([rows, constant([1], np.int64)], axis=0)
    square = op.concat([rows, constant([many, many], np.int64)], axis=0)
    nothing, none = op.mul(product, zero), op.expand(constant([[0.0]]), column)
    no = op.expand(constant([[False]], np.bool_), column)
    whole = op.expand(by_gram, square)
    state = [nothing, nothing, none, none, product, nothing, nothing, whole, no, no]
    trips = constant(steps + many + 1, np.int64)
    found = op.loop(trips, constant([True], np.bool_), v_initial=state, body=step)
    return op.reshape(found[0], constant([-1, many], np.int64))


def _solved(swept: Var, values: Var, inside: Var) -> Var:
    """The inverse that stands in `swept` for what is inside, times `values` [rows, k]."""
    last = constant([2], np.int64)
    return op.mul(op.squeeze(op.matmul(swept, op.unsqueeze(values, last)), last), inside)


def _least(values: Var, where: Var) -> Var:
    """[rows, 1]: the least positive of `values` [rows, k] `where` true, or the largest float64."""
    largest = constant(LARGEST)
    found = op.where(op.and_(where, op.greater(values, constant(0.0))), values, largest)
    return op.reduce_min(found, constant([1], np.int64), keepdims=1)


def _rounded(values: Var) -> Var:
    """`np.around(values, 15)`, which scikit-learn does so that ties stay ties.

    Adding and taking away 1.5 * 2**52 rounds half to even, below 2**51; what is larger holds no
    15 decimals. The operator Round was seen to lose digits here, inside a Loop (onnxruntime 1.31).
    """
    scale, shift = constant(1e15), constant(1.5 * 2.0**52)
    scaled = op.mul(values, scale)
    rounded = op.sub(op.add(scaled, shift), shift)
    small = op.less(op.abs(scaled), constant(2.0**51))
    return op.where(small, op.div(rounded, scale), values)


def sweep(swept: Var, chosen: Var) -> tuple[Var, Var]:
    """Sweep matrices [rows, k, k] by the chosen index, one-hot [rows, k], of each.

    Returns the pivot [rows, 1] and A - (c - e)(r + e) / p, whose part for all the swept indices
    is the inverse of the first matrix's. Sweeping again takes the index out.
    """
    axis = constant([1], np.int64)
    last = constant([2], np.int64)
    e = op.unsqueeze(chosen, axis)
    et = op.unsqueeze(chosen, last)
    row = op.matmul(e, swept)
    column = op.matmul(swept, et)
    pivot = op.matmul(row, et)
    outer = op.matmul(op.sub(column, et), op.div(op.add(row, e), pivot))
    return op.squeeze(pivot, last), op.sub(swept, outer)
