"""Isotonic regression."""

from __future__ import annotations

from typing import Any


def nothing_out_of_bounds(model: Any) -> Any:
    """What the original refuses is no row to be answered: nan stands for its refusal."""
    if model.out_of_bounds == "raise":
        model.out_of_bounds = "nan"
    return model
