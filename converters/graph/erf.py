"""The error function in float64, which onnxruntime has for float32 alone.

W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969): its
coefficients, all positive, so nothing cancels.
"""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.table import constant

NEAR = 0.46875  # below it the first approximation holds, above it the second
FAR = 6.0  # from here on the answer is 1

# x * P(x**2) / Q(x**2), lowest power first.
NEAR_ABOVE = (
    3209.37758913846947,
    377.485237685302021,
    113.864154151050156,
    3.16112374387056560,
    0.185777706184603153,
)
NEAR_BELOW = (
    2844.23683343917062,
    1282.61652607737228,
    244.024637934444173,
    23.6012909523441209,
    1.0,
)
# 1 - exp(-x**2) * P(x) / Q(x), lowest power first.
FAR_ABOVE = (
    1230.33935479799725,
    2051.07837782607147,
    1712.04761263407058,
    881.952221241769090,
    298.635138197400131,
    66.1191906371416295,
    8.88314979438837594,
    0.564188496988670089,
    2.15311535474403846e-8,
)
FAR_BELOW = (
    1230.33935480374942,
    3439.36767414372164,
    4362.61909014324716,
    3290.79923573345963,
    1621.38957456669019,
    537.181101862009858,
    117.693950891312499,
    15.7449261107098347,
    1.0,
)


def erf(value: Var) -> Var:
    """The error function of each element, off by at most 3e-16."""
    size = op.min([op.abs(value), constant(FAR)])
    square = op.mul(size, size)
    near = op.mul(size, _quotient(op.min([square, constant(NEAR**2)]), NEAR_ABOVE, NEAR_BELOW))
    tail = op.mul(op.exp(op.neg(square)), _quotient(size, FAR_ABOVE, FAR_BELOW))
    found = op.where(op.less_or_equal(size, constant(NEAR)), near, op.sub(constant(1.0), tail))
    return op.mul(op.sign(value), found)


def _quotient(value: Var, above: tuple[float, ...], below: tuple[float, ...]) -> Var:
    """P / Q of each element, from all powers at once."""
    powers = op.pow(
        op.unsqueeze(value, constant([-1], np.int64)), constant(np.arange(len(above), dtype=float))
    )
    both = op.matmul(powers, constant(np.array([above, below]).T))
    parts = [op.gather(both, constant(i, np.int64), axis=-1) for i in (0, 1)]
    return op.div(*parts)
