"""Rows made to provoke a difference, by kind."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from bundle.arrays import MISSING_TEXT, Array, Arrays, rows_of
from bundle.signature import Column
from converters.describe import UNKNOWN_TEXT
from converters.original import Original
from parity.columns import column, repeat, stack, take
from parity.edges import edge_rows
from parity.splits import split_rows
from parity.texts import text_rows

AT_LEAST = 10_000
"""Rows in all; the uniform kind fills up what the others leave."""
SPLITS = 2
"""Rows at splits, at most, for each row in all that is asked for."""
MAGNITUDES = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    5e-324,
    -5e-324,
    1e-300,
    1e-8,
    -1e-8,
    1e8,
    -1e8,
    1e15,
    1e30,
    -1e30,
)


@dataclass(frozen=True, kw_only=True)
class Probe:
    """Rows of one kind."""

    kind: str
    rows: Arrays


def make_probes(
    original: Original, sample: Arrays, *, seed: int = 0, at_least: int = AT_LEAST
) -> list[Probe]:
    """Rows of every kind that the model's signature allows; the same for the same seed.

    `at_least`: rows in all, of which a fifth or more are uniform; the others have no bound but
    their own.
    """
    rng = np.random.default_rng(seed)
    some = take(sample, rng.permutation(rows_of(sample))[:2_000])
    made = {
        "sample": some,
        "splits": split_rows(original, some, SPLITS * at_least),
        "edges": edge_rows(original, some),
        "missing": _missing(original, some),
        "categories": _categories(original, some),
        "texts": text_rows(original, some, rng),
        "extremes": _extremes(original, some),
    }
    probes = [Probe(kind=kind, rows=rows) for kind, rows in made.items() if rows is not None]
    left = max(at_least // 5, at_least - sum(rows_of(probe.rows) for probe in probes))
    return [*probes, Probe(kind="uniform", rows=_uniform(original, some, left, rng))]


def _missing(original: Original, sample: Arrays) -> dict[str, Array] | None:
    """Each nullable column missing alone, then all of them together."""
    nullable = [c for c in original.signature.columns if c.nullable]
    if not nullable:
        return None
    parts = [_gaps(original, sample, [described]) for described in nullable]
    return stack([*parts, _gaps(original, sample, nullable)])


def _gaps(original: Original, sample: Arrays, columns: list[Column]) -> dict[str, Array]:
    rows = repeat(sample, 100)
    for described in columns:
        gap = np.nan if described.kind == "number" else MISSING_TEXT
        column(original.signature, rows, described.name)[:] = gap
    return rows


def _categories(original: Original, sample: Arrays) -> dict[str, Array] | None:
    """Each column that enumerates: every known category, and unknown ones where accepted."""
    parts = []
    for described in original.signature.columns:
        for value in [*(described.categories or ()), *_unknown(described)]:
            rows = repeat(sample, 20)
            column(original.signature, rows, described.name)[:] = value
            parts.append(rows)
    return stack(parts) if parts else None


def _unknown(described: Column) -> list[float | str]:
    if described.closed or described.dtype == "bool":
        return []
    if described.kind == "text":
        return [UNKNOWN_TEXT, "", " ", "\u00e9\u4e16\U0001f427"]
    return [-12345.678] if described.categories else []


def _extremes(original: Original, sample: Arrays) -> dict[str, Array] | None:
    """Zeros, negatives, tiny and large magnitudes: a column at a time, then all at once."""
    open_numbers = [
        c
        for c in original.signature.columns
        if c.kind == "number" and not c.closed and c.dtype != "bool"
    ]
    parts = []
    for value in MAGNITUDES:
        fitting = [c for c in open_numbers if _holds(c, value)]
        for chosen in [*([c] for c in fitting), fitting]:
            rows = repeat(sample, 4)
            for described in chosen:
                column(original.signature, rows, described.name)[:] = value
            parts.append(rows)
    return stack(parts) if parts else None


def _holds(described: Column, value: float) -> bool:
    low = -np.inf if described.lowest is None else described.lowest
    high = np.inf if described.highest is None else described.highest
    return bool(low <= value <= high)


def _uniform(
    original: Original, sample: Arrays, count: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Independent uniform values over each column's range and a tenth beyond; known categories."""
    rows = repeat(sample, count)
    for described in original.signature.columns:
        values = column(original.signature, rows, described.name)
        values[:] = _drawn(described, values, count, rng)
    return rows


def _drawn(described: Column, seen: Array, count: int, rng: np.random.Generator) -> Array:
    if described.closed or described.kind == "text":
        known = np.array(described.categories or [*dict.fromkeys(seen)], dtype=object)
        return known[rng.integers(0, len(known), count)]
    low, high = described.minimum or 0.0, described.maximum or 0.0
    margin = 0.1 * (high - low)
    low, high = low - margin, high + margin
    # What the signature refuses is no row to try: the original gives no answer.
    low = low if described.lowest is None else max(low, described.lowest)
    high = high if described.highest is None else min(high, described.highest)
    drawn = rng.uniform(low, high, count)
    if described.dtype == "bool":
        return rng.integers(0, 2, count).astype(np.float64)
    if described.dtype.startswith(("int", "uint")):
        return np.clip(np.rint(drawn), np.ceil(low), np.floor(high))
    return drawn
