"""How large a number a model accepts, found by asking."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

LARGEST = float(np.finfo(np.float64).max)


def largest_accepted(accepts: Callable[[float], bool], seen: float) -> float | None:
    """None where all of float64 is accepted; else a limit up to which `accepts` holds.

    `seen`: the largest of the sample. Beyond it a power of two will do; a limit among the values
    of the sample, as where a model knows a range or categories, is found to the last bit.
    """
    if accepts(LARGEST):
        return None
    low, high = 0, 1024  # 2**1024 is no float64
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if accepts(math.ldexp(1.0, middle)) else (low, middle)
    power = math.ldexp(1.0, low)
    return power if power > seen and accepts(power) else _exactly(accepts, seen)


def _exactly(accepts: Callable[[float], bool], seen: float) -> float:
    """The last float64 from `seen` upwards that is accepted, by bisection over them in order.

    First asked are the likely ones, as each question costs a call: `seen` itself, where a model
    knows a range, and all below the next whole number, where it knows categories.
    """
    for refused in (float(np.nextafter(seen, np.inf)), math.floor(seen) + 1.0):
        last = float(np.nextafter(refused, -np.inf))
        if not accepts(refused) and accepts(last):
            return last
    low, high = _ordinal(seen), _ordinal(LARGEST)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if accepts(_number(middle)) else (low, middle)
    return _number(low)


def _ordinal(value: float) -> int:
    """Number the float64 values in order, so that neighbours differ by 1."""
    bits = int(np.float64(value).view(np.int64))
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def _number(ordinal: int) -> float:
    """Give the float64 of an ordinal."""
    size = float(np.int64(abs(ordinal)).view(np.float64))
    return size if ordinal >= 0 else -size
