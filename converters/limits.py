"""How large the numbers are that a model takes: found by asking it."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache

import numpy as np

from converters.ordinals import number, ordinal

Accepts = Callable[[float], bool]
"""Whether the model takes this number."""


def limit(
    accepts: Accepts, sign: float, seen: float | None, guess: float | None = None
) -> float | None:
    """Find how far a number may go in the direction of `sign`; None when all of float64 is taken.

    It is the largest power of two that is accepted, unless that does not reach what was `seen` in
    the sample, as in models that take a range: then the very last number is looked for. `guess`:
    the limit of another column of the model, which is most often that of this one, too.
    """
    accepts = cache(accepts)
    largest = sign * np.finfo(np.float64).max
    if guess is not None and _is_power(guess) and accepts(guess) and not accepts(2.0 * guess):
        power = guess
    elif accepts(largest):
        return None
    else:
        power = _last_power(accepts, sign)
    if seen is None or (sign * power >= sign * seen and accepts(power)):
        return power
    after = math.nextafter(seen, largest)
    if not accepts(after):
        return seen
    # Each question costs a call: first the likely limit, of models that know categories.
    whole = math.floor(seen) + 1.0 if sign > 0 else math.ceil(seen) - 1.0
    before = math.nextafter(whole, seen)
    if not accepts(whole) and accepts(before):
        return before
    return _last_accepted(accepts, after, float(largest))


def _is_power(number: float) -> bool:
    """A power of two, and not the last."""
    return abs(math.frexp(number)[0]) == 0.5 and math.isfinite(2.0 * number)


def _last_power(accepts: Accepts, sign: float) -> float:
    low, high = 0, 1024  # 2**1024 is no float64
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if accepts(sign * math.ldexp(1.0, middle)) else (low, middle)
    return sign * math.ldexp(1.0, low)


def _last_accepted(accepts: Accepts, inside: float, outside: float) -> float:
    """Bisect the float64 numbers themselves, of which `inside` is accepted."""
    low, high = ordinal(inside), ordinal(outside)
    while abs(high - low) > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if accepts(float(number(middle))) else (low, middle)
    return float(number(low))
