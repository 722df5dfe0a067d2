"""The smallest row that shows a difference: every value that need not be odd is made plain."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bundle.arrays import MISSING_TEXT, Array, Arrays, Predict, rows_of
from bundle.signature import Column, Signature
from parity.columns import column, records, repeat, stack, take
from parity.compare import Scales, compare

_JUMP = 1e-6
"""What differs more between two neighbouring numbers is a threshold, not a slope."""


@dataclass(frozen=True, kw_only=True)
class Edge:
    """A threshold: the neighbours among the float64 between which the difference begins."""

    column: str
    equal: float
    differs: float

    def __str__(self) -> str:
        return (
            f"the difference begins between {self.column!r} = {self.equal!r}, where both agree, "
            f"and {self.differs!r}"
        )


@dataclass(frozen=True, kw_only=True)
class Smallest:
    """A row, the columns whose values are not the sample's typical ones, and a threshold."""

    row: Arrays
    matters: tuple[str, ...]
    edge: Edge | None


@dataclass(frozen=True, kw_only=True)
class Pair:
    """The original and a target, to be compared row by row."""

    original: Predict
    target: Predict
    signature: Signature
    scales: Scales
    tolerance: float

    def differs(self, rows: Arrays) -> Array:
        """[rows] where they differ; what one of them refuses is no difference."""
        try:
            return self._off(rows) > self.tolerance
        except Exception:  # noqa: BLE001 - of either, whatever it raises
            if rows_of(rows) == 1:
                return np.zeros(1, dtype=bool)
            singles = (take(rows, slice(row, row + 1)) for row in range(rows_of(rows)))
            return np.concatenate([self.differs(single) for single in singles])

    def _off(self, rows: Arrays) -> Array:
        expected, got = self.original(rows), self.target(rows)
        worst = compare(self.signature, expected, got, self.scales).worst
        return np.where(np.isnan(worst), np.inf, worst)

    def jumps(self, one: Arrays, other: Arrays) -> bool:
        """Whether either answers two near rows far apart."""
        pairs = [(f(one), f(other)) for f in (self.original, self.target)]
        return any(
            bool((compare(self.signature, a, b, self.scales).worst > _JUMP).any()) for a, b in pairs
        )


def shrink(pair: Pair, row: Arrays, sample: Arrays) -> Smallest:
    """Make the values of `row` plain, one column after another, while the difference stays."""
    signature = pair.signature
    typical = {c.name: _typical(column(signature, sample, c.name), c) for c in signature.columns}
    row = take(row, slice(None))
    changed = True
    while changed:
        changed = False
        for described in signature.columns:
            changed |= _plainer(pair, row, described, typical[described.name])
    matters = tuple(
        c.name for c in signature.columns if not _same(_value(pair, row, c), typical[c.name])
    )
    return Smallest(row=row, matters=matters, edge=_edge(pair, row, matters, typical))


def named(signature: Signature, row: Arrays) -> dict[str, Any]:
    """The row by column name."""
    return next(records(signature, row))


def from_record(signature: Signature, values: dict[str, Any]) -> dict[str, Array]:
    """A row by column name, as blocks of one row."""
    return {
        block.name: np.array(
            [[_blank(block.datatype) if values[c] is None else values[c] for c in block.columns]],
            dtype=object if block.datatype == "BYTES" else np.float64,
        )
        for block in signature.inputs
    }


def _blank(datatype: str) -> Any:
    return MISSING_TEXT if datatype == "BYTES" else np.nan


def _plainer(pair: Pair, row: dict[str, Array], described: Column, typical: Any) -> bool:
    """Put the plainest value that still shows the difference; whether it is another."""
    now = _value(pair, row, described)
    choices = list(_choices(described, now, typical))
    if not choices:
        return False
    tried = repeat(row, len(choices))
    for place, value in enumerate(choices):
        column(pair.signature, tried, described.name)[place] = value
    shown = np.flatnonzero(pair.differs(tried))
    if not len(shown):
        return False
    column(pair.signature, row, described.name)[0] = choices[int(shown[0])]
    return True


def _choices(described: Column, now: Any, typical: Any) -> Iterator[Any]:
    """The plainer values, the plainest first; nothing beyond the present one."""
    for value in _plain(described, now, typical):
        if _same(value, now):
            return
        yield value


def _plain(described: Column, now: Any, typical: Any) -> Iterator[Any]:
    yield typical
    if described.kind == "text" or described.closed:
        yield from described.categories or ()
    else:
        yield from (0.0, 1.0)
        if np.isfinite(now):
            yield from (float(f"{now:.{digits}g}") for digits in range(1, 17))
    if described.nullable:
        yield MISSING_TEXT if described.kind == "text" else np.nan


def _typical(values: Array, described: Column) -> Any:
    """A value of the sample in the middle, or the most frequent text."""
    if described.kind == "text":
        known = [value for value in values.tolist() if value != MISSING_TEXT] or [MISSING_TEXT]
        return max(dict.fromkeys(known), key=known.count)
    numbers = np.sort(values[~np.isnan(values)])
    return float(numbers[len(numbers) // 2]) if len(numbers) else np.nan


def _value(pair: Pair, row: Arrays, described: Column) -> Any:
    return column(pair.signature, row, described.name).tolist()[0]


def _same(one: Any, other: Any) -> bool:
    return bool(one == other) or (one != one and other != other)  # noqa: PLR0124 - NaN


def _edge(
    pair: Pair, row: Arrays, matters: tuple[str, ...], typical: dict[str, Any]
) -> Edge | None:
    for described in pair.signature.columns:
        if described.name not in matters or described.kind != "number" or described.closed:
            continue
        now = _value(pair, row, described)
        if not np.isfinite(now):
            continue
        found = _between(pair, row, described.name, now, typical[described.name])
        if found is not None and pair.jumps(
            _with(pair, row, described.name, found.equal),
            _with(pair, row, described.name, found.differs),
        ):
            return found
    return None


def _between(pair: Pair, row: Arrays, name: str, now: float, typical: float) -> Edge | None:
    """The neighbours between which the difference begins, from `now` on."""
    near = [float(np.nextafter(now, way)) for way in (-np.inf, np.inf)]
    rows = stack([_with(pair, row, name, value) for value in near])
    for value, differs in zip(near, pair.differs(rows).tolist(), strict=True):
        if not differs:
            return Edge(column=name, equal=value, differs=now)
    if np.isnan(typical) or pair.differs(_with(pair, row, name, typical))[0]:
        return None
    same, other = typical, now
    while np.nextafter(same, other) != other:
        middle = same + (other - same) / 2
        if middle in (same, other):
            break
        if pair.differs(_with(pair, row, name, middle))[0]:
            other = middle
        else:
            same = middle
    return Edge(column=name, equal=same, differs=other)


def _with(pair: Pair, row: Arrays, name: str, value: float) -> dict[str, Array]:
    changed = take(row, slice(None))
    column(pair.signature, changed, name)[:] = value
    return changed
