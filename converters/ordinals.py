"""The float64 numbers in order, as integers: neighbours differ by 1, so that they are bisected."""

from __future__ import annotations

from typing import Any

import numpy as np

from bundle.arrays import Array


def ordinal(value: float) -> int:
    """The integer of a float64; both zeros are 0."""
    bits = int(np.float64(value).view(np.int64))
    return bits if bits >= 0 else -(bits & 0x7FFFFFFFFFFFFFFF)


def number(ordinals: Any) -> Array:
    """The float64 of an integer, or of each in an array."""
    places = np.asarray(ordinals, dtype=np.int64)
    bits = np.where(places >= 0, places, (-places) | np.int64(-(2**63)))
    return bits.view(np.float64)
