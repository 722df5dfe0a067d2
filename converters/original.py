"""The trained model as a `Predict`: blocks in, answers out, through the model's own methods."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import sparse

from bundle.arrays import DTYPES, MISSING_TEXT, Array, Arrays, rows_of
from bundle.signature import Column, Output, Signature

METHODS = {
    "label": "predict",
    "prediction": "predict",
    "cluster": "predict",
    "probabilities": "predict_proba",
    "score": "decision_function",
    "sample_score": "score_samples",
    "features": "transform",
    "text_features": "transform",
}
"""The method of the original that answers each output."""


def method_of(output: str) -> tuple[str, int | None]:
    """The method that answers an output, and which target of several: `probabilities_2`."""
    name, _, target = output.partition("_") if output.startswith("probabilities") else (output,) * 3
    return METHODS[name], int(target) if target.isdecimal() else None


@dataclass(frozen=True, kw_only=True)
class Original:
    """A fitted model, called as in training: a frame with the sample's dtypes, or an array.

    `missing` says how each text column of the sample spelled missing: None or NaN. `flat`: the
    model takes one sequence of values, as vectorizers of text and label encoders do. `text`: the
    columns of a transformed table that are text beside numbers; they are an output of their own.
    """

    model: Any
    signature: Signature
    missing: dict[str, Any]
    flat: bool = False
    text: tuple[int, ...] = ()

    def __call__(self, arrays: Arrays) -> Arrays:
        """Answer the blocks; 0 rows give 0 answers, which scikit-learn itself refuses to say."""
        if rows_of(arrays) == 0:
            return {out.name: _empty(out.datatype, out.width) for out in self.signature.outputs}
        rows = self.rows(arrays)
        with warnings.catch_warnings():
            # Overflow in a probe of extremes, unknown categories: the answer is what counts.
            warnings.simplefilter("ignore")
            return {out.name: self._answer(rows, out) for out in self.signature.outputs}

    def _answer(self, rows: Any, output: Output) -> Array:
        found = ask(self.model, rows, output.name)
        if method_of(output.name)[0] == "transform" and 0 < len(self.text) < found.shape[1]:
            keep = np.isin(np.arange(found.shape[1]), self.text) == (output.datatype == "BYTES")
            found = found[:, keep]
        found = _as_rows(as_datatype(found, output.datatype), output)
        width = None if found.ndim == 1 else found.shape[1]
        if width != output.width:
            # LabelBinarizer of two classes gives a second column once a third label comes.
            raise ValueError(f"{output.name} has {width} columns, not {output.width} as described")
        return found

    def rows(self, arrays: Arrays) -> Any:
        """Turn the blocks into what the model was fitted on."""
        columns = self.columns(arrays)
        if self.flat:
            return next(iter(columns.values()))
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


def ask(model: Any, rows: Any, output: str) -> Array:
    """What the method behind `output` answers, as a dense array."""
    method, target = method_of(output)
    found = getattr(model, method)(rows)
    if target is not None:
        found = found[target]
    if sparse.issparse(found):
        found = found.toarray()
    if hasattr(found, "sparse") and hasattr(found, "dtypes"):
        found = found.sparse.to_dense() if _sparse_columns(found) else found
    return found.to_numpy() if hasattr(found, "to_numpy") else np.asarray(found)


def as_datatype(values: Array, datatype: str) -> Array:
    """The answers in the output's datatype; missing text is MISSING_TEXT."""
    if datatype != "BYTES":
        return values.astype(DTYPES[datatype])
    text = values.astype(object)
    text[pd.isna(text)] = MISSING_TEXT
    return text


def _sparse_columns(frame: Any) -> bool:
    return all(isinstance(dtype, pd.SparseDtype) for dtype in frame.dtypes)


def _as_rows(values: Array, output: Output) -> Array:
    """[rows, width], also where the original drops the axis of a single row, as SparsePCA does."""
    return values if output.width is None or values.ndim > 1 else values.reshape(1, -1)


def _empty(datatype: str, width: int | None) -> Array:
    return np.empty((0,) if width is None else (0, width), dtype=DTYPES[datatype])
