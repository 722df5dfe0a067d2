"""Where answers differ from those that are expected: the first place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from bundle.arrays import Array, Arrays


@dataclass(frozen=True, kw_only=True)
class Difference:
    """The first place where answers differ."""

    row: int
    output: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return (
            f"row {self.row}, output {self.output!r}: expected {self.expected!r}, got {self.got!r}"
        )


def differences(expected: Arrays, got: Arrays, *, tolerance: float) -> Difference | None:
    """The first row and output where `got` is not `expected`; None when they are equal.

    Labels (anything that is not floating) are equal or not; numbers agree to `tolerance`
    relative to max(1, |expected|).
    """
    for name, want in expected.items():
        have = got[name]
        if want.shape != have.shape:
            return Difference(row=0, output=name, expected=want.shape, got=have.shape)
        wrong = _wrong(want, have, tolerance).reshape(len(want), -1)
        if wrong.any():
            row = int(np.flatnonzero(wrong.any(axis=1))[0])
            expected, found = want.tolist()[row], have.tolist()[row]
            return Difference(row=row, output=name, expected=expected, got=found)
    return None


def _wrong(want: Array, have: Array, tolerance: float) -> Array:
    if want.dtype.kind != "f":
        return np.asarray(want != have)
    same = (want == have) | (np.isnan(want) & np.isnan(have))  # infinities are equal or not
    with np.errstate(invalid="ignore", over="ignore"):
        near = np.abs(have.astype(np.float64) - want) <= tolerance * np.maximum(1, np.abs(want))
    return np.asarray(~(same | (near & np.isfinite(want))))
