"""How large the numbers are that a model takes: found by asking it."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

Accepts = Callable[[float], bool]
"""Whether the model takes this number."""


def limit(accepts: Accepts, sign: float, seen: float | None) -> float | None:
    """Find how far a number may go in the direction of `sign`; None when all of float64 is taken.

    It is the largest power of two that is accepted, unless that does not reach what was `seen` in
    the sample, as in models that take a range: then the very last number is looked for.
    """
    largest = sign * np.finfo(np.float64).max
    if accepts(largest):
        return None
    low, high = 0, 1024  # 2**1024 is no float64
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if accepts(sign * math.ldexp(1.0, middle)) else (low, middle)
    power = sign * math.ldexp(1.0, low)
    if seen is None or (sign * power >= sign * seen and accepts(power)):
        return power
    after = math.nextafter(seen, largest)
    return _last_accepted(accepts, after, float(largest)) if accepts(after) else seen


def _last_accepted(accepts: Accepts, inside: float, outside: float) -> float:
    """Bisect the float64 numbers themselves, of which `inside` is accepted."""
    low, high = _ordinal(inside), _ordinal(outside)
    while abs(high - low) > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if accepts(_number(middle)) else (low, middle)
    return _number(low)


def _ordinal(value: float) -> int:
    """Number the float64 values in order, so that neighbours differ by 1."""
    bits = int(np.float64(abs(value)).view(np.int64))
    return bits if value >= 0 else -bits


def _number(ordinal: int) -> float:
    return math.copysign(float(np.int64(abs(ordinal)).view(np.float64)), ordinal)
