"""NumPy's and SciPy's functions of numbers, in double precision, from ONNX operators."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.linear import expit
from converters.graph.table import constant

SMALL = 0.5
"""Below it exp(x) - 1 and log(1 + x) lose digits; above it they do not."""


def log1p(x: Var) -> Var:
    """log(1 + x) without loss near 0: log(u) * x / (u - 1), u = 1 + x (Goldberg 1991)."""
    one = constant(1.0)
    u = op.add(one, x)
    mended = op.div(op.mul(op.log(u), x), op.sub(u, one))
    small = op.where(op.equal(u, one), x, mended)
    return op.where(op.less(op.abs(x), constant(SMALL)), small, op.log(u))


def expm1(x: Var) -> Var:
    """exp(x) - 1 without loss near 0: (u - 1) * x / log(u), u = exp(x) (Kahan)."""
    one = constant(1.0)
    u = op.exp(x)
    less = op.sub(u, one)
    mended = op.where(op.equal(u, one), x, op.div(op.mul(less, x), op.log(u)))
    return op.where(op.less(op.abs(x), constant(SMALL)), mended, less)


def _cbrt(x: Var) -> Var:
    return op.mul(op.sign(x), op.pow(op.abs(x), constant(1 / 3)))


def _polynomial(x: Var, coefficients: Sequence[float]) -> Var:
    """Horner's scheme, the highest power first."""
    value = constant(coefficients[0])
    for each in coefficients[1:]:
        value = op.add(op.mul(value, x), constant(each))
    return value


# Cephes, `ndtr.c` (S. L. Moshier): rational approximations of erf and erfc.
ERF = (
    (
        9.60497373987051638749e0,
        9.00260197203842689217e1,
        2.23200534594684319226e3,
        7.00332514112805075473e3,
        5.55923013010394962768e4,
    ),
    (
        1.0,
        3.35617141647503099647e1,
        5.21357949780152679795e2,
        4.59432382970980127987e3,
        2.26290000613890934246e4,
        4.92673942608635921086e4,
    ),
)
ERFC_TO_8 = (
    (
        2.46196981473530512524e-10,
        5.64189564831068821977e-1,
        7.46321056442269912687e0,
        4.86371970985681366614e1,
        1.96520832956077098242e2,
        5.26445194995477358631e2,
        9.34528527171957607540e2,
        1.02755188689515710272e3,
        5.57535335369399327526e2,
    ),
    (
        1.0,
        1.32281951154744992508e1,
        8.67072140885989742329e1,
        3.54937778887819891062e2,
        9.75708501743205489753e2,
        1.82390916687909736289e3,
        2.24633760818710981792e3,
        1.65666309194161350182e3,
        5.57535340817727675546e2,
    ),
)
ERFC_FROM_8 = (
    (
        5.64189583547755073984e-1,
        1.27536670759978104416e0,
        5.01905042251180477414e0,
        6.16021097993053585195e0,
        7.40974269950448939160e0,
        2.97886665372100240670e0,
    ),
    (
        1.0,
        2.26052863220117276590e0,
        9.39603524938001434673e0,
        1.20489539808096656605e1,
        1.70814450747565897222e1,
        9.60896809063285878198e0,
        3.36907645100081516050e0,
    ),
)


def _ratio(x: Var, approximation: tuple[Sequence[float], Sequence[float]]) -> Var:
    above, below = approximation
    return op.div(_polynomial(x, above), _polynomial(x, below))


def ndtr(x: Var) -> Var:
    """The normal distribution function: half of 1 + erf, or of erfc where that is small."""
    half, one = constant(0.5), constant(1.0)
    z = op.mul(x, constant(math.sqrt(0.5)))
    size = op.abs(z)
    square = op.mul(z, z)
    near = op.add(half, op.mul(half, op.mul(z, _ratio(square, ERF))))
    # Beyond 27, erfc is 0 in float64; the polynomials would overflow.
    capped = op.min([size, constant(27.5)])
    ratio = op.where(
        op.less(size, constant(8.0)), _ratio(capped, ERFC_TO_8), _ratio(capped, ERFC_FROM_8)
    )
    tail = op.mul(half, op.mul(op.exp(op.neg(square)), ratio))
    far = op.where(op.greater(z, constant(0.0)), op.sub(one, tail), tail)
    return op.where(op.less(size, one), near, far)


def _logit(x: Var) -> Var:
    return op.log(op.div(x, op.sub(constant(1.0), x)))


FUNCTIONS: dict[str, Callable[[Var], Var]] = {
    "absolute": op.abs,
    "cbrt": _cbrt,
    "exp": op.exp,
    "exp2": lambda x: op.pow(constant(2.0), x),
    "expit": expit,
    "expm1": expm1,
    "log": op.log,
    "log10": lambda x: op.div(op.log(x), constant(math.log(10))),
    "log1p": log1p,
    "log2": lambda x: op.div(op.log(x), constant(math.log(2))),
    "logit": _logit,
    "negative": op.neg,
    "reciprocal": lambda x: op.div(constant(1.0), x),
    "sqrt": op.sqrt,
    "square": lambda x: op.mul(x, x),
    "tanh": op.tanh,
}
"""A function of a tensor, by the name of NumPy's or SciPy's."""
