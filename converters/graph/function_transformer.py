"""FunctionTransformer: the function writes its own graph."""

from __future__ import annotations

from typing import Any

import numpy as np

from bundle.errors import ConversionError
from converters.graph.answers import Answers
from converters.graph.frames import Frame, column
from converters.graph.indexing import reshaped
from converters.graph.table import Table
from converters.graph.traced import ROWS, TEXT, Traced, cast, is_traced, lift
from converters.graph.tracing import MEND, trace


def function_transformer(model: Any, table: Table) -> Answers:
    """FunctionTransformer: func(X, **kw_args), of a frame, an array or one column."""
    if model.func is None:
        return Answers(transform=table)
    given = _given(model, table)
    found = trace(model.func, given, **(model.kw_args or {}))
    return Answers(transform=as_table(found))


def _given(model: Any, table: Table) -> Any:
    """What the original's function is given: a frame as it comes, where it is not validated."""
    if hasattr(model, "feature_names_in_") and not model.validate:
        return Frame(dict(zip(model.feature_names_in_.tolist(), table.refs, strict=True)))
    if table.width == 1 and not hasattr(model, "n_features_in_"):
        return column(table.refs[0])  # ColumnTransformer gives one column for a name alone
    return as_array(table)


def as_array(table: Table) -> Traced:
    """The columns as one array."""
    if len(set(table.text)) > 1:
        raise ConversionError(
            "its columns mix numbers and text, and it is not given their names",
            mend="Fit on a DataFrame, or give each kind a transformer of its own",
        )
    text = bool(table.text and table.text[0])
    return Traced(table.matrix(), (ROWS, table.width), TEXT if text else np.float64)


def as_table(found: Any) -> Table:
    """The answer of a function of arrays as columns: float64, or text."""
    if type(found) is Frame:
        return found.table
    if not is_traced(found):
        raise ConversionError(
            f"the function gives {type(found).__name__} that does not come from its rows",
            mend=MEND,
        )
    answer = lift(found)
    if not answer.shape or answer.shape[0] is not ROWS or answer.ndim > 2:
        raise ConversionError(f"the function gives an array of shape {answer.shape}", mend=MEND)
    text = answer.dtype == TEXT
    whole = Traced(answer.var if text else cast(answer, np.float64), answer.shape, answer.dtype)
    width = answer.shape[1] if answer.ndim > 1 else 1
    var = whole.var if answer.ndim > 1 else reshaped(whole, (ROWS, 1))
    return Table.of(var, width, text=text)
