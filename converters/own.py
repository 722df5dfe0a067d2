"""Converters that users wrote for their own classes, by class."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Convert = Callable[[Any, Any], Any]
"""(model, X) -> what the model answers to X, in NumPy code."""

OWN: dict[type, Convert] = {}
"""Looked at before scikit-learn's table, for exactly this class."""


def register(kind: type, convert: Convert) -> None:
    """Take `convert` for the fitted estimators of class `kind`."""
    OWN[kind] = convert
