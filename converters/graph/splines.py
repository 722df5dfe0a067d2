"""SplineTransformer: the B-splines of each column, by de Boor's recursion as in SciPy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers
from converters.graph.lookup import Steps, step_functions
from converters.graph.table import Table, constant


def spline_transformer(model: Any, table: Table) -> Answers:
    """SplineTransformer: at most degree + 1 splines are not 0; their values, put in their places.

    Beyond the boundary knots, by `extrapolation`: what stands at the boundary, or a line from
    there on, or the last polynomial.
    """
    columns = _columns(model)
    x = table.matrix()
    inside = _inside(model, columns, x)
    at = _interval(columns, inside)
    if getattr(model, "handle_missing", "error") == "zeros":  # since scikit-learn 1.8
        first = constant([column.low for column in columns])
        x, inside = (op.where(op.isnan(each), first, each) for each in (x, inside))
    value = _placed(columns, _splines(model.degree, columns, inside, at), at)
    if model.extrapolation == "linear":
        value = _lines(columns, value, op.sub(x, inside))
    count = columns[0].places.shape[2]
    if not model.include_bias:  # the last spline goes, as they all sum to 1
        count -= 1
        value = op.gather(value, constant(np.arange(count), np.int64), axis=2)
    width = table.width * count
    return Answers(transform=Table.of(op.reshape(value, constant([-1, width], np.int64)), width))


@dataclass(frozen=True, kw_only=True)
class _Column:
    """The intervals of one column, each up to and with its break; the last one is for NaN.

    `low` and `high`: the boundary knots. `knots`: [intervals, 2 degree], those about each interval.
    `places`: [copies, intervals, splines], the number of each spline among those of the interval,
    degree + 1 where it is 0; in two copies where periodic splines meet themselves.
    `slopes`: [2, splines], of the lines below and above.
    """

    breaks: Array
    low: float
    high: float
    knots: Array
    places: Array
    slopes: Array


def _columns(model: Any) -> list[_Column]:
    found, boundary = [], model.degree
    for spline in model.bsplines_:
        # The original widens its `degree` here and forgets to put it back, so that the boundary
        # of the next column is a knot further in.
        reach = boundary + int(model.extrapolation == "linear" and boundary <= 1)
        found.append(_column(model, spline, boundary, reach))
        boundary = reach
    return found


def _column(model: Any, spline: Any, boundary: int, reach: int) -> _Column:
    t, degree = np.asarray(spline.t), model.degree
    last = len(t) - degree - 2
    low, high = float(t[boundary]), float(t[-boundary - 1])
    # Intervals without length are met only before the first knot and after the last.
    inner = [i for i in range(degree + 1, last) if t[i] < t[i + 1]]
    used = [degree, *inner, last] if degree < last else [last]
    places = _places(spline, used)
    nothing = np.full_like(places[:, :1], degree + 1)
    breaks = np.nextafter(t[used[1:]], -np.inf)
    if degree == 0 and reach == boundary and model.extrapolation in ("constant", "linear"):
        # The original copies the first `reach` splines there, and the one at `low` is not of them.
        kept = [row for row, i in enumerate(used) if t[i] >= low]
        low = float(np.nextafter(low, -np.inf))
        breaks = np.append(low, np.nextafter(t[used][kept[1:]], -np.inf))
        places = np.concatenate([nothing, places[:, kept]], axis=1)
        used = [last, *(used[row] for row in kept)]
    slopes = np.zeros((2, places.shape[2]))
    if model.extrapolation == "linear":
        slopes[0, :reach] = spline(low, nu=1)[:reach]
        slopes[1, -reach:] = spline(high, nu=1)[-reach:]
    return _Column(
        breaks=breaks,
        low=low,
        high=high,
        knots=np.array([t[i - degree + 1 : i + degree + 1] for i in [*used, last]]),
        places=np.concatenate([places, nothing], axis=1),
        slopes=slopes,
    )


def _places(spline: Any, used: list[int]) -> Array:
    """[copies, intervals, splines]: which of an interval's splines, i - degree to i, is each."""
    degree, count = spline.k, spline.c.shape[1]
    places = np.full((1 + degree // count, len(used), count), degree + 1)
    for row, interval in enumerate(used):
        for own in range(degree + 1):
            copy, place = divmod(own, count)
            places[copy, row, (interval - degree + place) % count] = own
    return places


def _inside(model: Any, columns: list[_Column], x: Var) -> Var:
    """X brought between the boundary knots, where `extrapolation` asks for it."""
    low, high = (constant([getattr(c, end) for c in columns]) for end in ("low", "high"))
    if model.extrapolation in ("constant", "linear"):
        # Not Min and Max, which differ in what they make of NaN.
        x = op.where(op.less(x, low), low, x)
        return op.where(op.greater(x, high), high, x)
    if model.extrapolation == "periodic":  # the remainder has the sign of the period, as Python's
        period = constant([column.high - column.low for column in columns])
        rest = op.mod(op.sub(x, low), period, fmod=1)
        rest = op.where(op.less(rest, constant(0.0)), op.add(rest, period), rest)
        return op.add(low, rest)
    return x


def _interval(columns: list[_Column], x: Var) -> Var:
    """Int64 [rows, columns]: the number of the interval among those of all columns."""
    first = np.cumsum([0, *(len(column.knots) for column in columns)])
    steps = [
        Steps(
            breaks=column.breaks,
            values=np.arange(first[i], first[i + 1] - 1, dtype=np.float64),
            missing=float(first[i + 1] - 1),
        )
        for i, column in enumerate(columns)
    ]
    return op.cast(step_functions(x, steps), to=np.int64)


def _splines(degree: int, columns: list[_Column], x: Var, at: Var) -> Var:
    """[rows, columns, degree + 2]: the splines of the interval, and 0 at the end.

    SciPy's `_deBoor_D`: each order's splines share themselves out between their two neighbours.
    """
    knots = np.concatenate([column.knots for column in columns])
    value = op.gather(constant(np.ones((len(knots), 1))), at, axis=0)
    x = _deep(x)
    for order in range(1, degree + 1):
        high, low = knots[:, degree : degree + order], knots[:, degree - order : degree]
        gap = np.where(high == low, np.inf, high - low)  # none there: the share is 0
        above, below, width = (op.gather(constant(each), at, axis=0) for each in (high, low, gap))
        share = op.div(value, width)
        falling, rising = op.mul(share, op.sub(above, x)), op.mul(share, op.sub(x, below))
        value = op.add(_padded(falling, 0, 1), _padded(rising, 1, 0))
    return _padded(value, 0, 1)


def _placed(columns: list[_Column], splines: Var, at: Var) -> Var:
    """[rows, columns, splines]: each interval's own splines in their places among all."""
    places = np.concatenate([column.places for column in columns], axis=1)
    copies = [
        op.gather_elements(splines, op.gather(constant(copy, np.int64), at, axis=0), axis=2)
        for copy in places
    ]
    return copies[0] if len(copies) == 1 else op.add(*copies)


def _lines(columns: list[_Column], value: Var, beyond: Var) -> Var:
    """Add the lines that go on from the boundaries."""
    slopes = np.stack([column.slopes for column in columns], axis=1)
    for slope, side in zip(slopes, (op.min, op.max), strict=True):
        value = op.add(value, op.mul(_deep(side([beyond, constant(0.0)])), constant(slope)))
    return value


def _deep(matrix: Var) -> Var:
    return op.unsqueeze(matrix, constant([2], np.int64))


def _padded(value: Var, before: int, after: int) -> Var:
    return op.pad(value, constant([0, 0, before, 0, 0, after], np.int64), constant(0.0))
