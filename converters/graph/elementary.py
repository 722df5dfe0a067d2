"""Elementary functions that onnxruntime has no double kernel for, composed from those it has.

Each is within a few units in the last place of the C library's, at every magnitude, as NumPy is.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.table import constant


def log1p(x: Var) -> Var:
    """log(1 + x), also for tiny x: log(u) * x / (u - 1) with u = 1 + x, as rounded (HP-15C)."""
    u = op.add(constant(1.0), x)
    near = op.mul(op.log(u), op.div(x, op.sub(u, constant(1.0))))
    small = op.where(op.equal(u, constant(1.0)), x, near)
    return op.where(op.isinf(u), op.log(u), small)


def expm1(x: Var) -> Var:
    """exp(x) - 1, also for tiny x: (u - 1) * x / log(u) with u = exp(x), as rounded (Kahan)."""
    u = op.exp(x)
    less = op.sub(u, constant(1.0))
    near = op.mul(less, op.div(x, op.log(u)))
    small = op.where(op.equal(u, constant(1.0)), x, near)
    # Where u is infinite, or 1 is all of the answer, log(u) has nothing to say.
    return op.where(op.or_(op.isinf(u), op.equal(less, constant(-1.0))), less, small)


def sinh(x: Var) -> Var:
    """Hyperbolic sine, odd; from expm1, and from exp(|x|/2) twice where exp(|x|) overflows."""
    size = op.abs(x)
    e = expm1(op.min([size, constant(22.0)]))
    small = op.mul(constant(0.5), op.add(e, op.div(e, op.add(e, constant(1.0)))))
    return op.mul(op.sign(x), op.where(op.greater(size, constant(22.0)), _half_exp(size), small))


def cosh(x: Var) -> Var:
    """Hyperbolic cosine, even."""
    size = op.abs(x)
    e = op.exp(op.min([size, constant(22.0)]))
    small = op.mul(constant(0.5), op.add(e, op.div(constant(1.0), e)))
    return op.where(op.greater(size, constant(22.0)), _half_exp(size), small)


def _half_exp(x: Var) -> Var:
    half = op.exp(op.mul(constant(0.5), x))
    return op.mul(op.mul(constant(0.5), half), half)


def arcsinh(x: Var) -> Var:
    """Inverse of sinh, odd: log1p(a + a^2 / (1 + sqrt(a^2 + 1))); log(2a) for large a."""
    a = op.abs(x)
    bounded = op.min([a, constant(1e8)])
    square = op.mul(bounded, bounded)
    root = op.add(constant(1.0), op.sqrt(op.add(square, constant(1.0))))
    small = log1p(op.add(bounded, op.div(square, root)))
    return op.mul(op.sign(x), op.where(op.greater(a, constant(1e8)), _log_twice(a), small))


def arccosh(x: Var) -> Var:
    """Inverse of cosh: log1p(t + sqrt(2t + t^2)), t = x - 1; log(2x) for large x."""
    t = op.sub(op.min([x, constant(1e8)]), constant(1.0))
    root = op.mul(op.sqrt(t), op.sqrt(op.add(t, constant(2.0))))  # NaN where x < 1
    small = log1p(op.add(t, root))
    return op.where(op.greater(x, constant(1e8)), _log_twice(x), small)


def _log_twice(x: Var) -> Var:
    return op.add(op.log(x), constant(math.log(2.0)))


def arctanh(x: Var) -> Var:
    """Inverse of tanh, odd: log1p(2a / (1 - a)) / 2."""
    a = op.abs(x)
    ratio = op.div(op.add(a, a), op.sub(constant(1.0), a))
    return op.mul(op.mul(constant(0.5), op.sign(x)), log1p(ratio))


# Coefficients of the rational approximation of arctan on [0, 0.66]: Cephes, atan.c (S. L. Moshier).
_ATAN_P = (
    -8.750608600031904122785e-1,
    -1.615753718733365076637e1,
    -7.500855792314704667340e1,
    -1.228866684490136173410e2,
    -6.485021904942025371773e1,
)
_ATAN_Q = (
    1.0,
    2.485846490142306297962e1,
    1.650270098316988542046e2,
    4.328810604912902668951e2,
    4.853903996359136964868e2,
    1.945506571482613964425e2,
)
_REST = 6.123233995736765886130e-17  # pi/2 less its float64


def arctan(x: Var) -> Var:
    """Inverse of tan, odd; reduced at tan(pi/8) * 1.6 and tan(3 pi/8), as Cephes does."""
    a = op.abs(x)
    large = op.greater(a, constant(math.tan(3 * math.pi / 8)))
    middle = op.and_(op.greater(a, constant(0.66)), op.not_(large))
    inverse = op.div(constant(-1.0), a)
    moved = op.div(op.sub(a, constant(1.0)), op.add(a, constant(1.0)))
    r = op.where(large, inverse, op.where(middle, moved, a))
    z = op.mul(r, r)
    p = op.div(op.mul(z, _polynomial(z, _ATAN_P)), _polynomial(z, _ATAN_Q))
    reduced = op.add(op.mul(r, p), r)
    rest = op.where(large, constant(_REST), constant(0.0))
    rest = op.where(middle, constant(_REST / 2), rest)
    start = op.where(large, constant(math.pi / 2), constant(0.0))
    start = op.where(middle, constant(math.pi / 4), start)
    return op.mul(op.sign(x), op.add(start, op.add(reduced, rest)))


def _polynomial(x: Var, coefficients: tuple[float, ...]) -> Var:
    value = constant(coefficients[0])
    for coefficient in coefficients[1:]:
        value = op.add(op.mul(value, x), constant(coefficient))
    return value


def arctan2(y: Var, x: Var) -> Var:
    """The angle of (x, y), in all four quadrants; of the origin and of infinities as in C."""
    both = op.and_(op.isinf(x), op.isinf(y))
    still = op.and_(op.equal(x, constant(0.0)), op.equal(y, constant(0.0)))
    ratio = op.where(both, constant(1.0), op.div(op.abs(y), op.abs(x)))
    angle = arctan(op.where(still, constant(0.0), ratio))
    left = op.or_(op.less(x, constant(0.0)), negative_zero(x))
    turned = op.where(left, op.sub(constant(math.pi), angle), angle)
    below = op.or_(op.less(y, constant(0.0)), negative_zero(y))
    missing = op.or_(op.isnan(x), op.isnan(y))
    return op.where(missing, constant(math.nan), op.where(below, op.neg(turned), turned))


def negative_zero(x: Var) -> Var:
    """Whether a value is -0.0."""
    return op.and_(op.equal(x, constant(0.0)), op.less(op.reciprocal(x), constant(0.0)))


def arcsin(x: Var) -> Var:
    """Inverse of sin: arctan(x / sqrt((1 - x)(1 + x)))."""
    one = constant(1.0)
    return arctan(op.div(x, op.sqrt(op.mul(op.sub(one, x), op.add(one, x)))))


def arccos(x: Var) -> Var:
    """Inverse of cos: 2 arctan(sqrt((1 - x) / (1 + x)))."""
    one = constant(1.0)
    return op.mul(constant(2.0), arctan(op.sqrt(op.div(op.sub(one, x), op.add(one, x)))))


def tan(x: Var) -> Var:
    """Sin / cos."""
    return op.div(op.sin(x), op.cos(x))


def log_to(base: float) -> Callable[[Var], Var]:
    """Logarithm to 2 or 10, whole where x is a power of the base, as the C library's is."""

    def log(x: Var) -> Var:
        rough = op.div(op.log(x), constant(math.log(base)))
        whole = op.round(rough)
        exact = op.equal(op.pow(constant(base), whole), x)
        return op.where(op.and_(exact, op.not_(op.isinf(x))), whole, rough)

    return log


def cbrt(x: Var) -> Var:
    """Cube root, odd: a power, and one step of Newton's."""
    a = op.abs(x)
    root = op.pow(a, constant(1.0 / 3.0))
    square = op.mul(root, root)
    off = op.div(op.sub(root, op.div(a, square)), constant(3.0))
    mended = op.sub(root, op.where(op.or_(op.isnan(off), op.isinf(off)), constant(0.0), off))
    return op.mul(op.sign(x), mended)


def hypot(x: Var, y: Var) -> Var:
    """sqrt(x^2 + y^2), scaled by the larger so that no square overflows."""
    a, b = op.abs(x), op.abs(y)
    large = op.max([a, b])
    ratio = op.div(op.min([a, b]), op.where(_plain(large), large, constant(1.0)))
    found = op.mul(large, op.sqrt(op.add(constant(1.0), op.mul(ratio, ratio))))
    infinite = op.or_(op.isinf(x), op.isinf(y))
    return op.where(infinite, constant(np.inf), op.where(_plain(large), found, large))


def _plain(x: Var) -> Var:
    return op.and_(op.greater(x, constant(0.0)), op.not_(op.isinf(x)))


def floor_divide(a: Var, b: Var) -> Var:
    """A // b as NumPy's `npy_divmod`: from the exact remainder, so that 0.3 // 0.1 is 2."""
    whole = op.div(op.sub(a, remainder(a, b)), b)
    floor = op.floor(whole)
    over = op.greater(op.sub(whole, floor), constant(0.5))
    found = op.add(floor, op.where(over, constant(1.0), constant(0.0)))
    return op.where(op.equal(b, constant(0.0)), op.div(a, b), found)


def remainder(a: Var, b: Var) -> Var:
    """A % b with the sign of b, as Python's."""
    rest = op.mod(a, b, fmod=1)
    other = op.less(op.mul(op.sign(rest), op.sign(b)), constant(0.0))
    return op.where(other, op.add(rest, b), rest)


def logaddexp(a: Var, b: Var) -> Var:
    """log(exp(a) + exp(b)): the larger, and log1p(exp(-|a - b|))."""
    off = op.neg(op.abs(op.sub(a, b)))
    apart = op.add(op.max([a, b]), log1p(op.exp(off)))
    return op.where(op.equal(a, b), op.add(a, constant(math.log(2.0))), apart)
