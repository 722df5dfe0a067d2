"""Rows given as Python lists name the row that is wrong, and lose no digit unseen."""

from __future__ import annotations

from typing import Any

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
