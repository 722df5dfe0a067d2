"""What a fitted model answers: its task, and the outputs of each of its methods."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
import pandas as pd
from sklearn.base import is_classifier, is_outlier_detector, is_regressor

from bundle.arrays import Array
from bundle.errors import SourceError
from bundle.signature import Output, Scalar, Task
from converters.original import ask


def task_of(model: Any) -> Task:
    """What the model does. Raises SourceError where it has no method for new rows."""
    if is_classifier(model):
        return "classification"
    if is_regressor(model):
        return "regression"
    if is_outlier_detector(model) and hasattr(model, "predict"):
        return "outliers"
    for method, task in (
        ("predict", "clustering"),
        ("transform", "transform"),
        ("score_samples", "density"),
    ):
        if hasattr(model, method):
            return task  # type: ignore[return-value]
    raise SourceError(
        f"{type(model).__name__} has no method that answers new rows",
        mend="Give a fitted scikit-learn estimator, alone or in a Pipeline",
    )


DEFAULTS: dict[Task, tuple[str, ...]] = {
    "classification": ("predict", "predict_proba"),
    "regression": ("predict",),
    "outliers": ("predict", "decision_function"),
    "clustering": ("predict", "predict_proba"),
    "density": ("score_samples",),
    "transform": ("transform",),
}
"""The methods answered for each task, where the model has them."""


def outputs_of(model: Any, task: Task, methods: Sequence[str], rows: Any) -> tuple[Output, ...]:
    """The outputs of the model, from what it answers to a few rows. Raises SourceError."""
    try:
        return tuple(
            each
            for method in _methods(model, task, methods)
            for each in _outputs_of_method(model, task, method, rows, asked=bool(methods))
        )
    except SourceError:
        raise
    except Exception as error:
        raise SourceError(
            f"the model does not take the sample ({type(error).__name__}: {error})",
            mend="Give rows like those of training",
        ) from error


def _outputs_of_method(
    model: Any, task: Task, method: str, rows: Any, *, asked: bool
) -> list[Output]:
    """The outputs of one method; none where it only raises and nobody asked for it.

    A one_vs_one GaussianProcessClassifier has predict_proba, which refuses every row.
    """
    try:
        return METHODS[method](model, task, rows)
    except Exception:
        if asked or method != "predict_proba":
            raise
        return []


def _methods(model: Any, task: Task, asked: Sequence[str]) -> list[str]:
    for method in asked:
        if method not in METHODS or not hasattr(model, method):
            has = [each for each in METHODS if hasattr(model, each)]
            raise SourceError(
                f"{type(model).__name__} has no method {method!r} that is converted",
                mend=f"Ask for some of: {', '.join(has)}",
            )
    found = [m for m in METHODS if m in (asked or DEFAULTS[task]) and hasattr(model, m)]
    if asked or task != "classification" or "predict_proba" in found:
        return found
    # Without probabilities, the scores behind the label.
    return found + [m for m in ("decision_function",) if hasattr(model, m)]


def _predict(model: Any, task: Task, rows: Any) -> list[Output]:
    answer = ask(model, rows, "label")
    width = None if answer.ndim == 1 else answer.shape[1]
    if task == "regression":
        return [Output(name="prediction", datatype="FP64", width=width)]
    name = "cluster" if task == "clustering" else "label"
    names = _classes(model) if width is None else None
    return [Output(name=name, datatype=_label_datatype(answer), width=width, names=names)]


def _predict_proba(model: Any, _: Task, rows: Any) -> list[Output]:
    answer = model.predict_proba(rows)
    if isinstance(answer, list):
        return [
            _numbers(f"probabilities_{i}", each.shape, scalars(list(model.classes_[i])))
            for i, each in enumerate(answer)
        ]
    return [_numbers("probabilities", answer.shape, _classes(model))]


def _decision_function(model: Any, _: Task, rows: Any) -> list[Output]:
    return [_numbers("score", ask(model, rows, "score").shape, _classes(model))]


def _score_samples(model: Any, _: Task, rows: Any) -> list[Output]:
    return [_numbers("sample_score", ask(model, rows, "sample_score").shape, None)]


def _transform(model: Any, _: Task, rows: Any) -> list[Output]:
    answer = ask(model, rows, "features")
    names, text = _feature_names(model), text_columns(answer)
    if not text:
        return [_numbers("features", answer.shape, names)]
    if len(text) == answer.shape[1]:
        output = _numbers("features", answer.shape, names)
        return [msgspec.structs.replace(output, datatype="BYTES")]
    numbers = [i for i in range(answer.shape[1]) if i not in text]
    return [
        _part("features", numbers, names),
        msgspec.structs.replace(_part("text_features", list(text), names), datatype="BYTES"),
    ]


def _part(name: str, columns: list[int], names: tuple[Scalar, ...] | None) -> Output:
    fitting = None if names is None else tuple(names[i] for i in columns)
    return _numbers(name, (0, len(columns)), fitting)


def text_columns(answer: Array) -> tuple[int, ...]:
    """Which columns of a transformed table hold text; one of missing values alone goes along."""
    if answer.dtype.kind in "biuf" or answer.ndim != 2:
        return ()
    absent = pd.isna(answer)
    text = np.vectorize(lambda value: isinstance(value, str), otypes=[bool])(answer)
    numbers = (~absent & ~text).any(axis=0)
    found = text.any(axis=0)
    return tuple(
        np.flatnonzero(found if numbers.any() else np.full(len(found), found.any())).tolist()
    )


METHODS: dict[str, Callable[[Any, Task, Any], list[Output]]] = {
    "predict": _predict,
    "predict_proba": _predict_proba,
    "decision_function": _decision_function,
    "score_samples": _score_samples,
    "transform": _transform,
}
"""What each method of scikit-learn's answers, in the order of the outputs."""


def _numbers(name: str, shape: tuple[int, ...], names: tuple[Scalar, ...] | None) -> Output:
    width = None if len(shape) == 1 else shape[1]
    fitting = names if names is not None and len(names) == width else None
    return Output(name=name, datatype="FP64", width=width, names=fitting)


def _classes(model: Any) -> tuple[Scalar, ...] | None:
    """The classes of one target; None where there are none, or several targets."""
    classes = getattr(model, "classes_", None)
    if classes is None or isinstance(classes, list) or np.ndim(classes) != 1:
        return None
    return scalars(list(classes))


def _feature_names(model: Any) -> tuple[Scalar, ...] | None:
    try:
        names = tuple(str(name) for name in model.get_feature_names_out())
    except Exception:  # noqa: BLE001 - many transformers cannot say, each in its own way
        return None
    return names if len(set(names)) == len(names) else None


def _label_datatype(answer: Array) -> Any:
    return {"b": "BOOL", "i": "INT64", "u": "INT64", "f": "FP64"}.get(answer.dtype.kind, "BYTES")


def scalars(known: list[Any] | None) -> tuple[Scalar, ...] | None:
    """The categories as JSON scalars; missing is not a category but a state (`nullable`)."""
    if known is None:
        return None
    plain = [value.item() if isinstance(value, np.generic) else value for value in known]
    return tuple(v for v in plain if v is not None and not (isinstance(v, float) and math.isnan(v)))
