"""Known sequences of small numbers, found by exact arithmetic: no hash that could collide."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.table import constant

Run = tuple[int, ...]

BITS = 62
"""What an int64 surely holds."""


def windows(values: Var, starts: Var, width: int) -> Var:
    """Int64 [n, width]: `values` from each of `starts` on; 0 after the last."""
    padded = op.concat([values, constant(np.zeros(width), np.int64)], axis=0)
    places = op.add(
        op.unsqueeze(starts, constant([1], np.int64)), constant(np.arange(width), np.int64)
    )
    return op.gather(padded, places, axis=0)


def find(rows: Var, width: int, base: int, known: Sequence[Run], absent: int) -> Var:
    """Int64 [n]: which of `known` each of `rows` [n, width] is, or `absent`.

    The numbers are below `base`; a shorter sequence is filled up with 0, which none holds. As many
    numbers as an int64 holds are written in one, and found by it; then the next as many.
    """
    if not known:
        return op.expand(constant(absent, np.int64), op.shape(rows, end=1))
    size = max(1, min(width, int(BITS // np.log2(base))))
    chunks = -(-width // size)
    if width % size:
        filling = constant([0, 0, 0, chunks * size - width], np.int64)
        rows = op.pad(rows, filling, constant(0, np.int64))
    powers = constant([[base**i] for i in range(size)], np.int64)
    parts = op.matmul(op.reshape(rows, constant([-1, chunks, size], np.int64)), powers)
    written = [_written(run, size, chunks, base) for run in known]
    state: Var | None = None
    states: dict[Run, int] = {}
    for at in range(chunks):
        part = op.gather(parts, constant([at], np.int64), axis=1)
        part = op.reshape(part, constant([-1], np.int64))
        final = at == chunks - 1
        prefixes = [keys[: at + 1] for keys in written]
        reached = (
            {prefix: i for i, prefix in enumerate(prefixes)}
            if final
            else {prefix: i for i, prefix in enumerate(dict.fromkeys(prefixes))}
        )
        default = absent if final else -1
        if state is None:
            state = _encoded(part, {keys[-1]: i for keys, i in reached.items()}, default)
        else:
            numbers = {key: i for i, key in enumerate(dict.fromkeys(keys[-1] for keys in reached))}
            many = len(numbers) + 1  # an unknown part, -1, then falls on no sum of known ones
            sums = op.add(op.mul(state, constant(many, np.int64)), _encoded(part, numbers, -1))
            keyed = {states[keys[:-1]] * many + numbers[keys[-1]]: i for keys, i in reached.items()}
            state = _encoded(sums, keyed, default)
        states = reached
    assert state is not None  # noqa: S101 - there is at least one chunk
    return state


def _written(run: Run, size: int, chunks: int, base: int) -> Run:
    filled = [*run, *[0] * (chunks * size - len(run))]
    return tuple(
        sum(number * base**i for i, number in enumerate(filled[at * size : (at + 1) * size]))
        for at in range(chunks)
    )


def _encoded(values: Var, codes: dict[int, int], default: int) -> Var:
    return ml.label_encoder(
        values,
        keys_int64s=list(codes),
        values_int64s=list(codes.values()),
        default_int64=default,
    )
