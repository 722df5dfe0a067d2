"""Basis expansions: products and splines of the columns."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers
from converters.graph.search import Steps, step_functions
from converters.graph.table import Table, constant


def polynomial_features(model: Any, table: Table) -> Answers:
    """PolynomialFeatures: the product of each combination of columns.

    The last column first, as the original builds x0 x1 x2 from x1 x2; a column of ones, added at
    the end, is the bias and fills up shorter products.
    """
    low, high = model.degree if not isinstance(model.degree, int) else (0, model.degree)
    pick = (
        itertools.combinations
        if model.interaction_only
        else itertools.combinations_with_replacement
    )
    chosen: list[tuple[int, ...]] = [()] if model.include_bias else []
    for degree in range(max(1, low), high + 1):
        chosen += pick(range(table.width), degree)
    longest = max(len(each) for each in chosen)
    filled = np.full((len(chosen), max(longest, 1)), table.width)
    for row, each in enumerate(chosen):
        filled[row, : len(each)] = each
    ones = op.pad(table.matrix(), constant([0, 0, 0, 1], np.int64), constant(1.0))
    value = op.gather(ones, constant(filled[:, -1], np.int64), axis=1)
    for position in reversed(range(filled.shape[1] - 1)):
        factor = op.gather(ones, constant(filled[:, position], np.int64), axis=1)
        value = op.mul(value, factor)
    return Answers(transform=Table.of(value, len(chosen)))


def spline_transformer(model: Any, table: Table) -> Answers:
    """SplineTransformer: in each interval between knots, every spline is a polynomial.

    Of x less the interval's own origin, so that its powers are small. What lies outside the
    knots is an interval more on either side, by `extrapolation`.
    """
    columns = _pieces(model)
    first = np.cumsum([0, *(len(column.origins) for column in columns)])
    numbers = [
        Steps(
            breaks=column.breaks,
            values=np.arange(first[i], first[i + 1] - 1, dtype=np.float64),
            missing=float(first[i + 1] - 1),
        )
        for i, column in enumerate(columns)
    ]
    x = _wrapped(model, table.matrix())
    at = op.cast(step_functions(x, numbers), to=np.int64)
    if getattr(model, "handle_missing", "error") == "zeros":  # since scikit-learn 1.8
        x = op.where(op.isnan(x), constant(0.0), x)
    origins = constant(np.concatenate([column.origins for column in columns]))
    u = op.unsqueeze(op.sub(x, op.gather(origins, at, axis=0)), constant([2], np.int64))
    # The bias is the last spline, as they all sum to 1.
    coefficients = np.concatenate([column.coefficients for column in columns])
    kept = coefficients if model.include_bias else coefficients[:, :, :-1]
    value = op.gather(constant(kept[:, -1]), at, axis=0)
    for power in reversed(range(kept.shape[1] - 1)):
        value = op.add(op.mul(value, u), op.gather(constant(kept[:, power]), at, axis=0))
    width = table.width * kept.shape[2]
    return Answers(transform=Table.of(op.reshape(value, constant([-1, width], np.int64)), width))


def _wrapped(model: Any, x: Var) -> Var:
    """For periodic splines x less whole periods, as Python's `%`: its sign is the period's."""
    if model.extrapolation != "periodic":
        return x
    degree = model.degree
    low = np.array([spline.t[degree] for spline in model.bsplines_])
    period = np.array([spline.t[-degree - 1] for spline in model.bsplines_]) - low
    rest = op.mod(op.sub(x, constant(low)), constant(period), fmod=1)
    rest = op.where(op.less(rest, constant(0.0)), op.add(rest, constant(period)), rest)
    return op.add(constant(low), rest)


@dataclass(frozen=True, kw_only=True)
class _Pieces:
    """Intervals of one column, each up to and with its break; the last of them is for NaN.

    `coefficients`: [intervals, powers, splines], the lowest power first, of x - `origins`.
    """

    breaks: Array
    origins: Array
    coefficients: Array


def _pieces(model: Any) -> list[_Pieces]:
    found, boundary = [], model.degree
    for spline in model.bsplines_:
        pieces = _inner(spline)
        if model.extrapolation in ("constant", "linear"):
            reach = boundary
            if model.extrapolation == "linear" and boundary <= 1:
                reach += 1
            pieces = _bounded(model.extrapolation, spline, pieces, boundary, reach)
            # The original forgets to put this back, so the next column's boundary is a knot on.
            boundary = reach
        nothing = np.zeros_like(pieces.coefficients[:1])
        found.append(
            _Pieces(
                breaks=pieces.breaks,
                origins=np.append(pieces.origins, 0.0),
                coefficients=np.concatenate([pieces.coefficients, nothing]),
            )
        )
    return found


def _inner(spline: Any) -> _Pieces:
    """The intervals between the knots, the outer two without end."""
    knots, degree = np.asarray(spline.t), spline.k
    last = len(knots) - degree - 2
    used = [i for i in range(degree, last) if knots[i] < knots[i + 1]] + [last]
    bases = np.zeros((len(used), degree + 1, last + 1))
    for row, interval in enumerate(used):
        bases[row, :, interval - degree : interval + 1] = _basis(knots, degree, interval)
    return _Pieces(
        breaks=np.nextafter(knots[used[1:]], -np.inf),
        origins=knots[used],
        coefficients=bases @ np.asarray(spline.c),
    )


def _basis(knots: Array, degree: int, interval: int) -> Array:
    """[powers, splines] of the splines that are not 0 in the interval, by de Boor's recursion."""
    begin = knots[interval]
    basis = np.zeros((degree + 1, degree + 1))
    basis[0, 0] = 1.0
    for order in range(1, degree + 1):
        before, basis = basis, np.zeros_like(basis)
        for n in range(1, order + 1):
            high, low = knots[interval + n], knots[interval + n - order]
            if high == low:
                continue
            share = before[:, n - 1] / (high - low)
            times_u = np.roll(share, 1)  # the highest power is still 0 here
            basis[:, n - 1] += share * (high - begin) - times_u
            basis[:, n] = share * (begin - low) + times_u
    return basis


def _bounded(how: str, spline: Any, pieces: _Pieces, boundary: int, reach: int) -> _Pieces:
    """The intervals between two knots, and beyond them constants or lines for `reach` splines."""
    low, high = spline.t[boundary], spline.t[-boundary - 1]
    inside = (pieces.origins >= low) & (pieces.origins < high)
    count, powers = pieces.coefficients.shape[2], max(spline.k + 1, 2)
    ends = np.zeros((3, powers, count))
    for row, x, shown in ((0, low, range(reach)), (2, high, range(count - reach, count))):
        for j in shown:
            ends[row, 0, j] = spline(x)[j]
            ends[row, 1, j] = spline(x, nu=1)[j] if how == "linear" else 0.0
    ends[1, 0] = spline(high)
    middle = np.zeros((int(inside.sum()), powers, count))
    middle[:, : spline.k + 1] = pieces.coefficients[inside]
    begins = np.append(pieces.origins[inside], high)
    return _Pieces(
        breaks=np.append(np.nextafter(begins, -np.inf), high),
        origins=np.concatenate([[low], begins, [high]]),
        coefficients=np.concatenate([ends[:1], middle, ends[1:]]),
    )
