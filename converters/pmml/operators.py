"""What each ONNX operator does to the tensors of one row.

A tensor is a NumPy array: plain where all of it is known at conversion, else of objects, each a
constant or a Node. Its axis of rows has length 1.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from bundle.arrays import Array
from converters.pmml import expressions as e
from converters.pmml import numbers as n
from converters.pmml.text import term_counts
from converters.pmml.trees import tree_ensemble

Attributes = dict[str, Any]
Operator = Callable[[list[Any], Attributes], list[Array]]


def objects(values: Any) -> Array:
    """The same tensor, of Python objects."""
    found = np.asarray(values)
    return found if found.dtype == object else found.astype(object)


def tidy(values: Array) -> Array:
    """A tensor of constants alone becomes a plain one again."""
    if values.dtype != object or any(isinstance(value, e.Node) for value in values.flat):
        return values
    kinds = {type(value) for value in values.flat}
    return values if str in kinds or not kinds else values.astype(np.result_type(*kinds))


def each(function: Callable[..., Any]) -> Operator:
    """An operator that works element by element, with broadcasting."""
    return lambda inputs, _: [_each(function, *inputs)]


def _each(function: Callable[..., Any], *inputs: Any) -> Array:
    found = np.frompyfunc(function, len(inputs), 1)(*(objects(tensor) for tensor in inputs))
    return objects(found)


def folded(function: Callable[[Any, Any], Any]) -> Operator:
    """An operator of any number of tensors, two at a time from the left."""

    def apply(inputs: list[Any], _: Attributes) -> list[Array]:
        found = objects(inputs[0])
        for other in inputs[1:]:
            found = _each(function, found, other)
        return [found]

    return apply


def reduced(function: Callable[[list[Any]], Any]) -> Operator:
    """An operator that makes one value of those along its axes."""

    def apply(inputs: list[Any], attributes: Attributes) -> list[Array]:
        x = objects(inputs[0])
        given = _axes(inputs, attributes)
        axes = tuple(range(x.ndim)) if given is None else tuple(a % x.ndim for a in given)
        kept = [axis for axis in range(x.ndim) if axis not in axes]
        shape, sizes = ([x.shape[axis] for axis in part] for part in (kept, axes))
        lines = x.transpose(*kept, *axes).reshape(math.prod(shape), math.prod(sizes))
        found = _filled([function(list(line)) for line in lines], shape)
        return [np.expand_dims(found, axes) if attributes.get("keepdims", 1) else found]

    return apply


def _filled(values: Sequence[Any], shape: Sequence[int]) -> Array:
    found = np.empty(len(values), dtype=object)
    found[:] = values
    return found.reshape(tuple(shape))


def along(function: Callable[[list[Any]], list[Any]], axis: int = -1) -> Operator:
    """An operator that makes as many values of those along one axis."""

    def apply(inputs: list[Any], attributes: Attributes) -> list[Array]:
        x = objects(inputs[0])
        at = int(inputs[1]) if len(inputs) > 1 else int(attributes.get("axis", axis))
        last = np.moveaxis(x, at, -1)
        lines = last.reshape(-1, last.shape[-1])
        values = list(itertools.chain.from_iterable(function(list(line)) for line in lines))
        return [np.moveaxis(_filled(values, last.shape), -1, at)]

    return apply


def _argument(order: Callable[[Any], Any]) -> Operator:
    """The place of the largest value along an axis."""

    def apply(inputs: list[Any], attributes: Attributes) -> list[Array]:
        axis = attributes.get("axis", 0)
        places = reduced(lambda values: n.first_largest([order(v) for v in values])[0])
        return places(inputs, {"axes": [axis], "keepdims": attributes.get("keepdims", 1)})

    return apply


def _matmul(a: Any, b: Any) -> Array:
    a, b = objects(a), objects(b)
    vectors = (a.ndim == 1, b.ndim == 1)
    a, b = (a[None] if vectors[0] else a), (b[:, None] if vectors[1] else b)
    heads = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    a = np.broadcast_to(a, heads + a.shape[-2:])
    b = np.broadcast_to(b, heads + b.shape[-2:])
    found = np.empty((*heads, a.shape[-2], b.shape[-1]), dtype=object)
    for place in np.ndindex(*found.shape):
        left, right = a[(*place[:-2], place[-2])], b[(*place[:-2], slice(None), place[-1])]
        found[place] = n.total([e.multiply(x, w) for x, w in zip(left, right, strict=True)])
    found = found[..., 0, :] if vectors[0] else found
    return found[..., 0] if vectors[1] else found


def _gemm(inputs: list[Any], attributes: Attributes) -> list[Array]:
    a, b, *c = inputs
    a = np.transpose(a) if attributes.get("transA", 0) else a
    b = np.transpose(b) if attributes.get("transB", 0) else b
    found = _each(lambda x: e.multiply(x, float(attributes.get("alpha", 1.0))), _matmul(a, b))
    if c:
        scaled = _each(lambda x: e.multiply(x, float(attributes.get("beta", 1.0))), c[0])
        found = _each(e.add, found, scaled)
    return [found]


def _cast(inputs: list[Any], attributes: Attributes) -> list[Array]:
    to = attributes["to"]
    if to in (6, 7, 5, 3):  # the integers
        whole = _each(lambda x: x if _truth(x) else n.truncate(x), inputs[0])
        return [_each(n.as_whole, whole) if _truth(whole.flat[0]) else _whole(whole)]
    if to == 11:  # double
        return [_each(_as_number, inputs[0])]
    if to == 1:  # float
        return [_each(n.single, inputs[0])]
    if to == 9:  # bool
        return [_each(lambda x: x if _truth(x) else e.negate(e.equal(x, 0)), inputs[0])]
    raise NotImplementedError(f"a cast to type {to}")


def _truth(x: Any) -> bool:
    return e.kind_of(x) == "truth"


def _whole(values: Array) -> Array:
    """Integers, also at the ends of a choice."""

    def convert(x: Any) -> Any:
        if isinstance(x, e.Node):
            return e.mapped(int, x) if x.known else x
        return int(x)

    return _each(convert, values)


def _as_number(x: Any) -> Any:
    if _truth(x):
        return e.choose(x, 1.0, 0.0)
    if isinstance(x, e.Node):
        return e.mapped(float, x) if x.known else x
    return float(x)


def _gather(inputs: list[Any], attributes: Attributes) -> list[Array]:
    data, index = objects(inputs[0]), np.asarray(inputs[1])
    axis = attributes.get("axis", 0) % data.ndim
    if index.dtype != object:
        return [np.take(data, index.astype(np.int64), axis=axis)]
    first = np.moveaxis(data, axis, 0)
    found = np.empty(index.shape + first.shape[1:], dtype=object)
    for place in np.ndindex(*index.shape):
        for rest in np.ndindex(*first.shape[1:]):
            pick = partial(_at, first, rest)
            found[place + rest] = e.selected(index.item(place), len(first), pick)
    order = list(range(index.ndim, index.ndim + axis))
    rest_axes = [a for a in range(found.ndim) if a not in order and a >= index.ndim]
    return [found.transpose(*order, *range(index.ndim), *rest_axes)]


def _at(first: Array, rest: tuple[int, ...], at: int) -> Any:
    return first[(at, *rest)]


def _gather_elements(inputs: list[Any], attributes: Attributes) -> list[Array]:
    data, index = objects(inputs[0]), np.asarray(inputs[1])
    axis = attributes.get("axis", 0) % data.ndim
    found = np.empty(index.shape, dtype=object)
    for place in np.ndindex(*index.shape):
        line = data[(*place[:axis], slice(None), *place[axis + 1 :])]
        found[place] = e.selected(index.item(place), len(line), partial(_at, line, ()))
    return [found]


MOST_COMPARED = 20_000
"""Values among which the smallest is sought, times how often."""


def _gather_nd(inputs: list[Any], attributes: Attributes) -> list[Array]:
    data, index = objects(inputs[0]), np.asarray(inputs[1])
    if attributes.get("batch_dims", 0) or index.shape[-1] != 1:
        raise NotImplementedError("values gathered along several axes")
    return _gather([data, index[..., 0]], {"axis": 0})


def _top_k(inputs: list[Any], attributes: Attributes) -> list[Array]:
    x, k = objects(inputs[0]), int(np.ravel(inputs[1])[0])
    axis = attributes.get("axis", -1)
    last = np.moveaxis(x, axis, -1)
    sign = n.negative if attributes.get("largest", 1) else (lambda value: value)
    if last.shape[-1] * k > MOST_COMPARED:
        raise NotImplementedError(f"the {k} smallest of {last.shape[-1]} values")
    values, places = [], []
    for line in last.reshape(-1, last.shape[-1]):
        ordered, order = n.smallest([sign(value) for value in line], k)
        values += [sign(value) for value in ordered]
        places += order
    shape = (*last.shape[:-1], k)
    return [np.moveaxis(_filled(part, shape), -1, axis) for part in (values, places)]


def _running(values: list[Any]) -> list[Any]:
    return list(itertools.accumulate(values, e.add))


def _slice(inputs: list[Any], _: Attributes) -> list[Array]:
    x, starts, stops, *rest = inputs
    axes = rest[0] if rest else range(len(starts))
    steps = rest[1] if len(rest) > 1 else [1] * len(starts)
    cuts: list[Any] = [slice(None)] * np.ndim(x)
    for axis, start, stop, step in zip(axes, starts, stops, steps, strict=True):
        cuts[int(axis)] = slice(int(start), int(stop), int(step))
    return [x[tuple(cuts)]]


def _split(inputs: list[Any], attributes: Attributes) -> list[Array]:
    axis = attributes.get("axis", 0)
    sizes = inputs[1] if len(inputs) > 1 else None
    if sizes is None:
        return list(np.split(inputs[0], attributes["num_outputs"], axis=axis))
    return list(np.split(inputs[0], np.cumsum(sizes)[:-1].astype(int), axis=axis))


def _pad(inputs: list[Any], _: Attributes) -> list[Array]:
    x, pads, *rest = inputs
    sides = np.reshape(pads, (2, -1)).T.astype(int)
    value = rest[0].item() if rest and rest[0] is not None else 0
    return [np.pad(x, sides, constant_values=value)]


def _reshape(inputs: list[Any], _: Attributes) -> list[Array]:
    x, shape = inputs
    wanted = [x.shape[i] if size == 0 else int(size) for i, size in enumerate(shape)]
    return [x.reshape(wanted)]


def _axes(inputs: list[Any], attributes: Attributes) -> tuple[int, ...] | None:
    given = attributes.get("axes", inputs[1] if len(inputs) > 1 else None)
    return None if given is None else tuple(int(axis) for axis in given)


def _squeeze(inputs: list[Any], attributes: Attributes) -> list[Array]:
    return [np.squeeze(inputs[0], axis=_axes(inputs, attributes))]


def _unsqueeze(inputs: list[Any], attributes: Attributes) -> list[Array]:
    return [np.expand_dims(inputs[0], _axes(inputs, attributes) or ())]


def _einsum(inputs: list[Any], attributes: Attributes) -> list[Array]:
    """Axes in another order, which is all that our graphs ask of it."""
    given, _, wanted = attributes["equation"].partition("->")
    if sorted(given) != sorted(set(wanted)):
        raise NotImplementedError(f"the sums of {attributes['equation']}")
    return [np.transpose(inputs[0], [given.index(label) for label in wanted])]


_DEFAULTS = {
    "values_strings": "default_string",
    "values_int64s": "default_int64",
    "values_floats": "default_float",
    "values_tensor": "default_tensor",
}


def _label_encoder(inputs: list[Any], attributes: Attributes) -> list[Array]:
    keys = next(value for name, value in attributes.items() if name.startswith("keys_"))
    name = next(name for name in _DEFAULTS if name in attributes)
    default = np.ravel(attributes[_DEFAULTS[name]]).tolist()[0]
    return [_each(lambda x: e.lookup(x, keys, attributes[name], default), inputs[0])]


def _clip(inputs: list[Any], _: Attributes) -> list[Array]:
    found, least, most = (*inputs, None, None)[:3]
    found = found if least is None else _each(n.larger, found, least)
    return [found if most is None else _each(n.smaller, found, most)]


def _is_nan(x: Any) -> Any:
    return e.negate(e.present(x))


OPERATORS: dict[str, Operator] = {
    "Abs": each(n.absolute),
    "Add": each(e.add),
    "And": each(e.both),
    "ArgMax": _argument(lambda x: x),
    "ArgMin": _argument(n.negative),
    "Cast": _cast,
    "Ceil": each(n.ceil),
    "Clip": _clip,
    "Concat": lambda i, a: [np.concatenate([objects(x) for x in i], axis=a["axis"])],
    "ConstantOfShape": lambda i, a: [np.full(i[0], np.ravel(a.get("value", [0.0]))[0])],
    "Cos": each(n.cosine),
    "CumSum": along(_running),
    "Div": each(e.divide),
    "Einsum": _einsum,
    "Equal": each(e.equal),
    "Exp": each(n.exponential),
    "Expand": lambda i, _: [np.broadcast_to(i[0], np.broadcast_shapes(i[0].shape, tuple(i[1])))],
    "Flatten": lambda i, a: [i[0].reshape(int(np.prod(i[0].shape[: a.get("axis", 1)])), -1)],
    "Floor": each(n.floor),
    "Gather": _gather,
    "GatherElements": _gather_elements,
    "GatherND": _gather_nd,
    "Gemm": _gemm,
    "Greater": each(e.greater),
    "GreaterOrEqual": each(e.greater_or_equal),
    "Identity": lambda i, _: [i[0]],
    "IsInf": each(n.infinite),
    "IsNaN": each(_is_nan),
    "LabelEncoder": _label_encoder,
    "Less": each(e.less),
    "LessOrEqual": each(e.less_or_equal),
    "Log": each(n.log),
    "MatMul": lambda i, _: [_matmul(*i)],
    "Max": folded(n.larger),
    "Min": folded(n.smaller),
    "Mod": each(n.remainder),
    "Mul": each(e.multiply),
    "Neg": each(n.negative),
    "Not": each(e.negate),
    "Or": each(e.either),
    "Pad": _pad,
    "Pow": each(n.power),
    "Reciprocal": each(lambda x: e.divide(1.0, x)),
    "ReduceL1": reduced(lambda values: n.total([n.absolute(v) for v in values])),
    "ReduceL2": reduced(lambda values: n.sqrt(n.total([e.multiply(v, v) for v in values]))),
    "ReduceLogSumExp": reduced(n.log_sum_exp),
    "ReduceLogSum": reduced(lambda values: n.log(n.total(values))),
    "ReduceMean": reduced(lambda values: e.divide(n.total(values), float(len(values)))),
    "ReduceMax": reduced(lambda values: n.first_largest(values)[1]),
    "ReduceMin": reduced(
        lambda values: n.negative(n.first_largest([n.negative(v) for v in values])[1])
    ),
    "ReduceSum": reduced(n.total),
    "ReduceSumSquare": reduced(lambda values: n.total([e.multiply(v, v) for v in values])),
    "Relu": each(lambda x: n.larger(x, 0.0)),
    "Reshape": _reshape,
    "Round": each(n.rint),
    "Shape": lambda i, a: [np.array(i[0].shape[a.get("start", 0) : a.get("end")], dtype=np.int64)],
    "Sigmoid": each(n.sigmoid),
    "Sign": each(n.sign),
    "Sin": each(n.sine),
    "Slice": _slice,
    "Softmax": along(n.softmax),
    "Split": _split,
    "Sqrt": each(n.sqrt),
    "Squeeze": _squeeze,
    "StringConcat": each(e.joined),
    "Sub": each(e.subtract),
    "Sum": folded(e.add),
    "Tanh": each(n.tanh),
    "TermCounts": term_counts,
    "Tile": lambda i, _: [np.tile(i[0], i[1])],
    "TopK": _top_k,
    "Transpose": lambda i, a: [np.transpose(i[0], a.get("perm"))],
    "TreeEnsemble": tree_ensemble,
    "Unsqueeze": _unsqueeze,
    "Where": each(e.choose),
    "Xor": each(lambda a, b: e.choose(a, e.negate(b), b)),
}
"""By the name of the operator: (inputs, attributes) -> outputs."""
