"""The heap of the k least (scikit-learn `utils/_heap.pyx`), for all rows of a batch at once."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.table import constant
from converters.graph.visits import Visits


def first_met(
    reduced: Var, way: tuple[Visits, Var] | None, *, n: int, k: int, start: int
) -> tuple[Var, Var]:
    """The k least of `reduced` [rows, n] and their places, met in order or on the tree's `way`.

    Only values below the largest held are pushed, so each round finds the next of those. The heap
    starts full of infinity at the place `start`.
    """
    met, place, trim = _in_order(reduced, way, n)
    rows = op.gather(op.shape(reduced), constant([0], np.int64))
    held = op.expand(constant([[np.inf] * k]), _shape(rows, k))
    where = op.expand(constant([[-1] * k], np.int64), _shape(rows, k))
    last = op.expand(constant([[-1]], np.int64), _shape(rows, 1))
    # Made when it is needed: a constant would be as large as a feature of the points.
    columns = op.range(*(constant(each, np.int64) for each in (0, n, 1)))

    def body(_: Var, __: Var, held: Var, where: Var, last: Var) -> tuple[Var, ...]:
        largest = op.gather(held, constant([0], np.int64), axis=1)
        fits = op.and_(op.less(met, largest), op.greater(columns, last))
        if trim is not None:
            fits = op.and_(fits, trim(largest, last))
        code = op.cast(fits, to=np.int32)
        at = op.arg_max(code, axis=1, keepdims=1)
        found = op.greater(op.gather_elements(code, at, axis=1), constant(0, np.int32))
        value = op.gather_elements(met, at, axis=1)
        pushed, moved = _push(held, where, value, at, k)
        some = op.reduce_max(op.cast(found, to=np.int32), keepdims=1)
        return (
            op.cast(op.reshape(some, constant([1], np.int64)), to=np.bool_),
            op.where(found, pushed, held),
            op.where(found, moved, where),
            op.where(found, at, constant([[n]], np.int64)),
        )

    held, where, _ = op.loop(
        constant([n + 1], np.int64), constant([True], np.bool_), [held, where, last], body=body
    )
    untouched = op.less(where, constant(0, np.int64))
    safe = op.where(untouched, constant(0, np.int64), where)
    places = safe if place is None else op.gather_elements(place, safe, axis=1)
    places = op.where(untouched, constant(start, np.int64), places)
    held, order = op.top_k(held, constant([k], np.int64), axis=1, largest=0)
    return held, op.gather_elements(places, order, axis=1)


def _in_order(
    reduced: Var, way: tuple[Visits, Var] | None, n: int
) -> tuple[Var, Var | None, Callable[[Var, Var], Var] | None]:
    """The values as they are met, their places, and what tells which the tree does not trim."""
    if way is None:
        return reduced, None, None
    visits, x = way
    _, place = op.top_k(visits.ranks(x), constant([n], np.int64), axis=1, largest=0)
    met = op.gather_elements(reduced, place, axis=1)
    if not visits.trims:
        return met, place, None
    along = visits.along(x)
    axis = constant([1], np.int64)
    every = op.expand(op.unsqueeze(place, axis), op.shape(along))
    bound = op.gather_elements(along, every, axis=2)
    holds = op.expand(constant(visits.levels[None], np.int64), op.shape(along))
    node = op.gather_elements(holds, every, axis=2)

    def trim(largest: Var, last: Var) -> Var:
        # A node is judged when it is entered. One that holds the last point pushed was entered
        # before; for any other the largest held is now what it will be then.
        inside = op.clip(last, constant(0, np.int64), constant(n - 1, np.int64))
        at = op.gather(node, constant([0], np.int64), axis=2)
        shape = op.shape(at)
        at = op.gather_elements(node, op.expand(op.unsqueeze(inside, axis), shape), axis=2)
        far = op.greater(bound, op.unsqueeze(largest, axis))
        barred = op.and_(far, op.not_(op.equal(node, at)))
        some = op.reduce_max(op.cast(barred, to=np.int32), axis, keepdims=0)
        return op.equal(some, constant(0, np.int32))

    return met, place, trim


def _shape(rows: Var, width: int) -> Var:
    return op.concat([rows, constant([width], np.int64)], axis=0)


def _push(held: Var, where: Var, value: Var, place: Var, k: int) -> tuple[Var, Var]:
    """Put `value` [rows, 1] in place of the root and sift it down."""
    zero = op.sub(place, place)
    at = zero
    depth = int(math.log2(k))
    for _ in range(depth):
        left = op.add(op.add(at, at), constant([[1]], np.int64))
        right = op.add(left, constant([[1]], np.int64))
        child_left, child_right = (_child(held, each, k) for each in (left, right))
        to_left = op.greater_or_equal(child_left, child_right)
        child = op.where(to_left, child_left, child_right)
        sinks = op.less(value, child)
        chosen = op.where(to_left, left, right)
        target = op.where(sinks, chosen, at)
        held = op.scatter_elements(held, at, op.gather_elements(held, target, axis=1), axis=1)
        where = op.scatter_elements(where, at, op.gather_elements(where, target, axis=1), axis=1)
        at = target
    return (
        op.scatter_elements(held, at, value, axis=1),
        op.scatter_elements(where, at, place, axis=1),
    )


def _child(held: Var, at: Var, k: int) -> Var:
    """The value at `at`; -inf beyond the heap."""
    inside = op.less(at, constant([[k]], np.int64))
    safe = op.where(inside, at, constant([[0]], np.int64))
    return op.where(inside, op.gather_elements(held, safe, axis=1), constant(-np.inf))
