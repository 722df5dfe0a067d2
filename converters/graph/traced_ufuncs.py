"""NumPy's ufuncs (and a few of SciPy's) as operators of the graph, in one table."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph import elementary
from converters.graph.linear import expit
from converters.graph.table import constant
from converters.graph.traced import (
    TEXT,
    Traced,
    broadcast,
    cast,
    is_traced,
    lift,
    refuse,
    supported,
)

_BOOL, _FLOAT = np.dtype(np.bool_), np.dtype(np.float64)


def call(ufunc: Any, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """What `ufunc` gives for arrays of the graph."""
    name = ufunc.__name__
    out = options.pop("out", None)
    if method == "reduce" and name in REDUCTIONS:
        from converters.graph.traced_functions import call as function  # noqa: PLC0415 - a cycle

        return function(getattr(np, REDUCTIONS[name]), inputs, {"axis": 0, **options})
    if method != "__call__":
        refuse(f"np.{name}.{method}")
    if options:
        refuse(f"np.{name}({next(iter(options))}=...)")
    for each in inputs:
        # A frame decides for its columns, as pandas' own does.
        if hasattr(type(each), "elementwise"):
            return each.elementwise(ufunc, inputs)
    found = _computed(ufunc, inputs)
    if out is not None and out[0] is not None:
        return out[0].become(found) if is_traced(out[0]) else refuse(f"np.{name}(out=...)")
    return found


def _computed(ufunc: Any, inputs: Sequence[Any]) -> Any:
    name = ufunc.__name__
    if name == "matmul":
        return _matmul(*map(lift, inputs))
    if name not in UFUNCS:
        refuse(f"np.{name}" if hasattr(np, name) else name)
    lifted = [lift(each) for each in inputs]
    shape = broadcast(*(each.shape for each in lifted))
    kind = next((type(each) for each in lifted if type(each) is not Traced), Traced)
    if any(each.dtype == TEXT for each in lifted):
        return kind(_compared_text(name, lifted), shape, np.bool_)
    given = [_weak(value, each) for value, each in zip(inputs, lifted, strict=True)]
    types = ufunc.resolve_dtypes((*given, *(None,) * ufunc.nout))
    vars_ = [
        cast(each, _held(type_, name))
        for each, type_ in zip(lifted, types[: len(lifted)], strict=True)
    ]
    if name == "power":
        return kind(_power(vars_, inputs[1]), shape, _held(types[-1], name))
    dtype = _held(types[0], name)
    var = (_BOOLS if dtype == _BOOL and name in _BOOLS else UFUNCS)[name](*vars_)
    return kind(var, shape, _held(types[-1], name))


def _weak(value: Any, lifted: Traced) -> Any:
    """Python's own numbers take the type of the array beside them; the others have theirs."""
    return type(value) if type(value) in (int, float) else lifted.dtype


def _held(dtype: Any, name: str) -> Any:
    if np.dtype(dtype) == np.float16:  # which a ufunc of floats makes of bools
        refuse(f"np.{name} of bools, which computes in float16 (cast to float first)")
    return supported(dtype)


def _compared_text(name: str, sides: Sequence[Traced]) -> Var:
    if name not in ("equal", "not_equal") or any(side.dtype != TEXT for side in sides):
        refuse(f"np.{name} of text")
    same = op.equal(sides[0].var, sides[1].var)
    return same if name == "equal" else op.not_(same)


def _matmul(left: Traced, right: Traced) -> Traced:
    if left.ndim not in {1, 2} or right.ndim not in {1, 2}:
        refuse("a product of arrays of more than two axes")
    dtype = np.result_type(left.dtype, right.dtype)
    if dtype != _FLOAT:
        refuse(f"a matrix product in {dtype}")
    var = op.matmul(cast(left, dtype), cast(right, dtype))
    return Traced(var, (*left.shape[:-1], *right.shape[1:]), dtype)


def _power(sides: Sequence[Var], exponent: Any) -> Var:
    """NumPy computes a few powers as products and roots, and so the bits are those."""
    base = sides[0]
    known = {2: lambda: op.mul(base, base), 1: lambda: base, 0.5: lambda: op.sqrt(base)}
    if type(exponent) in (int, float) and exponent in known:
        return known[exponent]()
    return op.pow(*sides)


def _unequal(a: Var, b: Var) -> Var:
    return op.not_(op.equal(a, b))


def _sign(x: Var) -> Var:
    return op.sign(x)


def _logical(join: Callable[[Var, Var], Var]) -> Callable[[Var, Var], Var]:
    return lambda a, b: join(op.cast(a, to=np.bool_), op.cast(b, to=np.bool_))


def _finite(x: Var) -> Var:
    return op.not_(op.or_(op.isnan(x), op.isinf(x)))


def _ignoring(choose: Callable[[Sequence[Var]], Var]) -> Callable[[Var, Var], Var]:
    """The larger or the smaller of two where one may be NaN."""

    def chosen(a: Var, b: Var) -> Var:
        found = choose([a, b])
        return op.where(op.isnan(a), b, op.where(op.isnan(b), a, found))

    return chosen


def _copysign(a: Var, b: Var) -> Var:
    size = op.abs(a)
    return op.where(_signbit(b), op.neg(size), size)


def _signbit(x: Var) -> Var:
    return op.or_(op.less(x, constant(0.0)), elementary.negative_zero(x))


def _trunc(x: Var) -> Var:
    return op.mul(op.sign(x), op.floor(op.abs(x)))


def _heaviside(x: Var, at_zero: Var) -> Var:
    step = op.where(op.greater(x, constant(0.0)), constant(1.0), constant(0.0))
    return op.where(op.isnan(x), x, op.where(op.equal(x, constant(0.0)), at_zero, step))


def _xlogy(x: Var, y: Var) -> Var:
    zero = op.and_(op.equal(x, constant(0.0)), op.not_(op.isnan(y)))
    return op.where(zero, constant(0.0), op.mul(x, op.log(y)))


def _scaled(factor: float) -> Callable[[Var], Var]:
    return lambda x: op.mul(x, constant(factor))


def _as_int(compare: Callable[[Var, Var], Var]) -> Callable[[Var, Var], Var]:
    return lambda a, b: compare(op.cast(a, to=np.int64), op.cast(b, to=np.int64))


_BOOLS: dict[str, Callable[..., Var]] = {
    "add": op.or_,
    "bitwise_and": op.and_,
    "bitwise_or": op.or_,
    "bitwise_xor": op.xor,
    "greater": _as_int(op.greater),
    "greater_equal": _as_int(op.greater_or_equal),
    "invert": op.not_,
    "less": _as_int(op.less),
    "less_equal": _as_int(op.less_or_equal),
    "maximum": op.or_,
    "minimum": op.and_,
    "multiply": op.and_,
}
"""Where bools are not computed as numbers are."""

UFUNCS: dict[str, Callable[..., Any]] = {
    "absolute": op.abs,
    "add": op.add,
    "arccos": elementary.arccos,
    "arccosh": elementary.arccosh,
    "arcsin": elementary.arcsin,
    "arcsinh": elementary.arcsinh,
    "arctan": elementary.arctan,
    "arctan2": elementary.arctan2,
    "arctanh": elementary.arctanh,
    "bitwise_and": _BOOLS["bitwise_and"],
    "bitwise_or": _BOOLS["bitwise_or"],
    "bitwise_xor": _BOOLS["bitwise_xor"],
    "cbrt": elementary.cbrt,
    "ceil": op.ceil,
    "copysign": _copysign,
    "cos": op.cos,
    "cosh": elementary.cosh,
    "deg2rad": _scaled(math.pi / 180.0),
    "degrees": _scaled(180.0 / math.pi),
    "divide": op.div,
    "equal": op.equal,
    "exp": op.exp,
    "exp2": lambda x: op.pow(constant(2.0), x),
    "expit": expit,
    "expm1": elementary.expm1,
    "fabs": op.abs,
    "float_power": op.pow,
    "floor": op.floor,
    "floor_divide": elementary.floor_divide,
    "fmax": _ignoring(op.max),
    "fmin": _ignoring(op.min),
    "fmod": lambda a, b: op.mod(a, b, fmod=1),
    "greater": op.greater,
    "greater_equal": op.greater_or_equal,
    "heaviside": _heaviside,
    "hypot": elementary.hypot,
    "invert": _BOOLS["invert"],
    "isfinite": _finite,
    "isinf": op.isinf,
    "isnan": op.isnan,
    "less": op.less,
    "less_equal": op.less_or_equal,
    "log": op.log,
    "log10": elementary.log_to(10.0),
    "log1p": elementary.log1p,
    "log2": elementary.log_to(2.0),
    "logaddexp": elementary.logaddexp,
    "logical_and": _logical(op.and_),
    "logical_not": lambda x: op.not_(op.cast(x, to=np.bool_)),
    "logical_or": _logical(op.or_),
    "logical_xor": _logical(op.xor),
    "logit": lambda x: op.log(op.div(x, op.sub(constant(1.0), x))),
    "maximum": lambda a, b: op.max([a, b]),
    "minimum": lambda a, b: op.min([a, b]),
    "multiply": op.mul,
    "negative": op.neg,
    "not_equal": _unequal,
    "positive": lambda x: x,
    "power": op.pow,
    "rad2deg": _scaled(180.0 / math.pi),
    "radians": _scaled(math.pi / 180.0),
    "reciprocal": op.reciprocal,
    "remainder": elementary.remainder,
    "rint": op.round,
    "sign": _sign,
    "signbit": _signbit,
    "sin": op.sin,
    "sinh": elementary.sinh,
    "sqrt": op.sqrt,
    "square": lambda x: op.mul(x, x),
    "subtract": op.sub,
    "tan": elementary.tan,
    "tanh": op.tanh,
    "trunc": _trunc,
    "xlog1py": lambda x, y: op.where(
        op.equal(x, constant(0.0)), constant(0.0), op.mul(x, elementary.log1p(y))
    ),
    "xlogy": _xlogy,
}
"""The ufunc of that name: tensors of the type its NumPy loop computes in -> its answer."""

REDUCTIONS = {
    "add": "sum",
    "multiply": "prod",
    "maximum": "max",
    "minimum": "min",
    "logical_and": "all",
    "logical_or": "any",
}
