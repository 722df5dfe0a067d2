"""Frames and columns that record what pandas code does to them: the part that has a form."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import spox.opset.ai.onnx.v21 as op
from numpy.lib.mixins import NDArrayOperatorsMixin

from bundle.arrays import MISSING_TEXT
from converters.graph.indexing import positions
from converters.graph.table import Ref, Table, constant
from converters.graph.traced import ROWS, TEXT, Traced, cast, is_traced, lift, refuse
from converters.graph.traced_functions import astype

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

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """A Series, where code asks with isinstance."""
        return pd.Series

    @property
    def values(self) -> Traced:
        """The column as an array."""
        return self.traced()

    def traced(self) -> Traced:
        """The column as an array."""
        return Traced(self.var, self.shape, self.dtype)

    def __getattr__(self, name: str) -> Any:
        from converters.graph.frame_methods import SERIES  # noqa: PLC0415 - which needs this class

        if name in SERIES:
            return partial(SERIES[name], self)
        if name.startswith("__") or not hasattr(pd.Series, name):
            raise AttributeError(name)
        return refuse(f"the method .{name} of a column")

    def __getitem__(self, key: Any) -> Any:
        refuse("choosing some of the rows of a column (use np.where)")

    def __setitem__(self, key: Any, value: Any) -> None:
        refuse("writing into a column (use np.where, or .where)")


class Frame(NDArrayOperatorsMixin):
    """Columns by name, in order."""

    __traced__ = True

    def __init__(self, refs: Mapping[Any, Ref]) -> None:
        self.refs: dict[Any, Ref] = dict(refs)

    @property  # type: ignore[misc]
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
        return _Places(self, self._placed)

    @property
    def loc(self) -> Any:
        """Columns by their names."""
        return _Places(self, self.__getitem__)

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
        found: Ref = self.refs[name]
        return found

    def __setitem__(self, key: Any, value: Any) -> None:
        if isinstance(key, list):
            self.refs |= dict(zip(key, _columns_of(value, len(key)).refs, strict=True))
        else:
            self.refs[key] = self._made(value)

    def _made(self, value: Any) -> Ref:
        """A new column: of the graph, or one value for all rows."""
        if is_traced(value) or not isinstance(value, str | int | float):
            return as_ref(value)
        base: Traced = column(next(iter(self.refs.values())))
        new = lift(value)
        like = constant(False, np.bool_)  # noqa: FBT003 - a tensor of it
        if (new.dtype == TEXT) != (base.dtype == TEXT):
            refuse("a column of one value, of another kind than the first column")
        kept, old = new.var, base
        if new.dtype != TEXT:
            kept, old = cast(new, np.float64), astype(base, np.float64)
        return as_ref(old.same(op.where(like, old.var, kept), old.shape, old.dtype))

    def __getattr__(self, name: str) -> Any:
        from converters.graph.frame_methods import FRAME  # noqa: PLC0415 - which needs this class

        if name in FRAME:
            return partial(FRAME[name], self)
        if not name.startswith("__") and name in self.__dict__.get("refs", {}):
            return self[name]
        if name.startswith("__") or not hasattr(pd.DataFrame, name):
            raise AttributeError(name)
        return refuse(f"the method .{name} of a frame")

    def __iter__(self) -> Any:
        return iter(self.refs)

    def __contains__(self, name: Any) -> bool:
        return name in self.refs

    def __len__(self) -> int:
        return operator.index(ROWS)

    def __bool__(self) -> NoReturn:  # noqa: PLE0304 - there is no answer
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
