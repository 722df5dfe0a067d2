"""QuantileTransformer: the rank of a number among the quantiles seen in training."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from scipy import special
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers
from converters.graph.lookup import searched, step_functions
from converters.graph.table import Table, constant

BOUNDS = 1e-7
"""scikit-learn's BOUNDS_THRESHOLD: nearer to the first or last quantile than this is at it."""


def quantile_transformer(model: Any, table: Table) -> Answers:
    """QuantileTransformer: the mean of interpolating upward and downward, so ties share one rank.

    `_transform_col`: outside the quantiles 0 and 1, NaN stays; then the normal quantile of that.
    """
    x = table.matrix()
    quantiles = np.asarray(model.quantiles_, dtype=np.float64)
    references = np.asarray(model.references_, dtype=np.float64)
    upward = _interpolated(x, quantiles, references)
    downward = _interpolated(op.neg(x), -quantiles[::-1], -references[::-1])
    rank = op.mul(constant(0.5), op.sub(upward, downward))
    first, last = constant(quantiles[0]), constant(quantiles[-1])
    if model.output_distribution == "normal":
        high = op.greater(op.add(x, constant(BOUNDS)), last)
        low = op.less(op.sub(x, constant(BOUNDS)), first)
    else:
        high, low = op.equal(x, last), op.equal(x, first)
    rank = op.where(high, constant(1.0), rank)
    rank = op.where(low, constant(0.0), rank)
    if model.output_distribution == "normal":
        rank = _clipped_normal(rank)
    return Answers(transform=Table.of(rank, table.width))


def _interpolated(x: Var, quantiles: Array, references: Array) -> Var:
    """`np.interp(x, quantiles[:, i], references)` for each column i; NaN stays NaN.

    With j the last quantile at or under x: slope[j] * (x - quantile[j]) + reference[j]. Before
    the first and from the last on the slope is 0.
    """
    count, width = quantiles.shape
    columns = [searched(quantiles[:, i]) for i in range(width)]
    offset = constant(np.arange(width) * (count + 1), np.int64)
    at = op.add(op.cast(step_functions(x, columns), to=np.int64), offset)
    gap = np.diff(quantiles, axis=0)
    slope = np.divide(np.diff(references)[:, None], gap, out=np.zeros_like(gap), where=gap > 0)
    flat = np.zeros((1, width))
    pieces = [
        np.vstack([flat, slope, flat]),
        np.vstack([quantiles[:1], quantiles]),
        np.broadcast_to(np.append(references[0], references)[:, None], (count + 1, width)),
    ]
    slopes, starts, heights = (op.gather(constant(piece.T.ravel()), at, axis=0) for piece in pieces)
    return op.add(op.mul(slopes, op.sub(x, starts)), heights)


def _clipped_normal(rank: Var) -> Var:
    """`stats.norm.ppf`, clipped so that 0 and 1 stay finite."""
    limits = special.ndtri([BOUNDS - np.spacing(1), 1 - (BOUNDS - np.spacing(1))])
    inside = op.clip(rank, constant(BOUNDS / 2), constant(1 - BOUNDS / 2))
    return op.clip(ndtri(inside), constant(limits[0]), constant(limits[1]))


# Rational approximations of Cephes' `ndtri.c` (S. Moshier): the highest power first.
_CENTRE = (
    (-59.9633501014107895267, 98.0010754185999661536, -56.6762857469070293439,
     13.9312609387279679503, -1.23916583867381258016),
    (1.0, 1.95448858338141759834, 4.67627912898881538453, 86.3602421390890590575,
     -225.462687854119370527, 200.260212380060660359, -82.0372256168333339912,
     15.9056225126211695515, -1.18331621121330003142),
)  # fmt: skip
_TAIL = (
    (4.05544892305962419923, 31.5251094599893866154, 57.1628192246421288162,
     44.0805073893200834700, 14.6849561928858024014, 2.18663306850790267539,
     -0.140256079171354495875, -0.0350424626827848203418, -0.000857456785154685413611),
    (1.0, 15.7799883256466749731, 45.3907635128879210584, 41.3172038254672030440,
     15.0425385692907503408, 2.50464946208309415979, -0.142182922854787788574,
     -0.0380806407691578277194, -0.000933259480895457427372),
)  # fmt: skip
_TAIL_BEGINS = 0.13533528323661269189  # exp(-2)


def ndtri(rank: Var) -> Var:
    """The number below which the standard normal distribution holds `rank`, in (1e-14, 1 - 1e-14).

    Cephes' `ndtri`, as in `scipy.special`; its second tail, for less than exp(-32), is left out.
    """
    upper = op.greater(rank, constant(1.0 - _TAIL_BEGINS))
    y = op.where(upper, op.sub(constant(1.0), rank), rank)
    middle = op.sub(y, constant(0.5))
    square = op.mul(middle, middle)
    centre = op.mul(
        op.add(middle, op.mul(middle, op.mul(square, _ratio(square, _CENTRE)))),
        constant(2.50662827463100050242),  # sqrt(2 pi)
    )
    x = op.sqrt(op.mul(constant(-2.0), op.log(y)))
    z = op.div(constant(1.0), x)
    tail = op.sub(op.sub(x, op.div(op.log(x), x)), op.mul(z, _ratio(z, _TAIL)))
    in_tail = op.less_or_equal(y, constant(_TAIL_BEGINS))
    return op.where(in_tail, op.where(upper, tail, op.neg(tail)), centre)


def _ratio(x: Var, coefficients: tuple[tuple[float, ...], tuple[float, ...]]) -> Var:
    above, below = (_polynomial(x, powers) for powers in coefficients)
    return op.div(above, below)


def _polynomial(x: Var, powers: tuple[float, ...]) -> Var:
    total = constant(powers[0])
    for power in powers[1:]:
        total = op.add(op.mul(total, x), constant(power))
    return total
