"""Infer the signature from a fitted model and a sample; nothing is asked of the user.

What a column accepts (missing values, unknown categories, magnitudes) is found by asking the
original with one row at a time: what it raises on is what the signature refuses.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace as dataclass_replace
from typing import Any

import msgspec
import numpy as np
import pandas as pd

from bundle.arrays import MISSING_TEXT, Array, Arrays, is_missing, rows_of
from bundle.errors import SourceError
from bundle.rows import to_arrays
from bundle.signature import Block, Column, Signature, Task
from converters.categories import known_categories
from converters.inner import inner_of
from converters.limits import limit
from converters.original import Original, ask
from converters.outputs import outputs_of, scalars, task_of, text_columns

UNKNOWN_TEXT = "\u2047 unknown"
"""A category that no training data holds; used to ask how the original takes unknown ones."""


def describe(
    model: Any, sample: Any, *, methods: Sequence[str] = ()
) -> tuple[Original, Arrays, Task]:
    """Return the original as a Predict with its signature, the sample as blocks, and the task.

    `sample`: a DataFrame or a 2-D array of rows like those of training, target left out or
    ignored; a sequence of values for models that take one, as text vectorizers do. `methods`: the
    methods of the model to answer, else those of its task. Raises SourceError.
    """
    frame = _frame(model, sample)
    named = isinstance(sample, pd.DataFrame)
    task = task_of(model)
    known = known_categories(model, list(range(frame.shape[1])))
    columns = tuple(
        _column(frame.iloc[:, position], known.get(position)) for position in range(frame.shape[1])
    )
    blank = Signature(columns=columns, inputs=_blocks(columns, named), outputs=(), named=named)
    flat = _is_flat(sample) or takes_sequence(model)
    original = Original(model=model, signature=blank, missing=_missing_marks(frame), flat=flat)
    arrays = to_arrays(blank, frame)
    rows = original.rows(_some(arrays))
    original = _with(original, outputs=outputs_of(model, task, methods, rows))
    if "text_features" in {output.name for output in original.signature.outputs}:
        text = text_columns(ask(model, rows, "text_features"))
        original = dataclass_replace(original, text=text)
    asked = _ask(original, arrays)
    return _with(original, columns=asked), arrays, task


def _with(original: Original, **changes: Any) -> Original:
    changed = msgspec.structs.replace(original.signature, **changes)
    return dataclass_replace(original, signature=changed)


def _frame(model: Any, sample: Any) -> pd.DataFrame:
    """Keep the columns the model was fitted on, in its order."""
    if not isinstance(sample, pd.DataFrame):
        array = np.asarray(sample)
        if _is_flat(sample):
            return pd.DataFrame({"x0": sample if isinstance(sample, list) else array})
        if array.ndim != 2 or not len(array):
            raise SourceError(f"the sample has shape {array.shape}", mend="Give a table of rows")
        return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])])
    if not len(sample):
        raise SourceError("the sample has no rows", mend="Give rows like those of training")
    names = getattr(model, "feature_names_in_", sample.columns)
    if takes_sequence(model) and len(names) != 1:
        raise SourceError(
            f"the model takes one sequence of values, the sample has {len(names)} columns",
            mend="Give the sample with that one column alone",
        )
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


def _is_flat(sample: Any) -> bool:
    return not isinstance(sample, pd.DataFrame) and np.ndim(sample) == 1 and len(sample) > 0


SEQUENCES = ("CountVectorizer", "HashingVectorizer", "LabelEncoder", "TfidfVectorizer")
"""What takes a sequence of values and no table."""


def takes_sequence(model: Any) -> bool:
    """Whether the model's first step takes a sequence: a frame's one column is handed to it."""
    match type(model).__name__:
        case "Pipeline":
            first = [model.steps[0][1]]
        case "FeatureUnion":
            first = [model.transformer_list[0][1]]
        case name if name in SEQUENCES:
            return True
        case _:
            first = inner_of(model)
    return any(takes_sequence(each) for each in first)


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
            categories=scalars(known),
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
        categories=scalars(known),
    )


def _is_number(series: pd.Series[Any]) -> bool:
    dtype: Any = series.dtype
    if isinstance(dtype, pd.CategoricalDtype):
        dtype = dtype.categories.dtype
    return pd.api.types.is_numeric_dtype(dtype)


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


def _some(arrays: Arrays) -> Arrays:
    return {name: block[:50] for name, block in arrays.items()}


def _ask(original: Original, arrays: Arrays) -> tuple[Column, ...]:
    """Ask the original what each column accepts, changing one value of a row it accepts."""
    # What one sequence of labels answers may depend on the labels it stands among.
    base = _some(arrays) if original.flat else _complete_row(arrays)
    unlimited = _unlimited(original, base)
    found: list[Column] = []
    limited: Column | None = None
    for column in original.signature.columns:
        if column.kind == "number":
            asked = _ask_number(original, base, column, limited, unlimited=unlimited)
            limited = limited if asked.highest is None else asked
        else:
            asked = _ask_text(original, base, column, arrays)
        found.append(asked)
    return tuple(found)


def _complete_row(arrays: Arrays) -> Arrays:
    """The sample's row with the fewest missing values, alone."""
    gaps = sum(
        (block == MISSING_TEXT if block.dtype == object else np.isnan(block)).sum(axis=1)
        for block in arrays.values()
    )
    row = int(np.argmin(gaps))
    return {name: block[row : row + 1] for name, block in arrays.items()}


def _unlimited(original: Original, base: Arrays) -> bool:
    """Whether every number column takes the largest float64 of both signs: asked in one batch."""
    largest = np.finfo(np.float64).max
    cells = [
        (block.name, position, value)
        for block in original.signature.inputs
        if block.datatype != "BYTES"
        for position in range(len(block.columns))
        for value in (largest, -largest)
    ]
    rows = {name: np.repeat(block, max(len(cells), 1), axis=0) for name, block in base.items()}
    for row, (name, position, value) in enumerate(cells):
        rows[name][row, position] = value
    return _answers_all(original, rows, base)


def _ask_number(
    original: Original, base: Arrays, column: Column, before: Column | None, *, unlimited: bool
) -> Column:
    """`before`: a column whose limits were found."""

    def accepts(value: float) -> bool:
        return _accepts(original, base, column.name, value)

    closed = bool(column.categories) and not accepts(_other_number(column))
    if closed:
        return msgspec.structs.replace(column, closed=True)
    described = msgspec.structs.replace(
        column,
        nullable=column.nullable and accepts(math.nan),
    )
    if unlimited:
        return described
    return msgspec.structs.replace(
        described,
        lowest=limit(accepts, -1.0, column.minimum, None if before is None else before.lowest),
        highest=limit(accepts, 1.0, column.maximum, None if before is None else before.highest),
    )


def _other_number(column: Column) -> float:
    return float(max(float(value) for value in column.categories or (0,))) + 1.5


def _ask_text(original: Original, base: Arrays, column: Column, arrays: Arrays) -> Column:
    known = column.categories
    closed = not _accepts(original, base, column.name, UNKNOWN_TEXT)
    if closed and known is None:
        block, position = original.signature.place(column.name)
        seen = arrays[block][:, position]
        known = tuple(sorted({str(value) for value in seen if value != MISSING_TEXT}))
    return msgspec.structs.replace(
        column,
        closed=closed,
        categories=known,
        nullable=column.nullable and _accepts(original, base, column.name, MISSING_TEXT),
    )


def _accepts(original: Original, base: Arrays, name: str, value: Any) -> bool:
    row = {key: values.copy() for key, values in base.items()}
    block, position = original.signature.place(name)
    row[block][0, position] = value
    return _answers_all(original, row, base, missing=is_missing(value))


def _answers_all(original: Original, rows: Arrays, base: Arrays, *, missing: bool = False) -> bool:
    """Whether it answers: with finite numbers, or NaN where it says NaN to `base` or may."""
    try:
        answers = original(rows)
        finite = {name: _finite(answer) for name, answer in answers.items()}
        if all(each.all() for each in finite.values()):
            return True
        before = {} if missing else original(base)
    except Exception:  # noqa: BLE001 - whatever it raises, it does not accept them
        return False
    nullable = {out.name: out.nullable or missing for out in original.signature.outputs}
    times = rows_of(rows) // rows_of(base)
    return all(
        (
            each
            | (
                _absent(answers[name])
                & (nullable[name] or np.repeat(_absent(before[name]), times, axis=0))
            )
        ).all()
        for name, each in finite.items()
    )


def _finite(answer: Array) -> Array:
    return np.isfinite(answer) if answer.dtype.kind == "f" else np.ones(answer.shape, dtype=bool)


def _absent(answer: Array) -> Array:
    return np.isnan(answer) if answer.dtype.kind == "f" else np.zeros(answer.shape, dtype=bool)
