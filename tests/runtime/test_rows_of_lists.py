"""Rows given as Python lists name the row that is wrong, and lose no digit unseen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from tiny_bundles import PRICES

from bundle.errors import InputError
from bundle.rows import to_arrays


@pytest.mark.parametrize("wrong", ["a", 2**53 + 1, 2**63 + 1, [1.5]])
def test_the_row_that_is_wrong_is_named(wrong: Any) -> None:
    records = [{"x0": -1.5, "x1": 0, "x2": 0}, {"x0": wrong, "x1": 0, "x2": 0}]
    with pytest.raises(InputError) as caught:
        to_arrays(PRICES, records)
    assert (caught.value.row, caught.value.column) == (1, "x0")


@pytest.mark.parametrize("dtype", [np.int64, np.uint64])
def test_integers_of_numpy_lose_no_digit_unseen(dtype: type) -> None:
    wrong = np.array([2**53, 2**53 + 1], dtype=dtype)
    with pytest.raises(InputError) as caught:
        to_arrays(PRICES, {"x0": wrong, "x1": wrong, "x2": wrong})
    assert (caught.value.row, caught.value.column) == (1, "x0")
