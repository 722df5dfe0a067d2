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


@pytest.mark.parametrize("guess", [2.0**127, 2.0**1023, 2.0, 0.25, 3.0e38, 0.0, -1.0, LARGEST])
@pytest.mark.parametrize("last", [LARGEST, 3.0e38, 11.7, 6.25])
def test_a_guess_changes_nothing(last: float, guess: float) -> None:
    def accepts(value: float) -> bool:
        return value <= last

    assert limit(accepts, 1.0, 4.5, guess) == limit(accepts, 1.0, 4.5)


def test_a_right_guess_is_found_with_two_questions() -> None:
    asked = list[float]()

    def accepts(value: float) -> bool:
        asked.append(value)
        return value <= 3.0e38

    assert limit(accepts, 1.0, 4.5, 2.0**127) == 2.0**127
    assert asked == [2.0**127, 2.0**128]
