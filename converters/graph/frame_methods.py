"""The methods of columns and frames that have a form in the graph, in two tables."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from converters.graph import reductions
from converters.graph.answers import flat
from converters.graph.encoding import values_beside
from converters.graph.frames import Frame, Series, as_ref, column, missing
from converters.graph.table import Table
from converters.graph.traced import lift, refuse
from converters.graph.traced_functions import astype, clip, isin, round_, where


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
    values = np.array(list(known.values()), dtype=np.float64)
    found = values_beside(Table((ref,)), [keys], [values], [np.nan])
    return x.same(flat(found), x.shape, np.float64)


OPERATORS: dict[str, Callable[..., Any]] = {
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
    "isin": isin,
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
    "to_numpy": lambda x, *_, **__: x.traced(),
    "where": _kept,
    **OPERATORS,
}
"""The method of a column of that name."""


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
    **OPERATORS,
}
"""The method of a frame of that name."""
