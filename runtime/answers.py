"""A model's answers as JSON values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from bundle.arrays import MISSING_TEXT, Array, Arrays
from bundle.domain import FEW
from bundle.errors import InputError
from bundle.signature import Output, Signature


def check_finite(signature: Signature, answers: Arrays) -> None:
    """Raise InputError naming the first row whose answer JSON cannot say; `null` says missing."""
    for name, values in answers.items():
        if values.dtype.kind == "f" and not _all_finite(values):
            bad = ~np.isfinite(values)
            if signature.output(name).nullable:
                bad &= ~np.isnan(values)
            wrong = bad.reshape(len(values), -1).any(axis=1)
            if not wrong.any():
                continue
            raise InputError(
                f"the model's {name} is not a finite number for this row",
                row=int(np.flatnonzero(wrong)[0]),
                mend="Send values of the size seen in training",
            )


def _all_finite(values: Array) -> bool:
    if values.size <= FEW and math.isfinite(sum(values.ravel().tolist())):
        return True
    return bool(np.isfinite(values).all())


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


def to_rows(signature: Signature, answers: Arrays) -> list[dict[str, Any]]:
    """One object a row: a value, an object by class name, or a list, as the signature says."""
    columns = {
        output.name: _column(output, answers[output.name])
        for output in signature.outputs
        if output.name in answers
    }
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def flat_rows(signature: Signature, answers: Arrays) -> list[list[Any]]:
    """One list a row, a value for each flat name; None where one is missing."""
    columns = [_listed(signature.output(name), values) for name, values in answers.items()]
    return [[value for cells in row for value in cells] for row in zip(*columns, strict=True)]


def _listed(output: Output, values: Array) -> list[list[Any]]:
    rows: list[Any] = (with_nulls(values) if output.nullable else values).tolist()
    return rows if output.width is not None else [[value] for value in rows]


def _column(output: Output, values: Array) -> list[Any]:
    # Python floats print the shortest text that reads back equal.
    rows: list[Any] = (with_nulls(values) if output.nullable else values).tolist()
    if output.width is None or output.names is None:
        return rows
    names = [str(name) for name in output.names]
    return [dict(zip(names, row, strict=True)) for row in rows]


def with_nulls(values: Array) -> Array:
    """The same values, None where one is missing."""
    missing = values == MISSING_TEXT if values.dtype == object else np.isnan(values)
    if not missing.any():
        return values
    objects = values.astype(object)
    objects[missing] = None
    return objects
