"""The one type in motion: named blocks of rows in, named blocks of answers out."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Arrays = Mapping[str, Array]
"""Named blocks, rows first: [n, k] float64 or float32 for numbers, [n, m] object (str) for text."""

Predict = Callable[[Arrays], Arrays]
"""The original, onnxruntime, a PMML engine, the HTTP service: all are one."""

MISSING_TEXT = "\uffff"
"""Stands for a missing text value inside a block. U+FFFF is a noncharacter (Unicode 23.7):
no text holds it, so no value a client may send can collide. JSON spells missing `null`."""

DTYPES: Mapping[str, np.dtype[Any]] = {
    "FP64": np.dtype(np.float64),
    "FP32": np.dtype(np.float32),
    "INT64": np.dtype(np.int64),
    "BOOL": np.dtype(np.bool_),
    "BYTES": np.dtype(object),
}
"""NumPy dtype of each datatype name (names: Open Inference Protocol V2); BYTES holds `str`."""


def is_missing(value: Any) -> bool:
    """Whether one value of a block, as Python's own, stands for a missing one."""
    return bool(value == MISSING_TEXT) or (isinstance(value, float) and math.isnan(value))


def plain(value: Any) -> Any:
    """One value of a block as JSON has it: missing is None."""
    return None if is_missing(value) else value


def rows_of(arrays: Arrays) -> int:
    """How many rows the blocks hold."""
    return len(next(iter(arrays.values())))
