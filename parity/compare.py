"""Compare two answers, value by value; the result is a value, never an assertion.

Numbers are measured relative to max(|expected|, scale). The scale of probabilities is 1; of
other numbers, column by column, the median magnitude of the original's answers to the sample:
near a zero crossing the original's own rounding is of that size, so no finer measure has a
meaning.
Labels are equal or not. A row whose two best scores in the original lie within
`TIE` of each other is a tie: reported, and may fall either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bundle.arrays import Array, Arrays
from bundle.signature import Output, Signature

TIE = 1e-12

Scales = Mapping[str, Array]
"""The scale of each output, or of each of its columns."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """For each row and output: the absolute and the relative difference; labels differ by inf."""

    absolute: Mapping[str, Array]
    relative: Mapping[str, Array]
    labels_differ: Array
    ties: Array

    @property
    def worst(self) -> Array:
        """[rows] the largest relative difference, over outputs."""
        return np.asarray(np.max(np.stack(list(self.relative.values())), axis=0))


def compare(signature: Signature, expected: Arrays, got: Arrays, scales: Scales) -> Compared:
    """Compare `got` with the original's `expected`, row by row."""
    tied = _tied(expected)
    absolute, relative = {}, {}
    differ = np.zeros(len(tied), dtype=bool)
    ties = np.zeros(len(tied), dtype=bool)
    for output in signature.outputs:
        want, have = expected[output.name], got[output.name]
        if want.shape != have.shape:
            raise ValueError(f"{output.name}: shape {have.shape}, expected {want.shape}")
        if output.is_label:
            wrong = _any(want != have)
            differ |= wrong & ~tied
            ties |= wrong & tied
            absolute[output.name] = relative[output.name] = np.where(wrong & ~tied, np.inf, 0.0)
        elif output.datatype == "BYTES":
            wrong = _any(want != have)
            absolute[output.name] = relative[output.name] = np.where(wrong, np.inf, 0.0)
        else:
            off = _distance(want, have)
            size = np.maximum(np.abs(np.nan_to_num(want)), scales[output.name])
            absolute[output.name] = _per_row(off)
            relative[output.name] = _per_row(off / size)
    return Compared(absolute=absolute, relative=relative, labels_differ=differ, ties=ties)


def scales(signature: Signature, answers: Arrays) -> Scales:
    """The scale of each output, from the original's answers to the sample."""
    return {output.name: _scale(output, answers[output.name]) for output in signature.outputs}


def _scale(output: Output, values: Array) -> Array:
    if output.name.startswith("probabilities") or values.dtype.kind != "f" or not len(values):
        return np.ones(1)
    size = np.abs(np.where(np.isfinite(values), values, 0.0))
    median = np.median(size, axis=0)
    # A column that is 0 for most rows (one-hot, sparse features) is measured by its largest.
    median = np.where(median > 0, median, size.max(axis=0))
    return np.asarray(np.where(median > 0, median, 1.0))


def _distance(want: Array, have: Array) -> Array:
    """|want - have|: 0 where both are NaN or the same infinity, inf where only one is finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(want.astype(np.float64) - have)
    same = (want == have) | (np.isnan(want) & np.isnan(have))
    return np.where(same, 0.0, np.where(np.isnan(off), np.inf, off))


def _per_row(values: Array) -> Array:
    axes = tuple(range(1, values.ndim))
    return np.asarray(values.max(axis=axes, initial=0.0) if axes else values)


def _any(wrong: Array) -> Array:
    return np.asarray(wrong.any(axis=tuple(range(1, wrong.ndim))) if wrong.ndim > 1 else wrong)


def _tied(expected: Arrays) -> Array:
    """[rows] whether the original's two best scores, for any target, lie within TIE."""
    rows = len(next(iter(expected.values())))
    tied = np.zeros(rows, dtype=bool)
    for name, values in expected.items():
        if name.startswith("probabilities") or name == "score":
            tied |= _close(values)
        elif name == "features" and "cluster" in expected and values.ndim == 2:
            tied |= _close(-values)  # clusterers transform to distances, the least is the best
    return tied


def _close(scores: Array) -> Array:
    """Whether the two largest of [rows, k] are one within TIE; of [rows], whether it is 0."""
    if scores.ndim == 1:
        return np.asarray(np.abs(scores) <= TIE)
    if scores.shape[1] < 2:
        return np.zeros(len(scores), dtype=bool)
    best = np.sort(scores, axis=1)[:, -2:]
    with np.errstate(invalid="ignore"):
        near = best[:, 1] - best[:, 0] <= TIE * np.maximum(1.0, np.abs(best[:, 1]))
    return np.asarray(near | (best[:, 1] == best[:, 0]))
