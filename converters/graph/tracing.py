"""Call a function with arrays of the graph, and say where it did what has no form there."""

from __future__ import annotations

import linecache
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import ModuleType, TracebackType
from typing import Any
from unittest.mock import patch

import numpy as np
import pandas as pd
import scipy
import sklearn

from bundle.errors import ConversionError
from converters.graph.frames import Frame, as_ref, missing
from converters.graph.traced import Traced, Untraceable, is_traced, lift, refuse
from converters.graph.traced_functions import take

MEND = (
    "Write it with NumPy functions of whole columns, each row by itself, "
    "or put the step into a class of your own with isomorph.converter"
)
_FOREIGN = (
    *(str(Path(module.__file__ or "").parent) for module in (np, pd, scipy, sklearn)),
    str(Path(__file__).parent),
    str(Path(linecache.__file__).parent / "unittest"),
    "<__array_function__",
)
"""Whose frames of a traceback are not the user's."""


def trace(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """What `function` gives; ConversionError with the line where it has no form in the graph."""
    try:
        with _patched():
            return function(*args, **options)
    except Untraceable as error:
        fault = f"{error} has no form in the graph"
        raise ConversionError(f"{fault}{_place(error)}", mend=MEND) from error
    except ConversionError:
        raise
    except Exception as error:
        fault = f"the function cannot be followed ({type(error).__name__}: {error})"
        raise ConversionError(f"{fault}{_place(error)}", mend=MEND) from error


def _place(error: Exception) -> str:
    """The last line of the user's own code on the way to the error."""
    found = ""
    step: TracebackType | None = error.__traceback__
    while step is not None:
        code = step.tb_frame.f_code
        if not code.co_filename.startswith(_FOREIGN):
            line = linecache.getline(code.co_filename, step.tb_lineno).strip()
            at = f", in {code.co_name} ({Path(code.co_filename).name}, line {step.tb_lineno})"
            found = f"{at}: {line}" if line else at
        step = step.tb_next
    return found


@contextmanager
def _patched() -> Iterator[None]:
    """What NumPy and pandas give no protocol for takes arrays of the graph; chance is refused."""
    with ExitStack() as stack:
        for owner, names in _PASSED.items():
            for name, made in names.items():
                stack.enter_context(patch.object(owner, name, _passing(owner, name, made)))
        for owner in (np.random, random):
            for name in _random(owner):
                stack.enter_context(patch.object(owner, name, _refusing(owner, name)))
        yield


def _passing(owner: ModuleType, name: str, made: Callable[..., Any]) -> Callable[..., Any]:
    real = getattr(owner, name)

    def function(*args: Any, **options: Any) -> Any:
        listed = args[0] if args and isinstance(args[0], list | tuple) else ()
        if any(is_traced(each) for each in (*args[:2], *listed)):
            return made(*args, **options)
        return real(*args, **options)

    return function


def _asarray(value: Any, dtype: Any = None, **_: Any) -> Any:
    found = lift(value)
    array = Traced(found.var, found.shape, found.dtype)
    return array if dtype is None else array.astype(dtype)


def _concat(parts: Any, *, axis: Any = 0, **_: Any) -> Any:
    if axis not in (1, "columns"):
        refuse("pd.concat of rows")
    refs: dict[Any, Any] = {}
    for place, part in enumerate(parts):
        refs |= part.refs if type(part) is Frame else {place: as_ref(part)}
    return Frame(refs)


_PASSED: dict[ModuleType, dict[str, Callable[..., Any]]] = {
    np: {
        **dict.fromkeys(("array", "asanyarray", "asarray", "ascontiguousarray"), _asarray),
        "take": take,  # whose protocol does not look at the places
    },
    pd: {
        "concat": _concat,
        "isna": missing,
        "isnull": missing,
        "notna": lambda x: ~missing(x),
        "notnull": lambda x: ~missing(x),
    },
}


def _random(owner: ModuleType) -> list[str]:
    return [
        name
        for name in dir(owner)
        if name[0].islower() and callable(getattr(owner, name)) and name != "test"
    ]


def _refusing(owner: ModuleType, name: str) -> Callable[..., Any]:
    full = f"{owner.__name__}.{name}".replace("numpy.", "np.")

    def function(*_: Any, **__: Any) -> Any:
        refuse(f"{full}, whose answers are random,")

    return function
