"""X[...] and X[...] = ..., for the indices whose meaning does not hang on the rows."""

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.table import constant, cut
from converters.graph.traced import ROWS, Shape, Traced, cast, is_traced, lift, refuse


def get(x: Traced, key: Any) -> Traced:
    """X[key]: whole rows, chosen columns, new axes."""
    if is_traced(key) or any(is_traced(each) for each in _keys(key)):
        refuse("choosing rows or elements by the data (use np.where)")
    var, shape, axis = x.var, list(x.shape), 0
    basic = True
    for each in _expanded(key, x.ndim):
        if each is None:
            var = op.unsqueeze(var, constant([axis], np.int64))
            shape.insert(axis, 1)
            axis += 1
        elif _all(each):
            axis += 1
        elif shape[axis] is ROWS:
            refuse("choosing some of the rows")
        elif isinstance(each, int | np.integer):
            position = _position(each, shape[axis])
            var = op.gather(var, constant(position, np.int64), axis=axis)
            del shape[axis]
        else:
            basic &= isinstance(each, slice)
            chosen = positions(each, shape[axis])
            var = _taken(var, chosen, axis)
            shape[axis] = len(chosen)
            axis += 1
    found = x.same(var, tuple(shape), x.dtype)
    found.view = basic
    return found


def _taken(var: Var, chosen: list[int], axis: int) -> Var:
    """Those places of an axis; neighbours as a slice, which is the faster."""
    if not chosen or chosen != list(range(chosen[0], chosen[0] + len(chosen))):
        return op.gather(var, constant(chosen, np.int64), axis=axis)
    return cut(var, chosen[0], chosen[-1] + 1, axis=axis)


def put(x: Traced, key: Any, value: Any) -> None:
    """X[key] = value: where a condition of the data holds, or in chosen columns."""
    if is_traced(key):
        x.become(_chosen(lift(key), value, x))
        return
    keys = _expanded(key, x.ndim)
    if x.ndim == 1 or x.shape[0] is not ROWS:
        if x.ndim == 1 and is_traced(keys[0]):
            x.become(_chosen(lift(keys[0]), value, x))
            return
        if not all(map(_all, keys)):
            refuse("writing into some of the rows")
    rows, columns = keys[0], keys[1] if x.ndim > 1 else slice(None)
    one = isinstance(columns, int | np.integer)
    where = positions([columns] if one else columns, x.shape[-1])
    part = Traced(op.gather(x.var, constant(where, np.int64), axis=1), (ROWS, len(where)), x.dtype)
    new = lift(value)
    if new.ndim == 1 and new.shape[0] is ROWS and one:
        new = Traced(op.unsqueeze(new.var, constant([1], np.int64)), (ROWS, 1), new.dtype)
    if is_traced(rows):
        mask = lift(rows)
        mask = Traced(op.unsqueeze(mask.var, constant([1], np.int64)), (ROWS, 1), mask.dtype)
    elif _all(rows):
        mask = Traced(constant([[True]], np.bool_), (1, 1), np.bool_)
    else:
        refuse("writing into some of the rows")
    x.become(Traced(_placed(x, where, _chosen(mask, new, part).var), x.shape, x.dtype))


def _chosen(mask: Traced, value: Any, old: Traced) -> Traced:
    if mask.dtype != np.bool_:
        refuse("writing at positions that the data decides")
    new = lift(value)
    return Traced(choose(mask.var, cast(new, old.dtype), old.var, old.dtype), old.shape, old.dtype)


def choose(condition: Var, yes: Var, no: Var, dtype: Any) -> Var:
    """Where(condition, yes, no); onnxruntime has none for bools."""
    if np.dtype(dtype) != np.bool_:
        return op.where(condition, yes, no)
    return op.or_(op.and_(condition, yes), op.and_(op.not_(condition), no))


def _placed(x: Traced, where: list[int], part: Var) -> Var:
    """The columns of `part` in place of those at `where`."""
    width = x.shape[1]
    order = [width + where.index(i) if i in where else i for i in range(width)]
    return op.gather(op.concat([x.var, part], axis=1), constant(order, np.int64), axis=1)


def positions(key: Any, length: int) -> list[int]:
    """The places that a slice, a list of places or a list of bools chooses."""
    if isinstance(key, slice):
        return list(range(length))[key]
    chosen = np.asarray(key)
    if chosen.ndim != 1 or chosen.dtype.kind not in "biu":
        refuse(f"the index {key!r:.40}")
    if chosen.dtype.kind == "b":
        if len(chosen) != length:
            raise IndexError(f"{len(chosen)} bools for an axis of {length}")
        return [int(each) for each in np.flatnonzero(chosen)]
    return [_position(each, length) for each in chosen]


def _position(key: Any, length: Any) -> int:
    place = operator.index(key)
    if not -length <= place < length:
        raise IndexError(f"index {place} is out of bounds for an axis of {length}")
    return int(place % length)


def _keys(key: Any) -> tuple[Any, ...]:
    return key if isinstance(key, tuple) else (key,)


def _expanded(key: Any, ndim: int) -> list[Any]:
    """One index for each axis, in order; None for each new one."""
    keys = list(_keys(key))
    missing = ndim - sum(1 for each in keys if each is not None and each is not Ellipsis)
    if missing < 0:
        raise IndexError(f"too many indices for an array of {ndim} axes")
    for place, each in enumerate(keys):
        if each is Ellipsis:
            return [*keys[:place], *[slice(None)] * missing, *keys[place + 1 :]]
    return [*keys, *[slice(None)] * missing]


def _all(key: Any) -> bool:
    return isinstance(key, slice) and key == slice(None)


def reshaped(x: Traced, shape: Shape) -> Var:
    """The tensor in another shape, whose rows stay the rows."""
    wanted = [-1 if each is ROWS else int(each) for each in shape]
    return op.reshape(x.var, constant(wanted, np.int64))
