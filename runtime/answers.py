"""A model's answers as JSON values."""

from __future__ import annotations

from typing import Any

import numpy as np

from bundle.arrays import Array, Arrays
from bundle.errors import InputError
from bundle.signature import Output, Signature


def check_finite(answers: Arrays) -> None:
    """Raise InputError naming the first row whose answer JSON cannot say."""
    for name, values in answers.items():
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            wrong = ~np.isfinite(values).reshape(len(values), -1).all(axis=1)
            raise InputError(
                f"the model's {name} is not a finite number for this row",
                row=int(np.flatnonzero(wrong)[0]),
                mend="Send values of the size seen in training",
            )


def to_rows(signature: Signature, answers: Arrays) -> list[dict[str, Any]]:
    """One object a row: a value, an object by class name, or a list, as the signature says."""
    described = [output for output in signature.outputs if output.name in answers]
    columns = [_column(output, answers[output.name]) for output in described]
    names = [output.name for output in described]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _column(output: Output, values: Array) -> list[Any]:
    rows: list[Any] = values.tolist()  # Python floats print the shortest text that reads back equal
    if output.width is None or output.names is None:
        return rows
    names = [str(name) for name in output.names]
    return [dict(zip(names, row, strict=True)) for row in rows]
