"""Which categories a fitted model knows, column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

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
    for _, step in model.steps:
        if step is None or step == "passthrough" or _keeps_columns(step, len(positions)):
            continue
        return known_categories(step, positions)
    return {}


def _keeps_columns(step: BaseEstimator, width: int) -> bool:
    return type(step).__name__ == "SimpleImputer" and len(step.get_feature_names_out()) == width


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


READERS: dict[str, Callable[[Any, list[int]], Known]] = {
    "Pipeline": _pipeline,
    "ColumnTransformer": _column_transformer,
    "OneHotEncoder": _encoder,
    "OrdinalEncoder": _encoder,
    "TargetEncoder": _encoder,
}
