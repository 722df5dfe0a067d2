"""How large a number a model accepts."""

from __future__ import annotations

import math

import pytest

from converters.limits import LARGEST, largest_accepted


@pytest.mark.parametrize(
    ("limit", "seen", "found"),
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
def test_the_limit_is_found(limit: float, seen: float, found: float | None) -> None:
    assert largest_accepted(lambda value: value <= limit, seen) == found
