"""NumPy's functions and the methods of arrays as operators of the graph, in one table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph import reductions
from converters.graph.indexing import choose, reshaped
from converters.graph.table import constant
from converters.graph.traced import (
    ROWS,
    TEXT,
    Shape,
    Traced,
    broadcast,
    cast,
    is_traced,
    lift,
    refuse,
    supported,
)


def call(function: Any, args: Sequence[Any], options: dict[str, Any]) -> Any:
    """What a function of NumPy's gives for arrays of the graph."""
    module = function.__module__.removeprefix("numpy").removeprefix(".")
    name = f"{module}.{function.__name__}" if module else function.__name__
    first = args[0] if args else None
    if name in FRAME_REDUCTIONS and hasattr(type(first), "elementwise"):
        return getattr(first, name)(*args[1:], **options)  # pandas skips what is missing
    if name not in FUNCTIONS:
        refuse(f"np.{name}")
    try:
        return FUNCTIONS[name](*_opened(args), **options)
    except TypeError as error:
        if "unexpected keyword" not in str(error) and "positional argument" not in str(error):
            raise
        refuse(f"np.{name} with these options ({', '.join(options)})")


def _opened(args: Sequence[Any]) -> list[Any]:
    """A frame as its array; a lone list or number as it is."""
    return [lift(each) if is_traced(each) else each for each in args]


def method(x: Traced, name: str) -> Any:
    """The method of an array. AttributeError where arrays have none of that name."""
    if name in METHODS:
        return lambda *args, **options: METHODS[name](x, *args, **options)
    if hasattr(np.ndarray, name):
        refuse(f"the method .{name} of an array")
    raise AttributeError(name)


def where(condition: Any, x: Any = None, y: Any = None) -> Traced:
    """np.where of three arguments."""
    if x is None or y is None:
        refuse("np.where of one argument (say what stands where it holds, and where not)")
    test, yes, no = lift(condition), lift(x), lift(y)
    dtype = TEXT if TEXT in (yes.dtype, no.dtype) else supported(np.result_type(*_types(x, y)))
    var = choose(cast(test, np.bool_), cast(yes, dtype), cast(no, dtype), dtype)
    return Traced(var, broadcast(test.shape, yes.shape, no.shape), dtype)


def _types(*values: Any) -> list[Any]:
    """What NumPy decides the type from: the number itself for Python's, else the dtype."""
    return [each if type(each) in (int, float) else lift(each).dtype for each in values]


def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """np.select: the first choice whose condition holds."""
    found = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist), strict=True):
        found = where(condition, choice, found)
    return found


def clip(a: Any, a_min: Any = None, a_max: Any = None, **options: Any) -> Any:
    """np.clip: the lower bound first; NaN stays."""
    low, high = options.pop("min", a_min), options.pop("max", a_max)
    if options.get("out") is not None:
        refuse("np.clip(out=...)")
    found = a if low is None else np.maximum(a, low)
    return found if high is None else np.minimum(found, high)


def nan_to_num(
    x: Any,
    copy: Any = True,  # noqa: FBT002 - NumPy's
    nan: float = 0.0,
    posinf: Any = None,
    neginf: Any = None,
) -> Any:
    """np.nan_to_num: numbers for NaN and for the infinities."""
    if not copy:
        refuse("np.nan_to_num(copy=False)")
    x = lift(x)
    if x.dtype.kind != "f":
        return x
    limits = np.finfo(x.dtype)
    high = float(limits.max) if posinf is None else posinf
    low = float(limits.min) if neginf is None else neginf
    found = op.where(op.isnan(x.var), constant(nan, x.dtype), x.var)
    found = op.where(_is(x, math.inf), constant(high, x.dtype), found)
    return x.same(op.where(_is(x, -math.inf), constant(low, x.dtype), found), x.shape, x.dtype)


def _is(x: Traced, value: float) -> Var:
    return op.equal(x.var, constant(value, x.dtype))


def concatenate(arrays: Any, axis: Any = 0, **options: Any) -> Any:
    """np.concatenate along the columns."""
    if any(value is not None and name != "casting" for name, value in options.items()):
        refuse("np.concatenate with options")
    parts = [lift(each) for each in arrays]
    at = int(axis) % parts[0].ndim
    if any(part.shape[at] is ROWS for part in parts):
        refuse("joining below each other, rows to rows (say axis=1)")
    text = any(part.dtype == TEXT for part in parts)
    if text and any(part.dtype != TEXT for part in parts):
        refuse("an array that mixes numbers and text")
    dtype = TEXT if text else supported(np.result_type(*(part.dtype for part in parts)))
    if len({part.shape[:at] + part.shape[at + 1 :] for part in parts}) > 1:
        refuse("joining arrays with and without rows")
    shape = list(parts[0].shape)
    shape[at] = sum(part.shape[at] for part in parts)
    return Traced(op.concat([cast(p, dtype) for p in parts], axis=at), tuple(shape), dtype)


def stack(arrays: Any, axis: int = 0, **options: Any) -> Any:
    """np.stack: a new axis for the arrays."""
    parts = [lift(each) for each in arrays]
    shape = broadcast(*(part.shape for part in parts))
    parts = [_spread(part, shape) for part in parts]
    at = axis % (len(shape) + 1)
    return concatenate([expand_dims(part, at) for part in parts], at, **options)


def _spread(part: Traced, shape: Shape) -> Traced:
    if part.shape != shape:
        refuse("joining arrays of different shapes (np.full_like makes a column of a number)")
    return part


def column_stack(tup: Any) -> Any:
    """np.column_stack: columns and matrices side by side."""
    parts = [lift(each) for each in tup]
    return concatenate([expand_dims(p, 1) if p.ndim == 1 else p for p in parts], 1)


def hstack(tup: Any, **options: Any) -> Any:
    """np.hstack: matrices side by side."""
    parts = [lift(each) for each in tup]
    return concatenate(parts, 0 if parts[0].ndim == 1 else 1, **options)


def vstack(tup: Any, **options: Any) -> Any:
    """np.vstack of columns, which are transposed most often."""
    parts = [lift(each) for each in tup]
    return concatenate([expand_dims(p, 0) if p.ndim == 1 else p for p in parts], 0, **options)


def expand_dims(a: Any, axis: Any) -> Any:
    """np.expand_dims: one new axis."""
    a = lift(a)
    at = int(axis) % (a.ndim + 1)
    shape = (*a.shape[:at], 1, *a.shape[at:])
    return a.same(op.unsqueeze(a.var, constant([at], np.int64)), shape, a.dtype)


def squeeze(a: Traced, axis: Any = None) -> Traced:
    """np.squeeze: the axes of length 1 go."""
    if axis is None:
        axes = [i for i, length in enumerate(a.shape) if length is not ROWS and length == 1]
    else:
        axes = [int(each) % a.ndim for each in np.atleast_1d(axis)]
    shape = tuple(each for i, each in enumerate(a.shape) if i not in axes)
    var = op.squeeze(a.var, constant(axes, np.int64)) if axes else a.var
    return a.same(var, shape, a.dtype)


def reshape(a: Traced, *shape: Any, **options: Any) -> Traced:
    """np.reshape, where the rows stay the rows."""
    if options.get("order", "C") != "C":
        refuse("np.reshape(order=...)")
    wanted = shape[0] if len(shape) == 1 and isinstance(shape[0], tuple | list) else shape
    inside = math.prod(each for each in a.shape if each is not ROWS)
    fixed = math.prod(each for each in wanted if each is not ROWS and each != -1)
    whole = tuple(
        (ROWS if not any(w is ROWS for w in wanted) and fixed == inside else inside // fixed)
        if each is not ROWS and each == -1
        else each
        for each in wanted
    )
    kept = math.prod(each for each in whole if each is not ROWS) == inside
    if not kept or sum(each is ROWS for each in whole) != 1 or a.shape[0] is not ROWS:
        refuse(f"a reshape from {a.shape} to {tuple(wanted)}, which moves values between rows")
    if whole[0] is not ROWS and math.prod(whole[: whole.index(ROWS)]) != 1:
        refuse(f"a reshape from {a.shape} to {tuple(wanted)}, which moves values between rows")
    return a.same(reshaped(a, whole), whole, a.dtype)


def _like(fill: float) -> Callable[..., Traced]:
    def run(a: Traced, dtype: Any = None, **_: Any) -> Traced:
        return full_like(a, fill, dtype)

    return run


def full_like(a: Traced, fill_value: Any, dtype: Any = None, **_: Any) -> Traced:
    """np.full_like: the same number everywhere; text for text."""
    wanted = a.dtype if dtype is None else supported(np.dtype(dtype))
    value = lift(fill_value)
    never = constant(False, np.bool_)  # noqa: FBT003 - a tensor of it
    if wanted == np.bool_:
        whole = full_like(a, fill_value, np.int64)
        return a.same(cast(whole, np.bool_), a.shape, wanted)
    old = a.var if a.dtype == wanted else cast(a, wanted)
    return a.same(op.where(never, old, cast(value, wanted)), a.shape, wanted)


def isin(element: Any, test_elements: Any, **options: Any) -> Traced:
    """np.isin: whether a value is one of a list."""
    if options.pop("kind", None) is not None or options.get("assume_unique"):
        refuse("np.isin with options")
    x, known = lift(element), np.asarray(list(test_elements))
    if x.dtype == TEXT:
        keys = [str(each) for each in dict.fromkeys(known.tolist())]
        ones = ml.label_encoder(x.var, keys_strings=keys, values_int64s=[1] * len(keys))
        found = op.equal(ones, constant(1, np.int64))
    else:
        wide = op.unsqueeze(cast(x, np.float64), constant([x.ndim], np.int64))
        same = op.equal(wide, constant(known.astype(np.float64)))
        found = op.cast(
            op.reduce_max(op.cast(same, to=np.int64), constant([x.ndim], np.int64), keepdims=0),
            to=np.bool_,
        )
    answer = x.same(found, x.shape, np.bool_)
    return ~answer if options.get("invert") else answer


def digitize(x: Any, bins: Any, right: Any = False) -> Traced:  # noqa: FBT002 - NumPy's
    """np.digitize: how many of the bounds lie below; NaN lies above all."""
    values, bounds = lift(x), np.asarray(bins, dtype=np.float64)
    if bounds.ndim != 1 or (np.diff(bounds) < 0).any():
        refuse("np.digitize with bounds that do not rise")
    wide = op.unsqueeze(cast(values, np.float64), constant([values.ndim], np.int64))
    # "not below" in place of "at or above", so that NaN is above.
    short = (op.less_or_equal if right else op.less)(wide, constant(bounds))
    beyond = op.cast(op.not_(short), to=np.int64)
    count = op.reduce_sum(beyond, constant([values.ndim], np.int64), keepdims=0)
    return values.same(count, values.shape, np.int64)


def searchsorted(a: Any, v: Any, side: str = "left", sorter: Any = None) -> Traced:
    """np.searchsorted in a list known at conversion."""
    if is_traced(a) or sorter is not None:
        refuse("np.searchsorted in the data")
    return digitize(v, a, right=side == "left")


def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None) -> Any:
    """np.interp between points known at conversion."""
    if is_traced(xp) or is_traced(fp):
        refuse("np.interp between points of the data")
    at, value = np.asarray(xp, dtype=np.float64), np.asarray(fp, dtype=np.float64)
    low = value[0] if left is None else left
    high = value[-1] if right is None else right
    slopes = np.append(np.diff(value) / np.diff(at), 0.0)
    place = clip(digitize(x, at) - 1, 0, len(at) - 1)
    inside = take(slopes, place) * (x - take(at, place)) + take(value, place)
    found = where(x > at[-1], float(high), where(x < at[0], float(low), inside))
    return where(np.isnan(x), x, found)


def round_(a: Any, decimals: int = 0, out: Any = None) -> Any:
    """np.round: half to even, after scaling by a power of ten."""
    if out is not None:
        refuse("np.round(out=...)")
    a = lift(a)
    if a.dtype.kind != "f":
        return a if decimals >= 0 else refuse("np.round of integers to tens")
    if decimals == 0:
        return np.rint(a)
    scale = 10.0 ** abs(decimals)
    return np.rint(a * scale) / scale if decimals > 0 else np.rint(a / scale) * scale


def take(a: Any, indices: Any, axis: Any = None, **_: Any) -> Traced:
    """np.take: from a list known at conversion at places of the data, or columns of the data."""
    source = lift(a)
    if not is_traced(indices):
        return source[(*[slice(None)] * (int(axis) % source.ndim), indices)]  # type: ignore[no-any-return]
    if is_traced(a) or source.ndim != 1:
        refuse("np.take at places that the data decides")
    at = lift(indices)
    return Traced(op.gather(source.var, cast(at, np.int64), axis=0), at.shape, source.dtype)


def diff(a: Any, n: int = 1, axis: int = -1, **_: Any) -> Any:
    """np.diff between neighbouring columns."""
    at = reductions.axes_of(a, axis, "diff")[0]
    for _each in range(n):
        head = (*[slice(None)] * at, slice(1, None))
        tail = (*[slice(None)] * at, slice(None, -1))
        a = a[head] - a[tail]
    return a


def average(a: Any, axis: Any = None, weights: Any = None, **_: Any) -> Any:
    """np.average along the columns."""
    if weights is None:
        return reductions.mean(a, axis)
    weights = np.asarray(weights) if not is_traced(weights) else refuse("weights of the data")
    return reductions.sum_(a * weights, axis) / weights.sum()


def astype(x: Any, dtype: Any, **_: Any) -> Traced:
    """x.astype(dtype)."""
    wanted = TEXT if np.dtype(dtype).kind in "OUT" else np.dtype(dtype)
    return x.same(cast(x, wanted), x.shape, wanted)  # type: ignore[no-any-return]


def _copy(x: Any, *_: Any, **__: Any) -> Any:
    return x.same(x.var, x.shape, x.dtype)


def _ravel(x: Traced, *_: Any, **__: Any) -> Traced:
    return reshape(x, -1)


def _transpose(a: Traced, axes: Any = None) -> Traced:
    order = list(range(a.ndim))[::-1] if axes is None else [int(axis) for axis in axes]
    shape = tuple(a.shape[axis] for axis in order)
    return a.same(op.transpose(a.var, perm=order), shape, a.dtype)


def _flip(m: Any, axis: Any = None) -> Any:
    at = reductions.axes_of(m, axis, "flip")[0]
    return m[(*[slice(None)] * at, slice(None, None, -1))]


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "all": reductions.all_,
    "amax": reductions.max_,
    "amin": reductions.min_,
    "any": reductions.any_,
    "argmax": reductions.argmax,
    "argmin": reductions.argmin,
    "around": round_,
    "astype": astype,
    "atleast_2d": lambda a: a if a.ndim > 1 else expand_dims(a, 0),
    "average": average,
    "clip": clip,
    "column_stack": column_stack,
    "concatenate": concatenate,
    "copy": _copy,
    "count_nonzero": lambda a, axis=None, **o: reductions.sum_(astype(a, np.bool_), axis, **o),
    "cumsum": reductions.cumsum,
    "diff": diff,
    "digitize": digitize,
    "dot": lambda a, b: a * b if np.ndim(b) == 0 else a @ b,
    "expand_dims": expand_dims,
    "flip": _flip,
    "fliplr": lambda m: _flip(m, 1),
    "full_like": full_like,
    "hstack": hstack,
    "interp": interp,
    "isin": isin,
    "linalg.norm": reductions.norm,
    "max": reductions.max_,
    "mean": reductions.mean,
    "min": reductions.min_,
    "nan_to_num": nan_to_num,
    "nanmax": reductions.nanmax,
    "nanmean": reductions.nanmean,
    "nanmin": reductions.nanmin,
    "nanstd": reductions.nanstd,
    "nansum": reductions.nansum,
    "nanvar": reductions.nanvar,
    "ndim": lambda a: a.ndim,
    "ones_like": _like(1.0),
    "prod": reductions.prod,
    "ptp": lambda a, axis=None, **o: reductions.max_(a, axis, **o) - reductions.min_(a, axis, **o),
    "ravel": _ravel,
    "reshape": reshape,
    "round": round_,
    "searchsorted": searchsorted,
    "select": select,
    "shape": lambda a: a.shape,
    "squeeze": squeeze,
    "stack": stack,
    "std": reductions.std,
    "sum": reductions.sum_,
    "take": take,
    "transpose": _transpose,
    "var": reductions.var,
    "vstack": vstack,
    "where": where,
    "zeros_like": _like(0.0),
}
"""NumPy's function of that name, with its own parameters."""

METHODS: dict[str, Callable[..., Any]] = {
    "flatten": _ravel,
    "transpose": lambda x, *axes: _transpose(x, axes or None),
    **{
        name: FUNCTIONS[name]
        for name in FUNCTIONS
        if name != "transpose" and hasattr(np.ndarray, name)
    },
}
"""The method of an array of that name."""

FRAME_REDUCTIONS = ("sum", "prod", "mean", "std", "var", "max", "min", "any", "all")
"""What NumPy hands on to the frame's own method."""
