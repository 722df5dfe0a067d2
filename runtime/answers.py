"""A model's answers as JSON values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from itertools import starmap
from typing import Any

import msgspec
import numpy as np

from bundle.arrays import MISSING_TEXT, Array, Arrays
from bundle.domain import FEW
from bundle.errors import InputError
from bundle.signature import Output, Signature


def check_finite(signature: Signature, answers: Arrays) -> None:
    """Raise InputError naming the first row whose answer JSON cannot say; `null` says missing."""
    for name, values in answers.items():
        if values.dtype.kind != "f":
            continue
        # Few numbers Python looks through in a third of the time that NumPy's calls take.
        if values.size <= FEW and math.isfinite(sum(values.ravel().tolist())):
            continue
        if not np.isfinite(values).all():
            _explain(signature.output(name), values)


def _explain(output: Output, values: Array) -> None:
    bad = ~np.isfinite(values)
    if output.nullable:
        bad &= ~np.isnan(values)
    wrong = bad.reshape(len(values), -1).any(axis=1)
    if wrong.any():
        raise InputError(
            f"the model's {output.name} is not a finite number for this row",
            row=int(np.flatnonzero(wrong)[0]),
            mend="Send values of the size seen in training",
        )


def chosen_outputs(signature: Signature, names: Sequence[str]) -> list[str]:
    """Outputs by name, each once, in the signature's order. Raises InputError."""
    known = [output.name for output in signature.outputs]
    if not names or not set(names) <= set(known):
        raise InputError(
            "the model has no such output" if names else "no output is asked for",
            mend=f"Ask for some of: {', '.join(known)}",
        )
    if len(set(names)) < len(names):
        raise InputError("an output is asked for twice", mend="Name it once")
    return [name for name in known if name in names]


class Rows:
    """Answers as one object a row: a value, an object by class name, or a list.

    The objects are structs, whose members are named once and not for every row.
    """

    def __init__(self, outputs: Sequence[Output]) -> None:
        self._columns = [(output, _named(output)) for output in outputs]
        names = [(output.name, Any) for output in outputs]
        self._row = msgspec.defstruct("Row", names, gc=False)

    def __call__(self, answers: Arrays) -> list[msgspec.Struct]:
        """What `msgspec` writes as the rows."""
        columns = [_column(output, named, answers[output.name]) for output, named in self._columns]
        return list(map(self._row, *columns))


def _named(output: Output) -> Callable[..., Any] | None:
    """What makes an object of a row of numbers; None where they have no names."""
    if output.width is None or output.names is None:
        return None
    names = [str(name) for name in output.names]
    members = {f"f{i}": name for i, name in enumerate(names)}
    try:
        return msgspec.defstruct("Named", [(each, Any) for each in members], rename=members)
    except ValueError:  # a name holds what JSON escapes
        return lambda *row: dict(zip(names, row, strict=True))


def flat_rows(signature: Signature, answers: Arrays) -> list[list[Any]]:
    """One list a row, a value for each flat name; None where one is missing."""
    columns = [_listed(signature.output(name), values) for name, values in answers.items()]
    return [[value for cells in row for value in cells] for row in zip(*columns, strict=True)]


def _listed(output: Output, values: Array) -> list[list[Any]]:
    rows: list[Any] = listed(output, values)
    return rows if output.width is not None else [[value] for value in rows]


def _column(output: Output, named: Callable[..., Any] | None, values: Array) -> Iterable[Any]:
    rows = listed(output, values)
    return rows if named is None else starmap(named, rows)


def listed(output: Output, values: Array) -> list[Any]:
    """The values, or rows of them, as JSON says them: None where one is missing."""
    # Python floats print the shortest text that reads back equal.
    found: list[Any] = (with_nulls(values) if output.nullable else values).tolist()
    return found


def with_nulls(values: Array) -> Array:
    """The same values, None where one is missing."""
    missing = values == MISSING_TEXT if values.dtype == object else np.isnan(values)
    if not missing.any():
        return values
    objects = values.astype(object)
    objects[missing] = None
    return objects
