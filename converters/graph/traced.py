"""An array that records what NumPy code does to it as operators of the graph.

A function that is called with a `Traced` in place of its array writes its own graph: operators,
ufuncs, array functions and indexing come here by NumPy's protocols. Types follow NumPy's own
rules (`ufunc.resolve_dtypes`). What has no form in the graph raises `Untraceable`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.lib.mixins import NDArrayOperatorsMixin
from spox import Var

from bundle.arrays import Array
from converters.graph.table import constant

TEXT = np.dtype(object)
"""The dtype of text, which is an object array in the original."""
DTYPES = tuple(np.dtype(kind) for kind in (np.float64, np.float32, np.int64, np.int32, np.bool_))


class Untraceable(Exception):  # noqa: N818 - says what the code is
    """What a function did that has no form in the graph."""


def refuse(what: str) -> NoReturn:
    """Raise Untraceable."""
    raise Untraceable(what)


class Rows:
    """The number of rows: not known while the graph is built, and different at each request."""

    def __repr__(self) -> str:
        return "rows"

    def _unknown(self, *_: Any) -> NoReturn:
        refuse("the number of rows has no form in the graph, nor has a loop over the rows")

    __index__ = __int__ = __float__ = __bool__ = _unknown
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _unknown
    __truediv__ = __rtruediv__ = __floordiv__ = __lt__ = __gt__ = __le__ = __ge__ = _unknown


ROWS: Any = Rows()
Shape = tuple[Any, ...]
"""Lengths of the axes; one of them may be ROWS."""


class Traced(NDArrayOperatorsMixin):
    """An array whose values are known when the graph runs: `var`, its shape and its dtype."""

    def __init__(self, var: Var, shape: Shape, dtype: Any) -> None:
        self.var, self.shape, self.dtype = var, shape, np.dtype(dtype)
        self.view = False

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """An array, where code asks with isinstance, so that it goes the original's way."""
        return np.ndarray

    def same(self, var: Var, shape: Shape, dtype: Any) -> Traced:
        """Another array, of this one's kind."""
        return type(self)(var, shape, dtype)

    @property
    def ndim(self) -> int:
        """How many axes."""
        return len(self.shape)

    @property
    def size(self) -> NoReturn:
        """Hangs on the rows."""
        refuse("the size of the array")

    @property
    def T(self) -> Traced:  # noqa: N802 - NumPy's name
        """The axes reversed."""
        var = op.transpose(self.var, perm=list(range(self.ndim))[::-1])
        return self.same(var, self.shape[::-1], self.dtype)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Take a ufunc into the graph."""
        from converters.graph import traced_ufuncs  # noqa: PLC0415 - which needs this class

        return traced_ufuncs.call(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, _: Any, args: Any, options: Any) -> Any:
        """Take a function of NumPy's into the graph."""
        from converters.graph import traced_functions  # noqa: PLC0415 - which needs this class

        return traced_functions.call(function, args, options)

    def __array_namespace__(self, *, api_version: str | None = None) -> Any:
        """Give the array-API namespace: the same functions by the standard's names."""
        from converters.graph.namespace import Namespace  # noqa: PLC0415 - which needs this class

        return Namespace()

    def __getattr__(self, name: str) -> Any:
        from converters.graph import traced_functions  # noqa: PLC0415 - which needs this class

        if name.startswith("__"):
            raise AttributeError(name)
        return traced_functions.method(self, name)

    def __getitem__(self, key: Any) -> Any:
        from converters.graph.indexing import get  # noqa: PLC0415 - which needs this class

        return get(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        from converters.graph.indexing import put  # noqa: PLC0415 - which needs this class

        put(self, key, value)

    def __iter__(self) -> Any:
        if self.shape[0] is ROWS:
            refuse("a loop over the rows")
        return (self[position] for position in range(self.shape[0]))

    def __len__(self) -> int:
        return operator.index(self.shape[0]) if self.shape else 0

    def __bool__(self) -> NoReturn:  # noqa: PLE0304 - there is no answer
        refuse("a branch on the data (`if`, `while`, `and`, `or`, `not` or bool())")

    def __float__(self) -> NoReturn:
        refuse("float() of an array")

    def __int__(self) -> NoReturn:
        refuse("int() of an array")

    def __index__(self) -> NoReturn:  # noqa: PLE0305 - likewise
        refuse("an array as an index or a whole number of Python's")

    def __contains__(self, _: Any) -> bool:
        refuse("`in` an array")

    def __array__(self, *_: Any, **__: Any) -> Array:
        refuse("a function that asks for the numbers themselves (np.asarray inside a library)")

    def __hash__(self) -> int:
        return id(self)

    def __copy__(self) -> Traced:
        return self.same(self.var, self.shape, self.dtype)

    def __deepcopy__(self, _: Any) -> Traced:
        return self.same(self.var, self.shape, self.dtype)

    def become(self, other: Traced) -> Traced:
        """Hold other values from now on, as an array that is written into does."""
        if self.view:
            refuse("writing into a part of another array (take a copy first)")
        self.var = cast(other, self.dtype)
        return self


def _in_place(compute: Callable[[Any, Any], Any]) -> Callable[[Traced, Any], Traced]:
    def change(self: Traced, other: Any) -> Traced:
        return self.become(compute(self, other))

    return change


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "and", "or", "xor"):
    _compute = getattr(operator, f"{_name}_" if _name in ("and", "or") else _name)
    setattr(Traced, f"__i{_name}__", _in_place(_compute))


def lift(value: Any) -> Traced:
    """Whatever stands beside an array in an expression, as an array of the graph."""
    if is_traced(value):
        return value if issubclass(type(value), Traced) else value.traced()  # type: ignore[no-any-return]
    if isinstance(value, list | tuple) and any(is_traced(each) for each in value):
        from converters.graph.traced_functions import call  # noqa: PLC0415 - which needs this

        return call(np.stack, (list(value),), {})  # type: ignore[no-any-return]
    array = np.asarray(value)
    if array.dtype.kind in "OUT":
        if not all(isinstance(each, str) for each in array.ravel()):
            refuse(f"a constant of Python objects ({value!r:.40})")
        return Traced(constant(array.astype(str), np.str_), array.shape, TEXT)
    kept = np.dtype(np.int64) if array.dtype.kind in "iu" and array.dtype != np.int32 else None
    dtype = supported(kept or array.dtype)
    return Traced(constant(array, dtype), array.shape, dtype)


def is_traced(value: Any) -> bool:
    """Whether a value belongs to the graph, be it an array, a column or a frame."""
    return hasattr(type(value), "__traced__") or issubclass(type(value), Traced)


def supported(dtype: Any) -> np.dtype[Any]:
    """Refuse a dtype that the graph does not compute in."""
    found = np.dtype(dtype)
    if found not in DTYPES:
        refuse(f"the type {found}")
    return found  # type: ignore[no-any-return]


def cast(value: Traced, dtype: Any) -> Var:
    """The tensor in another dtype, as `astype` has it."""
    wanted = TEXT if np.dtype(dtype).kind in "OUT" else supported(dtype)
    if value.dtype == wanted:
        return value.var
    if TEXT in (value.dtype, wanted):
        refuse(f"a cast from {_word(value.dtype)} to {_word(wanted)}")
    return op.cast(value.var, to=wanted.type)


def _word(dtype: np.dtype[Any]) -> str:
    return "text" if dtype == TEXT else str(dtype)


def broadcast(*shapes: Shape) -> Shape:
    """The shape of arrays side by side in an expression."""
    width = max((len(shape) for shape in shapes), default=0)
    padded = [(1,) * (width - len(shape)) + shape for shape in shapes]
    return tuple(_together(lengths) for lengths in zip(*padded, strict=True))


def _together(lengths: Sequence[Any]) -> Any:
    others = {id(each): each for each in lengths if each is ROWS or each != 1}
    found = list(others.values())
    if any(each is ROWS for each in found) and len(found) > 1:
        refuse("an array of fixed length along the rows")
    if len(set(map(str, found))) > 1:
        raise ValueError(f"operands could not be broadcast together: {tuple(lengths)}")
    return found[0] if found else 1
