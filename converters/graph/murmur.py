"""MurmurHash3 (x86, 32 bits, seed 0) of many runs of bytes at once, in int64.

A factor of 32 bits taken as signed is at most 2**31 in size, so its product with a number of 32
bits fits an int64, and the lowest 32 bits of it are what the hash keeps.
"""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.table import constant, cut

BLOCK = 4
"""Bytes that are mixed in at once."""
ALL = 2**32
MASK = ALL - 1


def hashed(data: Var, starts: Var, ends: Var) -> Var:
    """Int64 [n], 0 to 2**32 - 1: the hash of each run of the bytes `data`, from start to end."""
    mixed = _mixed(data)
    size = op.reshape(op.shape(mixed, start=1), constant([], np.int64))
    mixed = op.reshape(mixed, constant([-1], np.int64))
    lengths = op.sub(ends, starts)
    blocks = op.div(lengths, constant(BLOCK, np.int64))
    state = _over_blocks(op.add(starts, op.mul(size, constant(BLOCK, np.int64))), blocks, mixed)
    over = op.mod(lengths, constant(BLOCK, np.int64))
    rest = op.sub(ends, over)
    state = op.bitwise_xor(state, op.gather(mixed, op.add(rest, op.mul(over, size)), axis=0))
    return _final(op.bitwise_xor(state, lengths))


def _mixed(data: Var) -> Var:
    """[5, bytes + 1]: the first 0 to 4 bytes from each place on, mixed before they join a hash.

    So the bytes are mixed once for each place, not once for each run that goes over it.
    """
    padded = op.concat([data, constant(np.zeros(BLOCK), np.int64)], axis=0)
    sums = op.mul(cut(padded, 0, 1 - BLOCK), constant(0, np.int64))
    rows = [sums]
    for i in range(BLOCK):
        sums = op.add(
            sums, op.mul(cut(padded, i, i + 1 - BLOCK or None), constant(256**i, np.int64))
        )
        rows.append(sums)
    value = op.concat([op.unsqueeze(row, constant([0], np.int64)) for row in rows], axis=0)
    return _times(_turned(_times(value, 0xCC9E2D51), 15), 0x1B873593)


def _over_blocks(starts: Var, blocks: Var, mixed: Var) -> Var:
    """The state of each hash after its whole blocks; those that have none left are not touched."""
    count = op.shape(starts)
    zero, one = constant(0, np.int64), constant(1, np.int64)
    places = op.range(zero, op.reshape(count, constant([], np.int64)), one)
    # The 0 is for rows without any term, of which there is no largest.
    most = op.reduce_max(op.concat([blocks, constant([0], np.int64)], axis=0), keepdims=0)

    def body(step: Var, _: Var, state: Var) -> list[Var]:
        step = op.reshape(step, constant([], np.int64))
        state = op.reshape(state, constant([-1], np.int64))
        active = op.compress(places, op.greater(blocks, step))
        at = op.add(op.gather(starts, active, axis=0), op.mul(step, constant(BLOCK, np.int64)))
        value = op.bitwise_xor(op.gather(state, active, axis=0), op.gather(mixed, at, axis=0))
        value = op.mul(_turned(value, 13), constant(5, np.int64))
        value = _low(op.add(value, constant(0xE6546B64, np.int64)))
        return [constant(True, np.bool_), op.scatter_elements(state, active, value, axis=0)]  # noqa: FBT003

    first = op.constant_of_shape(count, value=np.zeros(1, np.int64))
    (state,) = op.loop(most, v_initial=[first], body=body)
    return op.reshape(state, constant([-1], np.int64))


def _final(value: Var) -> Var:
    value = _times(_shifted_in(value, 16), 0x85EBCA6B)
    value = _times(_shifted_in(value, 13), 0xC2B2AE35)
    return _shifted_in(value, 16)


def _shifted_in(value: Var, by: int) -> Var:
    return op.bitwise_xor(value, op.div(value, constant(2**by, np.int64)))


def _turned(value: Var, by: int) -> Var:
    """The 32 bits turned to the left: those that leave on the left come in on the right."""
    wide = op.mul(value, constant(2**by, np.int64))
    return op.add(_low(wide), op.div(wide, constant(ALL, np.int64)))


def _times(value: Var, factor: int) -> Var:
    signed = factor - ALL if factor >= ALL // 2 else factor
    return _low(op.mul(value, constant(signed, np.int64)))


def _low(value: Var) -> Var:
    return op.bitwise_and(value, constant(MASK, np.int64))
