"""Compare two answers, value by value; the result is a value, never an assertion.

Numbers are measured relative to max(|expected|, scale). The scale of probabilities is 1; of
other numbers, the median magnitude of the original's answers to the sample: near a zero
crossing the original's own rounding is of that size, so no finer measure has a meaning.
Labels are equal or not. A row whose two largest probabilities in the original lie within
`TIE` of each other is a tie: reported, and may fall either way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from bundle.arrays import Array, Arrays
from bundle.signature import Output, Signature

TIE = 1e-12


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


def compare(
    signature: Signature, expected: Arrays, got: Arrays, scales: Mapping[str, float]
) -> Compared:
    """Compare `got` with the original's `expected`, row by row."""
    tied = _tied(expected)
    absolute, relative = {}, {}
    differ = np.zeros(len(tied), dtype=bool)
    for output in signature.outputs:
        want, have = expected[output.name], got[output.name]
        if want.shape != have.shape:
            raise ValueError(f"{output.name}: shape {have.shape}, expected {want.shape}")
        if output.name == "label":
            wrong = want != have
            differ = wrong & ~tied
            absolute[output.name] = relative[output.name] = np.where(differ, np.inf, 0.0)
            ties = wrong & tied
        else:
            off = _distance(want, have)
            size = np.maximum(np.abs(np.nan_to_num(want)), scales[output.name])
            absolute[output.name] = _per_row(off)
            relative[output.name] = _per_row(off / size)
    return Compared(
        absolute=absolute,
        relative=relative,
        labels_differ=differ,
        ties=ties if "label" in absolute else np.zeros(len(tied), dtype=bool),
    )


def scales(signature: Signature, answers: Arrays) -> dict[str, float]:
    """The scale of each output, from the original's answers to the sample."""
    return {output.name: _scale(output, answers[output.name]) for output in signature.outputs}


def _scale(output: Output, values: Array) -> float:
    if output.name in ("label", "probabilities") or not len(values):
        return 1.0
    return float(np.median(np.abs(values))) or 1.0


def _distance(want: Array, have: Array) -> Array:
    """|want - have|: 0 where both are NaN or the same infinity, inf where only one is finite."""
    with np.errstate(invalid="ignore", over="ignore"):
        off = np.abs(want.astype(np.float64) - have)
    same = (want == have) | (np.isnan(want) & np.isnan(have))
    return np.where(same, 0.0, np.where(np.isnan(off), np.inf, off))


def _per_row(values: Array) -> Array:
    return np.asarray(values.reshape(len(values), -1).max(axis=1, initial=0.0))


def _tied(expected: Arrays) -> Array:
    rows = len(next(iter(expected.values())))
    probabilities = expected.get("probabilities")
    if probabilities is None or probabilities.shape[1] < 2:
        return np.zeros(rows, dtype=bool)
    best = np.sort(probabilities, axis=1)
    return np.asarray(best[:, -1] - best[:, -2] <= TIE)
