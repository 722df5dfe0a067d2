"""The trained model as a `Predict`: blocks in, answers out, through the model's own methods."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from bundle.arrays import DTYPES, MISSING_TEXT, Array, Arrays, rows_of
from bundle.signature import Column, Signature

METHODS = {
    "label": "predict",
    "prediction": "predict",
    "probabilities": "predict_proba",
    "score": "decision_function",
    "cluster": "predict",
    "features": "transform",
}
"""The method of the original that answers each output."""


@dataclass(frozen=True, kw_only=True)
class Original:
    """A fitted model, called as in training: a frame with the sample's dtypes, or an array.

    `missing` says how each text column of the sample spelled missing: None or NaN.
    """

    model: Any
    signature: Signature
    missing: dict[str, Any]

    def __call__(self, arrays: Arrays) -> Arrays:
        """Answer the blocks; 0 rows give 0 answers, which scikit-learn itself refuses to say."""
        if rows_of(arrays) == 0:
            return {out.name: _empty(out.datatype, out.width) for out in self.signature.outputs}
        rows = self.rows(arrays)
        with warnings.catch_warnings():
            # Overflow in a probe of extremes, unknown categories: the answer is what counts.
            warnings.simplefilter("ignore")
            return {
                out.name: _answer(self.model, rows, METHODS[out.name], out.datatype)
                for out in self.signature.outputs
            }

    def rows(self, arrays: Arrays) -> Any:
        """Turn the blocks into what the model was fitted on."""
        columns = self.columns(arrays)
        if self.signature.named:
            return pd.DataFrame(columns, copy=False)
        return np.column_stack([np.asarray(column) for column in columns.values()])

    def columns(self, arrays: Arrays) -> dict[str, Any]:
        """Each column by name, in training's order and dtypes."""
        found = {
            name: arrays[block.name][:, position]
            for block in self.signature.inputs
            for position, name in enumerate(block.columns)
        }
        return {
            column.name: self._as_trained(found[column.name], column)
            for column in self.signature.columns
        }

    def _as_trained(self, values: Array, column: Column) -> Any:
        if column.kind == "number":
            return _number_as_trained(values, column.dtype) if self.signature.named else values
        text = values.copy()
        text[values == MISSING_TEXT] = self.missing.get(column.name, np.nan)
        if not self.signature.named:
            return text
        return pd.Series(
            text, dtype=column.dtype if column.dtype in ("str", "string", "category") else object
        )


def _number_as_trained(values: Array, dtype: str) -> Array:
    """Integers and booleans where every value is one; float64 where the column holds others."""
    if dtype == "bool" and np.isin(values, (0.0, 1.0)).all():
        return values.astype(np.bool_)
    whole = np.abs(values) <= 2**53
    if dtype.startswith(("int", "uint")) and whole.all() and (values == np.trunc(values)).all():
        return values.astype(np.int64)
    return values


def _answer(model: Any, rows: Any, method: str, datatype: str) -> Array:
    return np.asarray(getattr(model, method)(rows)).astype(DTYPES[datatype])


def _empty(datatype: str, width: int | None) -> Array:
    return np.empty((0,) if width is None else (0, width), dtype=DTYPES[datatype])
