"""Frames and columns that record what pandas code does to them: the part that has a form."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.lib.mixins import NDArrayOperatorsMixin

from bundle.arrays import MISSING_TEXT
from converters.graph import reductions
from converters.graph.indexing import positions
from converters.graph.preprocessing import category_code
from converters.graph.table import Ref, Table, constant
from converters.graph.traced import ROWS, TEXT, Traced, cast, lift, refuse
from converters.graph.traced_functions import astype, clip, isin, round_, where

_FLOAT = np.dtype(np.float64)


def column(ref: Ref) -> Series:
    """One column of a table, by itself."""
    var = op.gather(ref.var, constant(ref.position, np.int64), axis=1)
    return Series(var, (ROWS,), _dtype(ref))


def _dtype(ref: Ref) -> np.dtype[Any]:
    return TEXT if ref.text else np.dtype(ref.var.unwrap_tensor().dtype)


def as_ref(value: Any) -> Ref:
    """A column of the graph as a column of a table."""
    found = lift(value)
    if found.ndim == 2 and found.shape[1] == 1:
        found = found[:, 0]
    if found.ndim != 1 or found.shape[0] is not ROWS:
        refuse("a column that does not come from the columns of the frame")
    return Ref(op.unsqueeze(found.var, constant([1], np.int64)), 0, 1, found.dtype == TEXT)


def missing(x: Any) -> Any:
    """Where a value is missing: NaN, or missing text."""
    if hasattr(type(x), "elementwise"):
        return x.each(missing)
    if x.dtype == TEXT:
        return x.same(op.equal(x.var, constant(MISSING_TEXT, np.str_)), x.shape, np.bool_)
    return np.isnan(x) if x.dtype.kind == "f" else x != x  # noqa: PLR0124 - False everywhere


class Series(Traced):
    """A column of a frame."""

    @property
    def __class__(self) -> Any:
        """A Series, where code asks with isinstance."""
        return pd.Series

    @property
    def values(self) -> Traced:
        """The column as an array."""
        return Traced(self.var, self.shape, self.dtype)

    def __getattr__(self, name: str) -> Any:
        if name in SERIES:
            return lambda *args, **options: SERIES[name](self, *args, **options)
        if name.startswith("__") or not hasattr(pd.Series, name):
            raise AttributeError(name)
        refuse(f"the method .{name} of a column")

    def __getitem__(self, key: Any) -> Any:
        refuse("choosing some of the rows of a column (use np.where)")

    def __setitem__(self, key: Any, value: Any) -> None:
        refuse("writing into a column (use np.where, or .where)")


def _fill(x: Any, value: Any) -> Any:
    found = where(missing(x), value, x)
    return x.same(found.var, found.shape, found.dtype)


def _kept(x: Any, cond: Any, other: Any = np.nan) -> Any:
    found = where(cond, x, other)
    return x.same(found.var, found.shape, found.dtype)


def _between(x: Any, left: Any, right: Any, inclusive: str = "both") -> Any:
    low = x >= left if inclusive in ("both", "left") else x > left
    return low & (x <= right if inclusive in ("both", "right") else x < right)


def _map(x: Any, known: Any) -> Any:
    """Series.map of a dict: the value of each key, NaN for others."""
    if not isinstance(known, Mapping):
        refuse("Series.map of a function (use NumPy functions of the whole column)")
    if not all(isinstance(each, int | float) for each in known.values()):
        refuse("Series.map to other than numbers")
    ref = as_ref(x)
    keys = np.array(list(known), dtype=object if ref.text else np.float64)
    code = category_code(ref, keys)
    table = constant([*map(float, known.values()), np.nan])  # code -1 is the last
    found = op.squeeze(op.gather(table, code, axis=0), constant([1], np.int64))
    return x.same(found, x.shape, np.float64)


def _compared(compute: Callable[[Any, Any], Any]) -> Callable[..., Any]:
    return lambda x, other: compute(x, other)


OPERATORS = {
    "add": operator.add,
    "sub": operator.sub,
    "subtract": operator.sub,
    "mul": operator.mul,
    "multiply": operator.mul,
    "div": operator.truediv,
    "divide": operator.truediv,
    "truediv": operator.truediv,
    "floordiv": operator.floordiv,
    "mod": operator.mod,
    "pow": operator.pow,
    "eq": operator.eq,
    "ne": operator.ne,
    "lt": operator.lt,
    "le": operator.le,
    "gt": operator.gt,
    "ge": operator.ge,
}

SERIES: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "astype": astype,
    "between": _between,
    "clip": lambda x, lower=None, upper=None: clip(x, lower, upper),
    "copy": lambda x, **_: x.same(x.var, x.shape, x.dtype),
    "fillna": _fill,
    "isin": lambda x, values: isin(x, values),
    "isna": missing,
    "isnull": missing,
    "map": _map,
    "mask": lambda x, cond, other=np.nan: _kept(x, ~cond, other),
    "notna": lambda x: ~missing(x),
    "notnull": lambda x: ~missing(x),
    "pipe": lambda x, function, *args, **options: function(x, *args, **options),
    "rename": lambda x, *_, **__: x,
    "reset_index": lambda x, **_: x,
    "round": round_,
    "to_frame": lambda x, name="0": Frame({name: as_ref(x)}),
    "to_numpy": lambda x, *_, **__: x.values,
    "where": _kept,
    **{name: _compared(compute) for name, compute in OPERATORS.items()},
}
"""The method of a column of that name."""


class Frame(NDArrayOperatorsMixin):
    """Columns by name, in order."""

    __traced__ = True

    def __init__(self, refs: Mapping[Any, Ref]) -> None:
        self.refs = dict(refs)

    @property
    def __class__(self) -> Any:
        """A DataFrame, where code asks with isinstance."""
        return pd.DataFrame

    @property
    def table(self) -> Table:
        """The columns, as the graph's steps take them: float64 or text."""
        return _as_float64(Table(tuple(self.refs.values())))

    @property
    def columns(self) -> Any:
        """The names."""
        return pd.Index(list(self.refs))

    @property
    def shape(self) -> Any:
        """Rows and columns."""
        return (ROWS, len(self.refs))

    @property
    def values(self) -> Traced:
        """The frame as an array."""
        return self.traced()

    @property
    def iloc(self) -> Any:
        """Columns by their places."""
        return _Places(self, lambda key: self._placed(key))

    @property
    def loc(self) -> Any:
        """Columns by their names."""
        return _Places(self, lambda key: self[key])

    def _placed(self, key: Any) -> Any:
        names = list(self.refs)
        if isinstance(key, int):
            return self[names[key]]
        return self[[names[i] for i in positions(key, len(names))]]

    def traced(self) -> Traced:
        """One array of all columns, which are of one type."""
        kinds = {_dtype(ref) for ref in self.refs.values()}
        if TEXT in kinds and len(kinds) > 1:
            refuse("an array of a frame that mixes numbers and text (choose columns first)")
        if len(kinds) > 1:
            return Traced(self.table.matrix(), self.shape, _FLOAT)
        return Traced(Table(tuple(self.refs.values())).matrix(), self.shape, kinds.pop())

    def same(self, found: Traced) -> Frame:
        """A frame of these names, with other values."""
        names = list(self.refs)
        table = Table.of(found.var, len(names), text=found.dtype == TEXT)
        return Frame(dict(zip(names, table.refs, strict=True)))

    def elementwise(self, ufunc: Any, inputs: Sequence[Any]) -> Frame:
        """A ufunc over all columns at once."""
        for each in inputs:
            if type(each) is Series:
                refuse("a frame with a column in one expression (pandas aligns their labels)")
            if type(each) is Frame and list(each.refs) != list(self.refs):
                refuse("an expression of frames with different columns")
        found = ufunc(*(lift(each) if type(each) is Frame else each for each in inputs))
        return self.same(found)

    def each(self, function: Callable[[Any], Any]) -> Frame:
        """A function over the array of all columns, or over each where they are mixed."""
        if len({_dtype(ref) for ref in self.refs.values()}) == 1:
            return self.same(function(self.traced()))
        return Frame({name: as_ref(function(column(ref))) for name, ref in self.refs.items()})

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Take a ufunc into the graph."""
        from converters.graph import traced_ufuncs  # noqa: PLC0415 - a cycle

        return traced_ufuncs.call(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, _: Any, args: Any, options: Any) -> Any:
        """Take a function of NumPy's into the graph."""
        from converters.graph import traced_functions  # noqa: PLC0415 - a cycle

        return traced_functions.call(function, args, options)

    def __array__(self, *_: Any, **__: Any) -> Any:
        refuse("a function that asks for the numbers themselves")

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, tuple):
            if len(key) != 2 or not (isinstance(key[0], slice) and key[0] == slice(None)):
                refuse("choosing some of the rows")
            return self[key[1]] if not isinstance(key[1], slice) else self._placed(key[1])
        if type(key) in (Series, Traced, Frame) or isinstance(key, slice):
            refuse("choosing some of the rows (use np.where)")
        if isinstance(key, list | pd.Index | np.ndarray):
            return Frame({name: self._ref(name) for name in key})
        return column(self._ref(key))

    def _ref(self, name: Any) -> Ref:
        if name not in self.refs:
            raise KeyError(name)
        return self.refs[name]

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, list):
            self.refs |= dict(zip(key, _columns_of(value, len(key)).refs, strict=True))
        else:
            self.refs[key] = self._made(value)

    def _made(self, value: Any) -> Ref:
        """A new column: of the graph, or one value for all rows."""
        if not isinstance(value, str | int | float) or type(value) is Series:
            return as_ref(value)
        base = column(next(iter(self.refs.values())))
        new = lift(value)
        like = constant(False, np.bool_)  # noqa: FBT003 - a tensor of it
        if (new.dtype == TEXT) != (base.dtype == TEXT):
            refuse("a column of one value, of another kind than the first column")
        kept, old = cast(new, base.dtype), base
        if new.dtype != TEXT:
            kept, old = cast(new, np.float64), astype(base, np.float64)
        return as_ref(old.same(op.where(like, old.var, kept), old.shape, old.dtype))

    def __getattr__(self, name: str) -> Any:
        if name in FRAME:
            return lambda *args, **options: FRAME[name](self, *args, **options)
        if not name.startswith("__") and name in self.__dict__.get("refs", {}):
            return self[name]
        if name.startswith("__") or not hasattr(pd.DataFrame, name):
            raise AttributeError(name)
        refuse(f"the method .{name} of a frame")

    def __iter__(self) -> Any:
        return iter(self.refs)

    def __contains__(self, name: Any) -> bool:
        return name in self.refs

    def __len__(self) -> int:
        return operator.index(ROWS)

    def __bool__(self) -> bool:
        refuse("a branch on the data")

    def __hash__(self) -> int:
        return id(self)


class _Places:
    """`frame.iloc[:, key]` and `frame.loc[:, key]`."""

    def __init__(self, frame: Frame, choose: Callable[[Any], Any]) -> None:
        self.frame, self.choose = frame, choose

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, tuple) or not isinstance(key[0], slice) or key[0] != slice(None):
            refuse("choosing some of the rows")
        return self.choose(key[1])

    def __setitem__(self, key: Any, value: Any) -> None:
        if not isinstance(key, tuple) or not isinstance(key[0], slice) or key[0] != slice(None):
            refuse("writing into some of the rows (use np.where)")
        names = list(self.frame.refs)
        self.frame[names[key[1]] if isinstance(key[1], int) else key[1]] = value


def _as_float64(table: Table) -> Table:
    """The columns, those of bools and integers as float64."""
    casts = {
        id(ref.var): op.cast(ref.var, to=np.float64)
        for ref in table.refs
        if not ref.text and _dtype(ref) != _FLOAT
    }
    return Table(
        tuple(Ref(casts.get(id(r.var), r.var), r.position, r.width, r.text) for r in table.refs)
    )


def _columns_of(value: Any, width: int) -> Table:
    if type(value) is Frame:
        return Table(tuple(value.refs.values()))
    found = lift(value)
    if found.shape != (ROWS, width):
        refuse(f"{width} columns from an array of shape {found.shape}")
    return Table.of(found.var, width, text=found.dtype == TEXT)


def _reduce(function: Callable[..., Any], **fixed: Any) -> Callable[..., Any]:
    """A reduction along the columns; pandas skips what is missing."""

    def run(x: Frame, axis: Any = 0, skipna: Any = True, **options: Any) -> Series:  # noqa: FBT002 - pandas'
        if axis not in (1, "columns"):
            refuse("a reduction over the rows, which hangs on the other rows of a request")
        options.pop("numeric_only", None)
        if not skipna:
            refuse("a reduction with skipna=False (use NumPy's on .to_numpy())")
        found = function(x.traced(), 1, **{**fixed, **options})
        return Series(found.var, found.shape, found.dtype)

    return run


def _assign(x: Frame, **columns: Any) -> Frame:
    made = Frame(x.refs)
    for name, value in columns.items():
        made[name] = value(made) if callable(value) and type(value) is not Series else value
    return made


def _drop(x: Frame, labels: Any = None, *, axis: Any = 0, columns: Any = None, **_: Any) -> Frame:
    if columns is None and axis not in (1, "columns"):
        refuse("dropping rows")
    chosen = labels if columns is None else columns
    gone = [chosen] if isinstance(chosen, str) else list(chosen)
    return Frame({name: ref for name, ref in x.refs.items() if name not in gone})


def _rename(x: Frame, *, columns: Any = None, **_: Any) -> Frame:
    new = columns if callable(columns) else lambda name: (columns or {}).get(name, name)
    return Frame({new(name): ref for name, ref in x.refs.items()})


def _fill_frame(x: Frame, value: Any) -> Frame:
    if not isinstance(value, Mapping):
        return x.each(lambda each: _fill(each, value))
    filled = {name: as_ref(_fill(column(x.refs[name]), v)) for name, v in value.items()}
    return Frame({**x.refs, **filled})


def _cast_frame(x: Frame, dtype: Any, **_: Any) -> Frame:
    if not isinstance(dtype, Mapping):
        return x.each(lambda each: astype(each, dtype))
    made = {name: as_ref(astype(column(x.refs[name]), kind)) for name, kind in dtype.items()}
    return Frame({**x.refs, **made})


def _conditional(x: Frame, cond: Any, other: Any = np.nan, *, holds: bool) -> Frame:
    test = lift(cond)
    return x.same(_kept(x.traced(), test if holds else ~test, other))


FRAME: dict[str, Callable[..., Any]] = {
    "abs": np.abs,
    "all": _reduce(reductions.all_),
    "any": _reduce(reductions.any_),
    "assign": _assign,
    "astype": _cast_frame,
    "clip": lambda x, lower=None, upper=None: x.each(lambda each: clip(each, lower, upper)),
    "copy": lambda x, **_: Frame(x.refs),
    "drop": _drop,
    "fillna": _fill_frame,
    "isin": lambda x, values: x.each(lambda each: isin(each, values)),
    "isna": missing,
    "isnull": missing,
    "mask": lambda x, cond, other=np.nan: _conditional(x, cond, other, holds=False),
    "max": _reduce(reductions.nanmax),
    "mean": _reduce(reductions.nanmean),
    "min": _reduce(reductions.nanmin),
    "notna": lambda x: ~missing(x),
    "notnull": lambda x: ~missing(x),
    "pipe": lambda x, function, *args, **options: function(x, *args, **options),
    "prod": _reduce(lambda x, axis, **o: reductions.prod(reductions.present(x, 1.0)[0], axis, **o)),
    "rename": _rename,
    "reset_index": lambda x, **_: x,
    "round": lambda x, decimals=0: x.each(lambda each: round_(each, decimals)),
    "std": _reduce(reductions.nanstd, ddof=1),
    "sum": _reduce(reductions.nansum),
    "to_numpy": lambda x, *_, **__: x.traced(),
    "var": _reduce(reductions.nanvar, ddof=1),
    "where": lambda x, cond, other=np.nan: _conditional(x, cond, other, holds=True),
    **{name: _compared(compute) for name, compute in OPERATORS.items()},
}
"""The method of a frame of that name."""
