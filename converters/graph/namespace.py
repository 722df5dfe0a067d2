"""The array-API namespace of arrays of the graph: NumPy's functions by the standard's names."""

from __future__ import annotations

from typing import Any

import numpy as np

from converters.graph.traced import is_traced, lift, refuse

NAMES = {
    "acos": "arccos",
    "acosh": "arccosh",
    "asin": "arcsin",
    "asinh": "arcsinh",
    "atan": "arctan",
    "atan2": "arctan2",
    "atanh": "arctanh",
    "bitwise_invert": "invert",
    "concat": "concatenate",
    "permute_dims": "transpose",
    "pow": "power",
}
"""Where the standard's name is another than NumPy's own."""


class Namespace:
    """`xp.name`: NumPy's function, which takes arrays of the graph."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(np, NAMES.get(name, name), None)
        if found is None:
            refuse(f"xp.{name}")
        return found

    def asarray(self, value: Any, **_: Any) -> Any:
        """The array itself; a number or a list stays what it is, until it meets an array."""
        return lift(value) if is_traced(value) else np.asarray(value)
