"""Rows on which the original contradicts itself: another batch, another answer.

Some estimators settle exact ties (which of two equally near neighbours) by the layout of the
batch, so a row alone is answered otherwise than beside others. Where the target gives an answer
that the original gives too, the row is a tie: counted and shown, and may fall either way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from bundle.arrays import Arrays, Predict
from bundle.signature import Signature
from parity.columns import repeat, take
from parity.compare import Compared, Scales, compare

MOST = 50
"""Unequal rows of a kind that are asked again; where more differ, it is no tie."""
BATCHES = (1, 3)
"""How many copies of the row the original is asked for at once."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What equal means here."""

    signature: Signature
    scales: Scales
    tolerance: float


def settle(
    compared: Compared, rows: Arrays, got: Arrays, original: Predict, terms: Terms
) -> Compared:
    """Compared, with the rows whose answer the original gives in another batch as ties."""
    unequal = np.flatnonzero(~(compared.worst <= terms.tolerance))
    if len(unequal) > MOST:
        return compared
    tied = [
        row
        for row in unequal.tolist()
        if _given(take(rows, [row]), take(got, [row]), original, terms)
    ]
    if not tied:
        return compared
    mask = np.isin(np.arange(len(compared.labels_differ)), tied)
    return replace(
        compared,
        absolute={name: np.where(mask, 0.0, off) for name, off in compared.absolute.items()},
        relative={name: np.where(mask, 0.0, off) for name, off in compared.relative.items()},
        labels_differ=compared.labels_differ & ~mask,
        ties=compared.ties | mask,
    )


def _given(row: Arrays, got: Arrays, original: Predict, terms: Terms) -> bool:
    """Whether the original answers the row as the target does, alone or beside its copies."""
    for size in BATCHES:
        try:
            answer = take(original(repeat(row, size)), slice(0, 1))
        except Exception:  # noqa: BLE001, S112 - refused: no answer to be equal to
            continue
        if (compare(terms.signature, answer, got, terms.scales).worst <= terms.tolerance).all():
            return True
    return False
