"""A user's own estimator: its answers in NumPy code, traced into the graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from numpy.lib.mixins import NDArrayOperatorsMixin
from sklearn.base import is_classifier, is_regressor
from spox import Var

from bundle.errors import ConversionError
from converters.graph import traced_functions, traced_ufuncs
from converters.graph.answers import Answers, above, arg_max, labels
from converters.graph.frames import column
from converters.graph.function_transformer import as_array, as_table
from converters.graph.table import Table, constant
from converters.graph.traced import TEXT, Traced, cast, is_traced, lift, refuse
from converters.graph.tracing import trace
from converters.own import Convert

METHODS = ("predict", "predict_proba", "decision_function", "score_samples", "transform")


class Given(NDArrayOperatorsMixin):
    """The rows as one array, and its columns by name: `X[:, 0]`, `X["age"]`, `X[["age", "sex"]]`.

    One array needs columns of one type; where numbers and text mix, they are asked by name.
    """

    __traced__ = True

    def __init__(self, table: Table, names: list[Any]) -> None:
        self._table, self._names = table, names

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        """An array, where code asks with isinstance."""
        return np.ndarray

    def traced(self) -> Traced:
        """The rows as one array."""
        return as_array(self._table)

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Take a ufunc into the graph."""
        return traced_ufuncs.call(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, _: Any, args: Any, options: Any) -> Any:
        """Take a function of NumPy's into the graph."""
        return traced_functions.call(function, args, options)

    def __array__(self, *_: Any, **__: Any) -> Any:
        refuse("a function that asks for the numbers themselves (np.asarray inside a library)")

    def __getitem__(self, key: Any) -> Any:
        if isinstance(key, str):
            return column(self._table.refs[self._place(key)]).traced()
        if isinstance(key, list) and key and all(isinstance(each, str) for each in key):
            return as_array(self._table.take([self._place(each) for each in key]))
        return self.traced()[key]

    def _place(self, name: str) -> int:
        if name not in self._names:
            known = ", ".join(repr(each) for each in self._names if each is not None)
            raise KeyError(f"no column {name!r}; known by name are: {known or 'none'}")
        return self._names.index(name)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.traced(), name)


def own_estimator(model: Any, table: Table, convert: Convert) -> Answers:
    """What the user's converter says that the model answers."""
    named = [ref.name for ref in table.refs]
    names = getattr(model, "feature_names_in_", None)
    given = Given(table, list(names) if names is not None and len(names) == len(named) else named)
    found = trace(convert, model, given)
    if not isinstance(found, Mapping):
        found = {_method(model, found): found}
    unknown = [str(name) for name in found if name not in METHODS]
    if unknown:
        raise ConversionError(
            f"its converter answers {', '.join(unknown)}", mend=f"Answer some of: {METHODS}"
        )
    return _answers(model, dict(found))


def _method(model: Any, found: Any) -> str:
    """The method that a bare array answers."""
    if is_classifier(model):
        wide = is_traced(found) and lift(found).ndim == 2
        return "predict_proba" if wide and hasattr(model, "predict_proba") else "decision_function"
    if is_regressor(model) or not hasattr(model, "transform"):
        return "predict"
    return "transform"


def _answers(model: Any, found: dict[str, Any]) -> Answers:
    transform = as_table(found.pop("transform")) if "transform" in found else None
    made = {name: _tensor(value) for name, value in found.items() if name != "predict"}
    index = None
    if is_classifier(model) and np.ndim(getattr(model, "classes_", 0)) == 1:
        classes = np.asarray(model.classes_)
        index = _index(found, made, classes)
        predict = None if index is None else op.gather(labels(classes), index, axis=0)
    else:
        predict = _label(found["predict"]) if "predict" in found else None
    return Answers(predict=predict, index=index, transform=transform, **made)


def _index(found: Mapping[str, Any], made: Mapping[str, Any], classes: Any) -> Var | None:
    """The place of the label: of the label itself, the likeliest class or the highest score."""
    if "predict" in found:
        label, known = lift(found["predict"]), lift(classes)
        wide = op.unsqueeze(cast(label, known.dtype), constant([1], np.int64))
        return arg_max(op.cast(op.equal(wide, known.var), to=np.int64))
    if "predict_proba" in made:
        return arg_max(made["predict_proba"])
    if "decision_function" not in made:
        return None
    scores = lift(found["decision_function"])
    return above(made["decision_function"]) if scores.ndim == 1 else arg_max(scores.var)


def _tensor(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return tuple(_tensor(each) for each in value)
    return cast(lift(value), np.float64)


def _label(value: Any) -> Var:
    answer = lift(value)
    return answer.var if answer.dtype == TEXT or answer.dtype.kind == "b" else _plain(answer)


def _plain(answer: Traced) -> Var:
    return cast(answer, np.int64 if answer.dtype.kind == "i" else np.float64)
