"""What a fitted model keeps, as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from bundle.arrays import Array


def dense(kept: Any) -> Array:
    """Rows or coefficients, sparse or not, as float64."""
    return np.asarray(kept.toarray() if sparse.issparse(kept) else kept, dtype=np.float64)
