"""Rows at every split of every tree: the threshold and its neighbours, one ULP each; missing.

A row must reach the split to test it. So each is made from a sample row that does, and only
the column that drives the split is changed. Steps before the trees are followed numerically:
the value where a split flips is found by bisection over the float64 numbers themselves.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from bundle.arrays import MISSING_TEXT, Array, Arrays, rows_of
from bundle.signature import Column, Signature
from converters.describe import UNKNOWN_TEXT
from converters.ordinals import number, ordinal
from converters.original import Original
from parity.columns import column, repeat, stack, take
from parity.inside import Path
from parity.nodes import LEAF, Nodes, trees_of

SOME = 32
"""Sample rows that show which column drives which feature."""
VALUES = 40
"""Values of a column that are tried at a split, where its categories are not known."""
POINTS_BITS = 4
POINTS = 2**POINTS_BITS
"""Parts that each round of the search for a split's edge cuts the float64 numbers into."""


@dataclass(frozen=True, kw_only=True)
class Split:
    """A split on a feature that one column alone drives, and a sample row that reaches it."""

    feature: int
    column: Column
    threshold: float
    single: bool
    by_set: bool
    row: int


def split_rows(original: Original, sample: Arrays, most: int) -> dict[str, Array] | None:
    """At most about `most` rows on both sides of reachable splits; None where there are none."""
    found = [
        (follow, split)
        for path, trees in trees_of(original.model).items()
        for follow in [_Follow(original, path, sample)]
        for split in follow.splits(trees)
    ]
    parts: list[dict[str, Array]] = []
    by_path: dict[_Follow, list[Split]] = {}
    for follow, split in _evenly(found, most // 4):
        by_path.setdefault(follow, []).append(split)
    for follow, splits in by_path.items():
        parts += [*follow.number_rows(splits), *follow.value_rows(splits)]
    if not parts:
        return None
    rows = stack(parts)
    return take(rows, _evenly(np.arange(rows_of(rows)), most))


def _evenly(values: Any, most: int) -> Any:
    """All of them, or an even selection of `most`."""
    if len(values) <= most:
        return values
    chosen = np.linspace(0, len(values) - 1, most).astype(int)
    return values[chosen] if isinstance(values, np.ndarray) else [values[i] for i in chosen]


class _Follow:
    """Follows columns through the steps before some trees."""

    def __init__(self, original: Original, path: Path, sample: Arrays) -> None:
        self.original, self.path = original, path
        self.signature: Signature = original.signature
        self.sample = sample
        self.matrix = self.features(sample)
        self.drives = self._drives()

    def features(self, arrays: Arrays) -> Array:
        """[rows, features] float64, as the trees get them before they round or compare."""
        rows = self.original.rows(arrays)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # unknown categories, overflow: the values count
            for step in self.path:
                rows = step(rows)
        if not sparse.issparse(rows) and hasattr(rows, "sparse"):
            rows = rows.to_numpy()
        dense = rows.toarray() if sparse.issparse(rows) else np.asarray(rows)
        return self._numbers(dense)

    def _numbers(self, dense: Array) -> Array:
        if dense.dtype.kind in "biuf":
            return dense.astype(np.float64)
        numeric = np.zeros(dense.shape)  # beside text columns, which no tree looks at
        for position in range(dense.shape[1]):
            values = dense[:, position]
            if not any(isinstance(value, str) for value in values):
                numeric[:, position] = values.astype(np.float64)
        return numeric

    def _drives(self) -> dict[int, Column]:
        """For each feature that one column alone moves, that column."""
        few = repeat(self.sample, min(SOME, rows_of(self.sample)))
        changes = [(c, value) for c in self.signature.columns for value in self._values(c)]
        changed = [few]
        for described, value in changes:
            rows = take(few, slice(None))
            column(self.signature, rows, described.name)[:] = value
            changed.append(rows)
        answers = self.features(stack(changed)).reshape(len(changed), rows_of(few), -1)
        before, moved = answers[0], dict[int, set[str]]()
        for (described, _), after in zip(changes, answers[1:], strict=True):
            differs = (after != before) & ~(np.isnan(after) & np.isnan(before))
            for feature in np.flatnonzero(differs.any(axis=0)).tolist():
                moved.setdefault(feature, set()).add(described.name)
        return {
            feature: self.signature.by_name[next(iter(names))]
            for feature, names in moved.items()
            if len(names) == 1
        }

    def _values(self, described: Column) -> list[Any]:
        """What a column may hold: what is known of it, something unknown, missing."""
        known: list[Any] = list(described.categories or ())
        if described.dtype == "bool":
            return [0.0, 1.0]
        if described.kind == "number":
            ends = [described.minimum or 0.0, (described.maximum or 0.0) + 1.0]
            return known + ([] if described.closed else ends) + self._gap(described)
        return known + ([] if described.closed else [UNKNOWN_TEXT]) + self._gap(described)

    def _gap(self, described: Column) -> list[Any]:
        gap = np.nan if described.kind == "number" else MISSING_TEXT
        return [gap] if described.nullable else []

    def splits(self, trees: list[Nodes]) -> Iterator[Split]:
        """The splits that some row of the sample reaches, and that one column drives."""
        for nodes in trees:
            reached = nodes.reached(self.matrix)
            for node in np.flatnonzero((nodes.left != LEAF) & (reached >= 0)).tolist():
                feature = int(nodes.feature[node])
                if feature in self.drives:
                    yield Split(
                        feature=feature,
                        column=self.drives[feature],
                        threshold=float(nodes.threshold[node]),
                        single=nodes.single,
                        by_set=bool(nodes.by_set[node] >= 0),
                        row=int(reached[node]),
                    )

    def number_rows(self, splits: list[Split]) -> Iterator[dict[str, Array]]:
        """For splits on number columns: the last value that goes left, its neighbours; missing."""
        mine = [s for s in splits if s.column.kind == "number" and not _is_closed(s.column)]
        gaps = [s for s in mine if s.column.nullable]
        if gaps:
            yield self._set(gaps, np.full(len(gaps), np.nan))
        mine = [s for s in mine if not s.by_set]
        if not mine:
            return
        edge, found = self._edges(mine)
        kept = [s for s, each in zip(mine, found.tolist(), strict=True) if each]
        for value in (np.nextafter(edge, -np.inf), edge, np.nextafter(edge, np.inf)):
            if kept:
                yield self._set(kept, value[found])

    def _set(self, splits: list[Split], values: Array) -> dict[str, Array]:
        """The row that reaches each split, with a value of its own in the split's column."""
        rows = take(self.sample, np.array([s.row for s in splits]))
        names = np.array([s.column.name for s in splits])
        for name in np.unique(names).tolist():
            column(self.signature, rows, name)[names == name] = values[names == name]
        return rows

    def _edges(self, splits: list[Split]) -> tuple[Array, Array]:
        """Find the last float64 on the low side of each split; and which splits have two sides.

        Each round asks at POINTS places between the ends of every split, in one batch.
        """
        limits = [(s.column.lowest, s.column.highest) for s in splits]
        low = np.array([ordinal(-1e30 if each is None else each) for each, _ in limits])
        high = np.array([ordinal(1e30 if each is None else each) for _, each in limits])
        at_low, at_high = self._left(splits, np.stack([low, high], axis=1)).T
        steps = np.arange(1, POINTS)
        while ((high >> 1) - (low >> 1)).max() > 1 or (high - low).max() > 1:
            width = np.maximum((high >> POINTS_BITS) - (low >> POINTS_BITS), 1)
            points = np.minimum(low[:, None] + width[:, None] * steps, high[:, None])
            same = self._left(splits, points) == at_low[:, None]
            ends = np.column_stack([low, points, high])
            last = np.column_stack([same, np.zeros(len(same), dtype=np.bool_)]).argmin(axis=1)
            row = np.arange(len(ends))
            low, high = ends[row, last], ends[row, last + 1]
        return number(low), at_low != at_high

    def _left(self, splits: list[Split], ordinals: Array) -> Array:
        """[splits, k] whether the split goes left for each of [splits, k] values."""
        count, k = ordinals.shape
        rows = self._set([s for s in splits for _ in range(k)], number(ordinals.ravel()))
        features = np.repeat([s.feature for s in splits], k)
        z = self.features(rows)[np.arange(count * k), features].reshape(count, k)
        thresholds = np.array([[s.threshold] for s in splits])
        single = np.array([[s.single] for s in splits])
        with np.errstate(over="ignore"):
            return np.asarray(np.where(single, z.astype(np.float32), z) <= thresholds)

    def value_rows(self, splits: list[Split]) -> Iterator[dict[str, Array]]:
        """For splits that a category decides: a row that reaches each, with every value."""
        for described in self.signature.columns:
            mine = [s for s in splits if s.column == described and _by_category(s)]
            if not mine:
                continue
            values = self._values(described)
            if not described.categories:
                seen = column(self.signature, self.sample, described.name).tolist()
                values += list(dict.fromkeys(seen))[:VALUES]
            for value in values:
                rows = take(self.sample, np.array([s.row for s in mine]))
                column(self.signature, rows, described.name)[:] = value
                yield rows


def _by_category(split: Split) -> bool:
    return split.by_set or split.column.kind == "text" or _is_closed(split.column)


def _is_closed(described: Column) -> bool:
    return described.closed or described.dtype == "bool"
