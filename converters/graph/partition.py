"""The k least as NumPy's argpartition chooses them among equals.

On x86 with AVX2 or AVX-512, NumPy (x86-simd-sort, `argselect`) sorts up to 256 values with a fixed
network of comparators, which exchange two values only where they are out of order. The network is
the same for both widths of register, so it is a function of the values. Of more than 256 values it
partitions by pivots first, in an order that depends on the processor: there the lower place wins.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.table import constant, cut

NETWORK = 256
"""Values that are sorted by the network alone."""


def least(values: Var, n: int, k: int, *, below: float = np.inf) -> tuple[Var, Var]:
    """The k least of [rows, n] and their places, ascending; ties from `below` on do not count."""
    if k >= n:
        value, place = op.top_k(values, constant([n], np.int64), axis=1, largest=0)
        return value, place
    value, place = op.top_k(values, constant([k + 1], np.int64), axis=1, largest=0)
    last, after = column(value, k - 1), column(value, k)
    value, place = head(value, k), head(place, k)
    if n > NETWORK:
        return value, place
    tied = op.and_(op.equal(last, after), op.less(last, constant(below)))
    tied = op.squeeze(tied, constant([1], np.int64))
    return where_tied(tied, value, place, lambda: _sorted(op.compress(values, tied, axis=0), n, k))


def column(values: Var, at: int) -> Var:
    """[rows, 1]: one column."""
    return op.gather(values, constant([at], np.int64), axis=1)


def head(values: Var, k: int) -> Var:
    """[rows, k]: the first columns."""
    return cut(values, 0, k, axis=1)


def where_tied(
    tied: Var, value: Var, place: Var, replay: Callable[[], tuple[Var, Var]]
) -> tuple[Var, Var]:
    """`value` and `place`, and where `tied` [rows] those of `replay`, which runs if any is."""

    def replayed() -> tuple[Var, Var]:
        values, places = replay()
        at = op.transpose(op.non_zero(op.cast(tied, to=np.int64)), perm=[1, 0])
        return op.scatter_nd(value, at, values), op.scatter_nd(place, at, places)

    code = op.concat([op.cast(tied, to=np.int32), constant([0], np.int32)], axis=0)
    some = op.cast(op.reduce_max(code, constant([0], np.int64), keepdims=0), to=np.bool_)
    value, place = op.if_(
        some,
        then_branch=replayed,
        else_branch=lambda: (op.identity(value), op.identity(place)),
    )
    return value, place


def _sorted(values: Var, n: int, k: int) -> tuple[Var, Var]:
    """Stage by stage through the network; the first k of [rows, n] and their places."""
    partners = _network(n)
    stages, size = partners.shape
    ahead = np.arange(size) < partners
    padded = op.pad(values, constant([0, 0, 0, size - n], np.int64), constant(np.inf))
    place = op.expand(constant(np.arange(size)[None], np.int64), op.shape(padded))

    def body(i: Var, going: Var, value: Var, place: Var) -> tuple[Var, ...]:
        partner = op.squeeze(op.gather(constant(partners, np.int64), i), constant([0], np.int64))
        other = op.gather(value, partner, axis=1)
        first = op.gather(constant(ahead, np.bool_), i)
        swapped = op.and_(
            op.equal(first, op.greater(value, other)), op.not_(op.equal(value, other))
        )
        moved = op.where(swapped, op.gather(place, partner, axis=1), place)
        return op.identity(going), op.where(swapped, other, value), moved

    value, place = op.loop(
        constant([stages], np.int64), constant([True], np.bool_), [padded, place], body=body
    )
    return head(value, k), head(place, k)


@cache
def _network(n: int) -> Array:
    """[stages, size]: which place each is compared with; bitonic merges."""
    size = 4
    while size < n:
        size *= 2
    places, stages, run = np.arange(size), [], 2
    while run <= size:
        stages.append(places // run * run + run - 1 - places % run)
        distance = run // 4
        while distance:
            stages.append(places ^ distance)
            distance //= 2
        run *= 2
    return np.array(stages)
