"""Rows at every split of every tree: the threshold and its neighbours, one ULP each.

A row must reach the split to test it. So each is made from a sample row that does, and only
the column that drives the split is changed. Steps before the trees are followed numerically:
the value where a split flips is found by bisection over the float64 numbers themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from bundle.arrays import MISSING_TEXT, Array, Arrays, rows_of
from bundle.signature import Column, Signature
from converters.describe import UNKNOWN_TEXT
from converters.original import Original
from parity.columns import column, repeat, stack, take

MAX_ROWS = 20_000
"""Beyond this many, an even selection of the splits is tried."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """Node of a tree: the feature it looks at, its threshold, and a sample row that reaches it."""

    feature: int
    threshold: float
    row: int


def split_rows(original: Original, sample: Arrays) -> dict[str, Array] | None:
    """Rows on both sides of every reachable split; None where the model has no trees."""
    steps, trees = _trees(original.model)
    if not trees:
        return None
    follow = _Follow(original, steps, sample)
    splits = [split for tree in trees for split in _reached(tree, follow.matrix)]
    parts = [*follow.number_rows(splits), *follow.text_rows(splits)]
    if not parts:
        return None
    rows = stack(parts)
    count = rows_of(rows)
    if count <= MAX_ROWS:
        return rows
    return take(rows, np.linspace(0, count - 1, MAX_ROWS).astype(int))


def _trees(model: Any) -> tuple[list[Any], list[Any]]:
    """The transformers before the trees, and the trees."""
    steps = []
    while type(model).__name__ == "Pipeline":
        steps += [step for _, step in model.steps[:-1] if step not in (None, "passthrough")]
        model = model.steps[-1][1]
    if hasattr(model, "tree_"):
        return steps, [model.tree_]
    inner = np.ravel(np.asarray(getattr(model, "estimators_", []), dtype=object))
    return steps, [estimator.tree_ for estimator in inner if hasattr(estimator, "tree_")]


def _reached(tree: Any, matrix: Array) -> Iterator[Split]:
    """Each split that some row of `matrix` (float32) reaches, with one such row."""
    path = sparse.csc_matrix(tree.decision_path(matrix))
    for node in np.flatnonzero(tree.children_left != -1):
        reached = path.indices[path.indptr[node] : path.indptr[node + 1]]
        if len(reached):
            yield Split(
                feature=int(tree.feature[node]),
                threshold=float(tree.threshold[node]),
                row=int(reached[node % len(reached)]),
            )


class _Follow:
    """Follows columns through the steps before the trees."""

    def __init__(self, original: Original, steps: list[Any], sample: Arrays) -> None:
        self.original, self.steps = original, steps
        self.signature: Signature = original.signature
        self.sample = sample
        self.matrix = self.features(sample).astype(np.float32)
        self.drives = self._drives()

    def features(self, arrays: Arrays) -> Array:
        """[rows, features] float64, as the trees get them before rounding to float32."""
        rows = self.original.rows(arrays)
        for step in self.steps:
            rows = step.transform(rows)
        dense = rows.toarray() if sparse.issparse(rows) else np.asarray(rows)
        return dense.astype(np.float64)

    def _drives(self) -> dict[int, Column]:
        """For each feature that one column alone moves, that column."""
        before = self.features(take(self.sample, slice(0, 64)))
        moved: dict[int, list[Column]] = {}
        for described in self.signature.columns:
            for value in self._values(described):
                changed = take(self.sample, slice(0, 64))
                column(self.signature, changed, described.name)[:] = value
                differs = ~np.isclose(
                    self.features(changed), before, rtol=0, atol=0, equal_nan=True
                )
                for feature in np.flatnonzero(differs.any(axis=0)):
                    if described not in moved.setdefault(int(feature), []):
                        moved[int(feature)].append(described)
        return {feature: columns[0] for feature, columns in moved.items() if len(columns) == 1}

    def _values(self, described: Column) -> list[Any]:
        if described.kind == "number":
            return [described.minimum or 0.0, (described.maximum or 0.0) + 1.0]
        known: list[Any] = list(described.categories or ())
        known += [] if described.closed else [UNKNOWN_TEXT]
        return known + ([MISSING_TEXT] if described.nullable else [])

    def number_rows(self, splits: list[Split]) -> Iterator[dict[str, Array]]:
        """For splits on number columns: the last value that goes left, its neighbours."""
        for described in self.signature.columns:
            mine = [s for s in splits if self.drives.get(s.feature) == described]
            if described.kind != "number" or not mine or described.closed:
                continue
            edge, found = self._edges(described, mine)
            base = take(self.sample, np.array([s.row for s in mine])[found])
            for value in (np.nextafter(edge, -np.inf), edge, np.nextafter(edge, np.inf)):
                rows = take(base, slice(None))
                column(self.signature, rows, described.name)[:] = value[found]
                yield rows

    def _edges(self, described: Column, splits: list[Split]) -> tuple[Array, Array]:
        """Bisect float64 for the last value on the low side of each split; and which were found."""
        thresholds = np.array([s.threshold for s in splits])
        features = np.array([s.feature for s in splits])
        base = repeat(take(self.sample, slice(0, 1)), len(splits))

        def left(values: Array) -> Array:
            column(self.signature, base, described.name)[:] = values
            z = self.features(base)[np.arange(len(splits)), features]
            return np.asarray(z.astype(np.float32) <= thresholds)

        low = np.full(len(splits), _ordinal(described.lowest or -1e30))
        high = np.full(len(splits), _ordinal(described.highest or 1e30))
        at_low, at_high = left(_number(low)), left(_number(high))
        for _ in range(64):
            middle = (low >> 1) + (high >> 1) + (low & high & 1)
            same = left(_number(middle)) == at_low
            low, high = np.where(same, middle, low), np.where(same, high, middle)
        return _number(low), at_low != at_high

    def text_rows(self, splits: list[Split]) -> Iterator[dict[str, Array]]:
        """For splits on text columns: a row that reaches each, with every value of the column."""
        for described in self.signature.columns:
            mine = [s for s in splits if self.drives.get(s.feature) == described]
            if described.kind != "text" or not mine:
                continue
            base = take(self.sample, np.array([s.row for s in mine]))
            for value in self._values(described):
                rows = take(base, slice(None))
                column(self.signature, rows, described.name)[:] = value
                yield rows


def _ordinal(value: float) -> int:
    """Number the float64 values in order, so that neighbours differ by 1."""
    bits = int(np.float64(value).view(np.int64))
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def _number(ordinals: Array) -> Array:
    """Give the float64 of each ordinal."""
    bits = np.where(ordinals >= 0, ordinals, (-ordinals) | np.int64(-(2**63)))
    return bits.astype(np.int64).view(np.float64)
