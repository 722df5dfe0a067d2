"""The proof: one loop over the kinds of rows, the target against the original."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from bundle.arrays import Array, Arrays, Predict, rows_of
from bundle.manifest import TargetName, TargetVerdict, Tried
from bundle.signature import Signature
from parity.columns import records, take
from parity.compare import Compared, Scales, compare
from parity.contradictions import Terms, settle
from parity.difference import Difference
from parity.probes import Probe

TOLERANCE = 1e-12
ORDINARY = ("sample", "uniform", "golden", "table")
"""Kinds of rows as clients send them; the others are made to provoke a difference."""
ALONE = 10
"""Rows of each kind that are also asked one at a time."""
WORST = 20
"""Differences that a proof keeps, the largest first."""


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A target's verdict and the differences that decided it, the worst first.

    `largest`: for each output, the largest relative difference of all rows.
    """

    verdict: TargetVerdict
    worst: tuple[Difference, ...]
    largest: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Answered:
    """Rows of one kind and what the original answered to them; itself, where it can be asked."""

    probe: Probe
    expected: Arrays
    original: Predict | None = None


def ask_original(original: Predict, probes: Sequence[Probe]) -> list[Answered]:
    """Record the original's answers; it is asked once, however many targets there are."""
    return [_answered(original, probe) for probe in probes]


def _answered(original: Predict, probe: Probe) -> Answered:
    try:
        return Answered(probe=probe, expected=original(probe.rows), original=original)
    except Exception:
        kept = [row for row in range(rows_of(probe.rows)) if _takes(original, probe.rows, row)]
        if not kept:
            raise
        # A row whose values are each accepted may still be refused together (an overflow on the
        # way); there is no answer to be equal to.
        rows = take(probe.rows, kept)
        probe = Probe(kind=probe.kind, rows=rows)
        return Answered(probe=probe, expected=original(rows), original=original)


def _takes(original: Predict, rows: Arrays, row: int) -> bool:
    try:
        original(take(rows, slice(row, row + 1)))
    except Exception:  # noqa: BLE001 - whatever it raises, it does not answer the row
        return False
    return True


def prove(
    signature: Signature,
    target: TargetName,
    predict: Predict,
    answered: Sequence[Answered],
    scales: Scales,
    *,
    tolerance: float = TOLERANCE,
    share: float = 0.0,
) -> Proof:
    """Try `predict` on every row: in its batch, some alone, and none at all.

    The verdict is `fail` where a label differs or a number by more than `tolerance`, relative
    to the output's scale. `share` is for float32, which cannot be equal: so many of the ordinary
    rows may differ, and of those made to provoke a difference all; the reason then says how many
    do.
    """
    tried, worst, unlike = [], [], []
    largest: dict[str, float] = {}
    for each in answered:
        got = _ask(predict, each.probe.rows)
        compared = compare(signature, each.expected, got, scales)
        if each.original is not None and share == 0.0:
            terms = Terms(signature=signature, scales=scales, tolerance=tolerance)
            compared = settle(compared, each.probe.rows, got, each.original, terms)
        tried.append(_tried(each.probe.kind, compared))
        for name, off in compared.relative.items():
            largest[name] = max(largest.get(name, 0.0), _largest([off]))
        # "not <=", so that NaN, for which no comparison holds, counts as unequal.
        unequal = np.flatnonzero(~(compared.worst <= tolerance))
        unlike.append(len(unequal))
        worst += [
            msgspec.structs.replace(difference, target=target)
            for difference in _worst(signature, each, got, compared, unequal)
        ]
    worst.sort(key=lambda difference: -difference.relative)
    failed = _failed(tried, unlike, share)
    said = [_reason(worst[0])] if failed else []
    if share:
        said.append(_measured(tried, unlike, tolerance))
    return Proof(
        verdict=TargetVerdict(
            target=target,
            status="fail" if failed else "pass",
            tolerance=tolerance,
            reason="; ".join(said) or None,
            tried=tuple(tried),
        ),
        worst=tuple(worst[:WORST]),
        largest=largest,
    )


def _failed(tried: Sequence[Tried], unlike: Sequence[int], share: float) -> bool:
    if share == 0.0:
        return any(unlike)
    return any(
        count > share * each.rows
        for each, count in zip(tried, unlike, strict=True)
        if each.kind in ORDINARY
    )


def _measured(tried: Sequence[Tried], unlike: Sequence[int], tolerance: float) -> str:
    """What float32 costs: flipped labels and the largest difference, on rows of both sorts."""
    ordinary = [each for each in tried if each.kind in ORDINARY]
    others = [each for each in tried if each.kind not in ORDINARY]
    parts = [f"on {_cost(ordinary)}"]
    if others:
        parts.append(f"of those made to provoke, on {_cost(others)}")
    return (
        f"float32, against the float64 values sent: {'; '.join(parts)}; "
        f"{sum(unlike):,} rows differ by a label or by more than {tolerance:.3g}"
    )


def _cost(tried: Sequence[Tried]) -> str:
    flips = sum(each.labels_differ for each in tried)
    largest = max((each.max_relative for each in tried), default=0.0)
    return (
        f"{sum(each.rows for each in tried):,} rows {flips:,} labels flip and numbers differ by up "
        f"to {largest:.3g}"
    )


def _ask(predict: Predict, rows: Arrays) -> Arrays:
    """Ask for all rows at once, then none, then some alone: the answers must fit together."""
    whole = predict(rows)
    none = predict(take(rows, slice(0, 0)))
    answers = {name: block.copy() for name, block in whole.items()}
    for name, block in none.items():
        if len(block):
            raise ValueError(f"{name}: {len(block)} answers to 0 rows")
    for row in np.linspace(0, rows_of(rows) - 1, ALONE).astype(int):
        # What a row gets alone stands in for its answer in the batch, so both are compared:
        # the batch's other rows, and these.
        alone = predict(take(rows, slice(row, row + 1)))
        for name, block in alone.items():
            answers[name][row] = block[0]
    return answers


def _tried(kind: str, compared: Compared) -> Tried:
    numbers = [name for name in compared.absolute if name not in ("label", "cluster")]
    return Tried(
        kind=kind,
        rows=len(compared.labels_differ),
        labels_differ=int(compared.labels_differ.sum()),
        ties=int(compared.ties.sum()),
        max_absolute=_largest([compared.absolute[name] for name in numbers]),
        max_relative=_largest([compared.relative[name] for name in numbers]),
    )


def _largest(values: list[Array]) -> float:
    """Largest of all; an infinite difference is written as the largest float64, as JSON can."""
    largest = max((float(v.max(initial=0.0)) for v in values), default=0.0)
    return float(min(largest, np.finfo(np.float64).max))


def _worst(
    signature: Signature, each: Answered, got: Arrays, compared: Compared, unequal: Array
) -> list[Difference]:
    """The few unequal rows that differ most, each with its most different output."""
    rows = sorted(unequal.tolist(), key=lambda row: -compared.worst[row])[:WORST]
    named = records(signature, take(each.probe.rows, rows))
    return [
        _difference(each, got, compared, row, values)
        for row, values in zip(rows, named, strict=True)
    ]


def _difference(
    each: Answered, got: Arrays, compared: Compared, row: int, values: dict[str, Any]
) -> Difference:
    output = max(compared.relative, key=lambda name: compared.relative[name][row])
    return Difference(
        target="",
        kind=each.probe.kind,
        row=values,
        output=output,
        expected=each.expected[output][row : row + 1].tolist()[0],
        got=got[output][row : row + 1].tolist()[0],
        absolute=float(compared.absolute[output][row]),
        relative=float(compared.relative[output][row]),
    )


def _reason(difference: Difference) -> str:
    return (
        f"{difference.output} is {difference.got!r} where the original says "
        f"{difference.expected!r}, for the row {difference.row}"
    )
