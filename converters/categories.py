"""Which categories a fitted model knows, column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from converters.inner import inner_of

Known = Mapping[int, list[Any]]
"""Known categories by position of the column."""


def known_categories(model: Any, positions: list[int]) -> Known:
    """Categories of the columns at `positions`, for those that meet an encoder.

    Follows a column through pipelines and column transformers as long as each step keeps one
    column for each it gets.
    """
    reader = READERS.get(type(model).__name__, _inner)
    return reader(model, positions)


def _inner(model: Any, positions: list[int]) -> Known:
    """What the estimators inside know together, the first to know a column deciding."""
    found: dict[int, list[Any]] = {}
    for each in inner_of(model):
        found = {**known_categories(each, positions), **found}
    return found


def _pipeline(model: Any, positions: list[int]) -> Known:
    places: list[int | None] = list(positions)
    for _, step in model.steps:
        if step is None or isinstance(step, str):
            continue
        found = _reached(step, places)
        if found:
            return found
        places = _after(step, places)
        if not places:
            break
    return {}


def _reached(model: Any, places: list[int | None]) -> Known:
    """Categories of the columns whose place is known, of all that `model` takes."""
    numbered = list(range(len(places)))
    found = known_categories(model, numbered)
    return {place: found[i] for i in found if (place := places[i]) is not None}


def _after(step: Any, places: list[int | None]) -> list[int | None]:
    """For each column that leaves `step` the one that it is, unchanged; None for a new one."""
    keeper = KEEPERS.get(type(step).__name__)
    return keeper(step, places) if keeper and places else []


def _imputed(model: Any, places: list[int | None]) -> list[int | None]:
    kept = [
        place
        for place, value in zip(places, model.statistics_, strict=True)
        if model.keep_empty_features or value == value  # noqa: PLR0124 - NaN, of any type
    ]
    return kept + [None] * (len(model.get_feature_names_out()) - len(kept))


def _selected(model: Any, places: list[int | None]) -> list[int | None]:
    return [places[i] for i in model.get_support(indices=True)]


def _joined(model: Any, places: list[int | None]) -> list[int | None]:
    joined: list[int | None] = []
    for name, step, _ in model.transformers_:
        chosen = [places[i] for i in model._transformer_to_input_indices[name]]  # noqa: SLF001 - no public name holds it
        if isinstance(step, str):
            joined += chosen if step == "passthrough" else []
        elif chosen:
            after = _after(step, chosen)
            width = model.output_indices_[name]
            joined += after or [None] * (width.stop - width.start)
    return joined


def _identity(model: Any, places: list[int | None]) -> list[int | None]:
    return places if model.func is None else []


def _chained(model: Any, places: list[int | None]) -> list[int | None]:
    for _, step in model.steps:
        if step is not None and not isinstance(step, str):
            places = _after(step, places)
    return places


KEEPERS: dict[str, Callable[[Any, list[int | None]], list[int | None]]] = {
    "ColumnTransformer": _joined,
    "FunctionTransformer": _identity,
    "Pipeline": _chained,
    "SimpleImputer": _imputed,
    **dict.fromkeys(
        (
            "GenericUnivariateSelect",
            "SelectFdr",
            "SelectFpr",
            "SelectFromModel",
            "SelectFwe",
            "SelectKBest",
            "SelectPercentile",
            "SequentialFeatureSelector",
            "VarianceThreshold",
        ),
        _selected,
    ),
}
"""Steps that hand on columns as they are; an empty list where none can be told."""


def _column_transformer(model: Any, positions: list[int]) -> Known:
    found: dict[int, list[Any]] = {}
    for name, step, _ in model.transformers_:
        chosen = [positions[i] for i in model._transformer_to_input_indices[name]]  # noqa: SLF001 - no public name holds it
        if isinstance(step, BaseEstimator):
            found |= known_categories(step, chosen)
    return found


def _encoder(model: Any, positions: list[int]) -> Known:
    return {
        position: list(known) for position, known in zip(positions, model.categories_, strict=True)
    }


def _histogram(model: Any, positions: list[int]) -> Known:
    if model._preprocessor is None:  # noqa: SLF001 - no public name holds it
        return {}
    encoder = model._preprocessor.named_transformers_["encoder"]  # noqa: SLF001 - likewise
    categorical = [positions[i] for i in np.flatnonzero(model.is_categorical_)]
    return _encoder(encoder, categorical)


def _union(model: Any, positions: list[int]) -> Known:
    found: dict[int, list[Any]] = {}
    for _, step in model.transformer_list:
        if isinstance(step, BaseEstimator):
            found |= known_categories(step, positions)
    return found


def _labels(model: Any, positions: list[int]) -> Known:
    if getattr(model, "y_type_", "").startswith("multilabel"):
        return {position: [0, 1] for position in positions}
    return {positions[0]: list(model.classes_)}


READERS: dict[str, Callable[[Any, list[int]], Known]] = {
    "Pipeline": _pipeline,
    "ColumnTransformer": _column_transformer,
    "HistGradientBoostingClassifier": _histogram,
    "HistGradientBoostingRegressor": _histogram,
    "FeatureUnion": _union,
    "LabelBinarizer": _labels,
    "LabelEncoder": _labels,
    "OneHotEncoder": _encoder,
    "OrdinalEncoder": _encoder,
    "TargetEncoder": _encoder,
}
