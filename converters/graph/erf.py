"""The error function in float64, which onnxruntime has for float32 alone.

scipy.special.erf's own rational approximations, to the bit but for the last one of exp: S. L.
Moshier, "Methods and Programs for Mathematical Functions" (1989), `ndtr.c` of Cephes.
"""

from __future__ import annotations

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.table import constant

FAR = 8.0  # from here on the answer is 1

# Below 1: x * P(x**2) / Q(x**2). Highest power first, P and Q side by side.
NEAR = (
    (0.0, 1.0),
    (9.60497373987051638749e0, 3.35617141647503099647e1),
    (9.00260197203842689217e1, 5.21357949780152679795e2),
    (2.23200534594684319226e3, 4.59432382970980127987e3),
    (7.00332514112805075473e3, 2.26290000613890934246e4),
    (5.55923013010394962768e4, 4.92673942608635921086e4),
)
# From 1 on: 1 - exp(-x**2) * P(x) / Q(x).
TAIL = (
    (2.46196981473530512524e-10, 1.0),
    (5.64189564831068821977e-1, 1.32281951154744992508e1),
    (7.46321056442269912687e0, 8.67072140885989742329e1),
    (4.86371970985681366614e1, 3.54937778887819891062e2),
    (1.96520832956077098242e2, 9.75708501743205489753e2),
    (5.26445194995477358631e2, 1.82390916687909736289e3),
    (9.34528527171957607540e2, 2.24633760818710981792e3),
    (1.02755188689515710272e3, 1.65666309194161350182e3),
    (5.57535335369399327526e2, 5.57535340817727675546e2),
)


def erf(value: Var) -> Var:
    """The error function of each element of a matrix."""
    size = op.min([op.abs(value), constant(FAR)])
    square = op.mul(size, size)
    above, below = _polynomials(square, NEAR)
    near = op.div(op.mul(size, above), below)
    above, below = _polynomials(size, TAIL)
    tail = op.div(op.mul(op.exp(op.neg(square)), above), below)
    found = op.where(op.greater(size, constant(1.0)), op.sub(constant(1.0), tail), near)
    return op.mul(op.sign(value), found)


def _polynomials(value: Var, coefficients: tuple[tuple[float, float], ...]) -> list[Var]:
    """Both polynomials at once, by Horner's rule."""
    pairs = [constant(np.array(pair)[:, None, None]) for pair in coefficients]  # [2, 1, 1]
    found = pairs[0]
    for pair in pairs[1:]:
        found = op.add(op.mul(found, value), pair)
    return [op.gather(found, constant(which, np.int64), axis=0) for which in (0, 1)]
