"""Where estimators stand inside others, and what happens to the rows on the way to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from bundle.arrays import Array
from converters.inner import inner_of

Step = Callable[[Any], Any]
"""Rows to rows: a transformer's method, or what a meta-estimator does before it asks another."""

Path = tuple[Step, ...]


@dataclass(frozen=True)
class Columns:
    """Some columns of the rows, in this order."""

    positions: tuple[int, ...]

    def __call__(self, rows: Any) -> Any:
        """Take them from a frame or an array."""
        positions = list(self.positions)
        return rows.iloc[:, positions] if hasattr(rows, "iloc") else rows[:, positions]


@dataclass(frozen=True)
class _Wider:
    """Further columns of zeros, where a chain puts the answers of the estimators before."""

    count: int

    def __call__(self, rows: Any) -> Any:
        values = np.asarray(rows)
        return np.hstack([values, np.zeros((len(values), self.count))])


def _single(rows: Any) -> Array:
    return np.asarray(rows, dtype=np.float32)


def places(model: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    """Every estimator inside `model`, itself included, with the steps that its rows went through.

    What stands neither in INSIDE nor in INNER is an end: nothing inside it is looked for.
    """
    yield path, model
    for steps, inner in INSIDE.get(type(model).__name__, _of_the_same_rows)(model):
        yield from places(inner, (*path, *steps))


def _of_the_same_rows(model: Any) -> Iterator[tuple[Path, Any]]:
    return (((), inner) for inner in inner_of(model))


def _held_as(name: str, *, steps: Path = ()) -> Callable[[Any], Iterator[tuple[Path, Any]]]:
    """The estimators in this attribute: one, or an array or list of them."""

    def read(model: Any) -> Iterator[tuple[Path, Any]]:
        held = getattr(model, name, ())
        # Not np.ravel of a list: it unpacks the Pipelines in it into their steps.
        listed = held.ravel() if isinstance(held, np.ndarray) else held
        for inner in listed if isinstance(listed, list | tuple | np.ndarray) else [listed]:
            yield steps, inner

    return read


def _pipeline(model: Any) -> Iterator[tuple[Path, Any]]:
    path: Path = ()
    for _, step in model.steps:
        if step is None or isinstance(step, str):
            continue
        yield path, step
        path = (*path, *_methods(step, "transform"))


def _column_transformer(model: Any) -> Iterator[tuple[Path, Any]]:
    for name, step, _ in model.transformers_:
        chosen = model._transformer_to_input_indices[name]  # noqa: SLF001 - no public name holds it
        if not isinstance(step, str):
            yield (Columns(tuple(int(i) for i in chosen)),), step


def _feature_union(model: Any) -> Iterator[tuple[Path, Any]]:
    return (((), step) for _, step in model.transformer_list if not isinstance(step, str))


def _subsets(model: Any) -> Iterator[tuple[Path, Any]]:
    for inner, chosen in zip(model.estimators_, model.estimators_features_, strict=True):
        yield (np.asarray, Columns(tuple(int(i) for i in chosen))), inner


def _boosting(model: Any) -> Iterator[tuple[Path, Any]]:
    yield from _held_as("estimators_")(model)
    yield (_single,), model.init_


def _stacking(model: Any) -> Iterator[tuple[Path, Any]]:
    yield from _held_as("estimators_")(model)
    yield (model.transform,), model.final_estimator_


def _selected(model: Any) -> Iterator[tuple[Path, Any]]:
    yield (model.transform,), model.estimator_


def _chain(model: Any) -> Iterator[tuple[Path, Any]]:
    for count, inner in enumerate(model.estimators_):
        yield (_Wider(count),), inner


def _methods(model: Any, name: str) -> Path:
    return (getattr(model, name),) if hasattr(model, name) else ()


MEMBERS = _held_as("estimators_")
MEMBERS_OF_ARRAY = _held_as("estimators_", steps=(np.asarray,))

INSIDE: dict[str, Callable[[Any], Iterable[tuple[Path, Any]]]] = {
    "AdaBoostClassifier": MEMBERS_OF_ARRAY,
    "AdaBoostRegressor": MEMBERS_OF_ARRAY,
    "BaggingClassifier": _subsets,
    "BaggingRegressor": _subsets,
    "ClassifierChain": _chain,
    "ColumnTransformer": _column_transformer,
    "ExtraTreesClassifier": MEMBERS,
    "ExtraTreesRegressor": MEMBERS,
    "FeatureUnion": _feature_union,
    "GradientBoostingClassifier": _boosting,
    "GradientBoostingRegressor": _boosting,
    "IsolationForest": _subsets,
    "Pipeline": _pipeline,
    "RANSACRegressor": _held_as("estimator_"),
    "RFE": _selected,
    "RFECV": _selected,
    "RandomForestClassifier": MEMBERS,
    "RandomForestRegressor": MEMBERS,
    "RandomTreesEmbedding": MEMBERS,
    "RegressorChain": _chain,
    "StackingClassifier": _stacking,
    "StackingRegressor": _stacking,
}
"""(fitted model) -> the estimators inside it, each with what happens to the rows before it."""
