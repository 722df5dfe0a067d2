"""Reductions along columns, in the order of NumPy's formulas."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.table import constant
from converters.graph.traced import ROWS, TEXT, Shape, Traced, cast, refuse

_FLOATS = (np.dtype(np.float64), np.dtype(np.float32))


def axes_of(x: Traced, axis: Any, name: str) -> list[int]:
    """The axes to reduce, none of them the rows."""
    given = range(x.ndim) if axis is None else np.atleast_1d(np.asarray(axis)).tolist()
    axes = [int(each) % x.ndim for each in given]
    if any(x.shape[each] is ROWS for each in axes):
        refuse(f"np.{name} over the rows, which hangs on the other rows of a request (say axis=1)")
    return axes


def reduced(x: Traced, axes: list[int], *, keepdims: bool) -> Shape:
    """The shape that is left."""
    left = [1 if i in axes else each for i, each in enumerate(x.shape)]
    return tuple(each for i, each in enumerate(left) if keepdims or i not in axes)


def _no_options(name: str, options: dict[str, Any]) -> None:
    for option, value in options.items():
        if value is not None and value is not np._NoValue:  # noqa: SLF001 - how NumPy says "not given"
            refuse(f"np.{name}({option}=...)")


def _summing(x: Traced) -> Traced:
    """Bools and small integers are summed as int64."""
    if x.dtype == TEXT:
        refuse("a sum of text")
    if x.dtype.kind in "bi":
        return Traced(cast(x, np.int64), x.shape, np.int64)
    return x


def total(name: str, fold: Callable[..., Var]) -> Callable[..., Traced]:
    """np.sum and np.prod."""

    def run(a: Traced, axis: Any = None, *, keepdims: Any = False, **options: Any) -> Traced:
        _no_options(name, options)
        x, axes = _summing(a), axes_of(a, axis, name)
        keep = keepdims is True
        var = fold(x.var, constant(axes, np.int64), keepdims=int(keep))
        return a.same(var, reduced(a, axes, keepdims=keep), x.dtype)

    return run


sum_, prod = total("sum", op.reduce_sum), total("prod", op.reduce_prod)


def _count(x: Traced, axes: list[int]) -> int:
    return math.prod(x.shape[axis] for axis in axes)


def _floats(x: Traced) -> Traced:
    return x if x.dtype in _FLOATS else Traced(cast(x, np.float64), x.shape, np.float64)


def mean(a: Traced, axis: Any = None, *, keepdims: Any = False, **options: Any) -> Traced:
    """np.mean: the sum, divided by the count."""
    _no_options("mean", options)
    x, axes, keep = _floats(a), axes_of(a, axis, "mean"), keepdims is True
    summed = op.reduce_sum(x.var, constant(axes, np.int64), keepdims=int(keep))
    var = op.div(summed, constant(_count(x, axes), x.dtype))
    return a.same(var, reduced(a, axes, keepdims=keep), x.dtype)


def var(
    a: Traced, axis: Any = None, *, ddof: Any = 0, keepdims: Any = False, **options: Any
) -> Traced:
    """np.var: the squares of what is off the mean, summed and divided by the count less ddof."""
    ddof = options.pop("correction", None) or ddof
    _no_options("var", options)
    x, axes, keep = _floats(a), axes_of(a, axis, "var"), keepdims is True
    centre = mean(Traced(x.var, x.shape, x.dtype), tuple(axes), keepdims=True)
    off = op.sub(x.var, centre.var)
    summed = op.reduce_sum(op.mul(off, off), constant(axes, np.int64), keepdims=int(keep))
    found = op.div(summed, constant(max(_count(x, axes) - ddof, 0), x.dtype))
    return a.same(found, reduced(a, axes, keepdims=keep), x.dtype)


def std(a: Traced, axis: Any = None, **options: Any) -> Traced:
    """np.std: the root of the variance."""
    found = var(a, axis, **options)
    return a.same(op.sqrt(found.var), found.shape, found.dtype)


def extreme(
    name: str, choose: Callable[..., Var], fold: Callable[..., Var]
) -> Callable[..., Traced]:
    """np.max and np.min: NaN where any is NaN, which onnxruntime's reductions lose."""

    def run(a: Traced, axis: Any = None, *, keepdims: Any = False, **options: Any) -> Traced:
        _no_options(name, options)
        axes, keep = axes_of(a, axis, name), keepdims is True
        shape = reduced(a, axes, keepdims=keep)
        if a.dtype not in _FLOATS:
            kind = np.int64 if a.dtype.kind in "bi" else refuse(f"np.{name} of text")
            found = fold(cast(a, kind), constant(axes, np.int64), keepdims=int(keep))
            whole = Traced(found, shape, kind)
            return a.same(cast(whole, a.dtype), shape, a.dtype)
        var = a.var
        for axis_ in sorted(axes, reverse=True):
            count = a.shape[axis_]
            # Of the columns side by side, not along them: that keeps NaN.
            parts = op.split(var, num_outputs=count, axis=axis_) if count > 1 else [var]
            var = choose(parts) if count > 1 else var
        if not keep:
            var = op.squeeze(var, constant(axes, np.int64))
        return a.same(var, shape, a.dtype)

    return run


max_ = extreme("max", op.max, op.reduce_max)
min_ = extreme("min", op.min, op.reduce_min)


def _truth(name: str, fold: Callable[..., Var]) -> Callable[..., Traced]:
    def run(a: Traced, axis: Any = None, *, keepdims: Any = False, **options: Any) -> Traced:
        _no_options(name, options)
        axes, keep = axes_of(a, axis, name), keepdims is True
        bits = op.cast(cast(a, np.bool_), to=np.int64)
        found = fold(bits, constant(axes, np.int64), keepdims=int(keep))
        shape = reduced(a, axes, keepdims=keep)
        return a.same(op.cast(found, to=np.bool_), shape, np.bool_)

    return run


any_, all_ = _truth("any", op.reduce_max), _truth("all", op.reduce_min)


def _place(name: str, find: Callable[..., Var]) -> Callable[..., Traced]:
    """np.argmax and np.argmin: the first; the first NaN where there is one."""

    def run(a: Traced, axis: Any = None, *, keepdims: Any = False, **options: Any) -> Traced:
        _no_options(name, options)
        (at,) = axes_of(a, axis, name) if axis is not None or a.ndim == 1 else _flat(name)
        keep = keepdims is True
        found = find(cast(a, np.int64) if a.dtype.kind in "bi" else a.var, axis=at, keepdims=1)
        if a.dtype in _FLOATS:
            gaps = op.cast(op.isnan(a.var), to=np.int64)
            first = op.arg_max(gaps, axis=at, keepdims=1)
            some = op.cast(op.reduce_max(gaps, constant([at], np.int64)), to=np.bool_)
            found = op.where(some, first, found)
        if not keep:
            found = op.squeeze(found, constant([at], np.int64))
        return a.same(found, reduced(a, [at], keepdims=keep), np.int64)

    return run


def _flat(name: str) -> Any:
    refuse(f"np.{name} without an axis")


argmax, argmin = _place("argmax", op.arg_max), _place("argmin", op.arg_min)


def present(a: Traced, fill: float) -> tuple[Traced, Traced]:
    """The numbers with `fill` for NaN, and 1.0 where there was a number."""
    x = _floats(a)
    gap = op.isnan(x.var)
    filled = op.where(gap, constant(fill, x.dtype), x.var)
    ones = op.cast(op.not_(gap), to=np.float64)
    return a.same(filled, a.shape, x.dtype), Traced(ones, a.shape, np.float64)


def nansum(a: Traced, axis: Any = None, **options: Any) -> Any:
    """np.nansum: NaN counts as 0."""
    return sum_(present(a, 0.0)[0], axis, **options)


def nanmean(a: Traced, axis: Any = None, **options: Any) -> Any:
    """np.nanmean: the mean of the numbers; NaN where there is none."""
    filled, ones = present(a, 0.0)
    return sum_(filled, axis, **options) / sum_(ones, axis, **options)


def nanvar(a: Traced, axis: Any = None, *, ddof: int = 0, **options: Any) -> Any:
    """np.nanvar: of the numbers; NaN where there are not more than ddof."""
    _, ones = present(a, 0.0)
    off = a - nanmean(a, axis, keepdims=True)
    squares = sum_(present(off * off, 0.0)[0], axis, **options)
    left = sum_(ones, axis, **options) - float(ddof)
    few = Traced(op.less_or_equal(left.var, constant(0.0)), left.shape, np.bool_)
    answer = squares / left
    gap = op.where(few.var, constant(math.nan), answer.var)
    return answer.same(gap, answer.shape, answer.dtype)


def nanstd(a: Traced, axis: Any = None, **options: Any) -> Any:
    """np.nanstd: the root of the variance of the numbers."""
    return np.sqrt(nanvar(a, axis, **options))


def _nan_extreme(name: str, fold: Callable[..., Var], last: float) -> Callable[..., Traced]:
    """np.nanmax and np.nanmin: of the numbers; NaN where there is none."""

    def run(a: Traced, axis: Any = None, *, keepdims: Any = False, **options: Any) -> Traced:
        _no_options(name, options)
        axes, keep = axes_of(a, axis, name), keepdims is True
        filled, ones = present(a, last)
        at = constant(axes, np.int64)
        found = fold(filled.var, at, keepdims=int(keep))
        some = op.greater(op.reduce_max(ones.var, at, keepdims=int(keep)), constant(0.0))
        var_ = op.where(some, found, constant(math.nan, filled.dtype))
        return a.same(var_, reduced(a, axes, keepdims=keep), filled.dtype)

    return run


nanmax = _nan_extreme("nanmax", op.reduce_max, -math.inf)
nanmin = _nan_extreme("nanmin", op.reduce_min, math.inf)


def cumsum(a: Traced, axis: Any = None, **options: Any) -> Traced:
    """np.cumsum along the columns."""
    _no_options("cumsum", options)
    (at,) = axes_of(a, axis, "cumsum") if axis is not None else _flat("cumsum")
    x = _summing(a)
    return a.same(op.cumsum(x.var, constant(at, np.int64)), a.shape, x.dtype)


def norm(a: Traced, ord: Any = None, axis: Any = None, keepdims: Any = False) -> Any:  # noqa: A002, FBT002 - NumPy's
    """np.linalg.norm along one axis: 1, 2 and infinity."""
    if axis is None or np.ndim(axis) != 0:
        refuse("np.linalg.norm of a matrix (say axis=1)")
    size = np.abs(a)
    if ord in (None, 2):
        return np.sqrt(sum_(a * a, axis, keepdims=keepdims))
    known = {1: sum_, math.inf: max_, -math.inf: min_}
    if ord not in known:
        refuse(f"np.linalg.norm(ord={ord!r})")
    return known[ord](size, axis, keepdims=keepdims)
