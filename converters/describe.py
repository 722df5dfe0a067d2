"""Infer the signature from a fitted model and a sample; nothing is asked of the user.

What a column accepts (missing values, unknown categories, magnitudes) is found by asking the
original with one row at a time: what it raises on is what the signature refuses.
"""

from __future__ import annotations

import math
from dataclasses import replace as dataclass_replace
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from sklearn.base import is_classifier, is_regressor

from bundle.arrays import MISSING_TEXT, Array, Arrays
from bundle.errors import SourceError
from bundle.rows import to_arrays
from bundle.signature import Block, Column, Output, Scalar, Signature, Task
from converters.categories import known_categories
from converters.original import Original

UNKNOWN_TEXT = "\u2047 unknown"
"""A category that no training data holds; used to ask how the original takes unknown ones."""


def describe(model: Any, sample: Any) -> tuple[Original, Arrays, Task]:
    """Return the original as a Predict with its signature, the sample as blocks, and the task.

    `sample`: a DataFrame or a 2-D array of rows like those of training, target left out or
    ignored. Raises SourceError.
    """
    frame = _frame(model, sample)
    named = isinstance(sample, pd.DataFrame)
    task = _task(model)
    known = known_categories(model, list(range(frame.shape[1])))
    columns = tuple(
        _column(frame.iloc[:, position], known.get(position)) for position in range(frame.shape[1])
    )
    blank = Signature(columns=columns, inputs=_blocks(columns, named), outputs=(), named=named)
    original = Original(model=model, signature=blank, missing=_missing_marks(frame))
    arrays = to_arrays(blank, frame)
    original = _with(original, outputs=_outputs(model, task, original.rows(_first(arrays))))
    asked = _ask(original, arrays)
    return _with(original, columns=asked), arrays, task


def _with(original: Original, **changes: Any) -> Original:
    changed = msgspec.structs.replace(original.signature, **changes)
    return dataclass_replace(original, signature=changed)


def _frame(model: Any, sample: Any) -> pd.DataFrame:
    """Keep the columns the model was fitted on, in its order."""
    if not isinstance(sample, pd.DataFrame):
        array = np.asarray(sample)
        if array.ndim != 2 or not len(array):
            raise SourceError(f"the sample has shape {array.shape}", mend="Give a table of rows")
        return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])])
    if not len(sample):
        raise SourceError("the sample has no rows", mend="Give rows like those of training")
    names = getattr(model, "feature_names_in_", sample.columns)
    absent = [str(name) for name in names if name not in sample.columns]
    if absent:
        raise SourceError(
            f"the sample lacks columns the model was fitted on: {', '.join(absent)}",
            mend="Give the sample with the columns of training",
        )
    frame = sample.loc[:, list(names)].copy()
    frame.columns = [str(name) for name in names]
    if not frame.columns.is_unique:
        raise SourceError("two columns of the sample have one name", mend="Rename one, fit again")
    return frame.reset_index(drop=True)


def _task(model: Any) -> Task:
    if is_classifier(model):
        return "classification"
    if is_regressor(model):
        return "regression"
    raise SourceError(
        f"{type(model).__name__} is neither a classifier nor a regressor",
        mend="Give a fitted scikit-learn classifier or regressor, alone or in a Pipeline",
    )


def _column(series: pd.Series[Any], known: list[Any] | None) -> Column:
    name, missing = str(series.name), bool(series.isna().any())
    values = series.dropna()
    if _is_number(series):
        numbers = values.to_numpy(dtype=np.float64)
        return Column(
            name=name,
            kind="number",
            dtype=str(series.dtype),
            nullable=missing,
            categories=_scalars(known),
            minimum=float(numbers.min()) if len(numbers) else None,
            maximum=float(numbers.max()) if len(numbers) else None,
        )
    if not all(isinstance(value, str) for value in values):
        raise SourceError(
            "the column holds neither numbers nor text only",
            where=f"sample, column {name!r} ({series.dtype})",
            mend="Turn it into numbers or strings before training",
        )
    return Column(
        name=name,
        kind="text",
        dtype=str(series.dtype),
        nullable=missing,
        categories=_scalars(known),
    )


def _is_number(series: pd.Series[Any]) -> bool:
    dtype: Any = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    return pd.api.types.is_numeric_dtype(dtype)


def _scalars(known: list[Any] | None) -> tuple[Scalar, ...] | None:
    """The categories as JSON scalars; missing is not a category but a state (`nullable`)."""
    if known is None:
        return None
    plain = [value.item() if isinstance(value, np.generic) else value for value in known]
    return tuple(v for v in plain if v is not None and not (isinstance(v, float) and math.isnan(v)))


def _blocks(columns: tuple[Column, ...], named: bool) -> tuple[Block, ...]:  # noqa: FBT001 - one caller
    numbers = tuple(c.name for c in columns if c.kind == "number")
    text = tuple(c.name for c in columns if c.kind == "text")
    blocks = []
    if numbers:
        name = "numbers" if named else "X"
        blocks.append(Block(name=name, datatype="FP64", columns=numbers))
    if text:
        name = "text" if named or numbers else "X"
        blocks.append(Block(name=name, datatype="BYTES", columns=text))
    return tuple(blocks)


def _missing_marks(frame: pd.DataFrame) -> dict[str, Any]:
    """How each column of the sample spells missing: SimpleImputer tells None from NaN."""
    marks: dict[str, Any] = {}
    for name in frame.columns:
        gaps = frame[name][frame[name].isna()].to_numpy(dtype=object)
        marks[name] = None if len(gaps) and gaps[0] is None else np.nan
    return marks


def _first(arrays: Arrays) -> Arrays:
    return {name: block[:1] for name, block in arrays.items()}


def _outputs(model: Any, task: Task, row: Any) -> tuple[Output, ...]:
    try:
        answer = np.asarray(model.predict(row))
    except Exception as error:
        raise SourceError(
            f"the model does not take the sample ({type(error).__name__}: {error})",
            mend="Give rows like those of training",
        ) from error
    if answer.ndim != 1:
        raise SourceError("the model has several targets", mend="Convert one model a target")
    if task == "regression":
        return (Output(name="prediction", datatype="FP64"),)
    classes = _scalars(list(model.classes_)) or ()
    label = Output(name="label", datatype=_label_datatype(model.classes_), names=classes)
    if not hasattr(model, "predict_proba"):
        return (label,)
    return (
        label,
        Output(name="probabilities", datatype="FP64", width=len(classes), names=classes),
    )


def _label_datatype(classes: Array) -> Any:
    return {"b": "BOOL", "i": "INT64", "u": "INT64", "f": "FP64"}.get(classes.dtype.kind, "BYTES")


def _ask(original: Original, arrays: Arrays) -> tuple[Column, ...]:
    """Ask the original what each column accepts, changing one value of a row it accepts."""
    base = _complete_row(arrays)
    return tuple(
        _ask_number(original, base, column)
        if column.kind == "number"
        else _ask_text(original, base, column, arrays)
        for column in original.signature.columns
    )


def _complete_row(arrays: Arrays) -> Arrays:
    """The sample's row with the fewest missing values, alone."""
    gaps = sum(
        (block == MISSING_TEXT if block.dtype == object else np.isnan(block)).sum(axis=1)
        for block in arrays.values()
    )
    row = int(np.argmin(gaps))
    return {name: block[row : row + 1] for name, block in arrays.items()}


def _ask_number(original: Original, base: Arrays, column: Column) -> Column:
    def accepts(value: float) -> bool:
        return _accepts(original, base, column.name, value)

    closed = bool(column.categories) and not accepts(_other_number(column))
    if closed:
        return msgspec.structs.replace(column, closed=True)
    return msgspec.structs.replace(
        column,
        nullable=column.nullable and accepts(math.nan),
        lowest=_negative(_limit(lambda size: accepts(-size))),
        highest=_limit(accepts),
    )


def _other_number(column: Column) -> float:
    return float(max(float(value) for value in column.categories or (0,))) + 0.5


def _limit(accepts: Any) -> float | None:
    """Find the largest power of two that is accepted; None when all of float64 is.

    Signed by the caller's question; `lowest` is its negative.
    """
    if accepts(np.finfo(np.float64).max):
        return None
    low, high = 0, 1024  # 2**0 is accepted or nothing is; 2**1024 is no float64
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if accepts(math.ldexp(1.0, middle)) else (low, middle)
    return math.ldexp(1.0, low)


def _ask_text(original: Original, base: Arrays, column: Column, arrays: Arrays) -> Column:
    known = column.categories
    closed = not _accepts(original, base, column.name, UNKNOWN_TEXT)
    if closed and known is None:
        seen = _values(original.signature, arrays, column.name)
        known = tuple(sorted({str(value) for value in seen if value != MISSING_TEXT}))
    return msgspec.structs.replace(
        column,
        closed=closed,
        categories=known,
        nullable=column.nullable and _accepts(original, base, column.name, MISSING_TEXT),
    )


def _values(signature: Signature, arrays: Arrays, name: str) -> Array:
    block = next(block for block in signature.inputs if name in block.columns)
    return arrays[block.name][:, block.columns.index(name)]


def _accepts(original: Original, base: Arrays, name: str, value: Any) -> bool:
    row = {key: block.copy() for key, block in base.items()}
    block = next(block for block in original.signature.inputs if name in block.columns)
    row[block.name][0, block.columns.index(name)] = value
    try:
        answers = original(row)
    except Exception:  # noqa: BLE001 - whatever it raises, it does not accept the value
        return False
    return all(np.isfinite(answer).all() for answer in answers.values() if answer.dtype.kind == "f")


def _negative(limit: float | None) -> float | None:
    return None if limit is None else -limit
