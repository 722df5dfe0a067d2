"""How large a number a model accepts."""

from __future__ import annotations

import math

import numpy as np
import pytest

from converters.limits import limit

LARGEST = float(np.finfo(np.float64).max)


@pytest.mark.parametrize(
    ("last", "seen", "found"),
    [
        (LARGEST, 3.0, None),
        (3.0e38, 3.0, 2.0**127),  # beyond the sample a power of two will do
        (3.5, 3.5, 3.5),
        (math.nextafter(4.0, 0.0), 3.0, math.nextafter(4.0, 0.0)),
        (11.7, 3.0, 8.0),
        (6.25, 4.5, 6.25),
        (0.3, 0.25, 0.3),
        (0.25, 0.25, 0.25),
        (-5.5, -5.75, -5.5),
        (-5.75, -5.75, -5.75),
        (0.0, 0.0, 0.0),
    ],
)
def test_the_limit_is_found(last: float, seen: float, found: float | None) -> None:
    assert limit(lambda value: value <= last, 1.0, seen) == found
    mirrored = None if found is None else -found
    assert limit(lambda value: -value <= last, -1.0, -seen) == mirrored
