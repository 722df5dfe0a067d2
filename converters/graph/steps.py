"""The table of estimators, read from top to bottom, and the way through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

from bundle.errors import ConversionError
from converters.graph.answers import Answers
from converters.graph.table import Table
from converters.own import OWN

ESTIMATORS = {
    "ColumnTransformer": "compose.column_transformer",
    "DecisionTreeClassifier": "trees.tree_classifier",
    "DecisionTreeRegressor": "trees.tree_regressor",
    "ElasticNet": "linear.linear_regressor",
    "ExtraTreeClassifier": "trees.tree_classifier",
    "ExtraTreeRegressor": "trees.tree_regressor",
    "ExtraTreesClassifier": "trees.forest_classifier",
    "ExtraTreesRegressor": "trees.forest_regressor",
    "FeatureUnion": "compose.feature_union",
    "FunctionTransformer": "functions.function_transformer",
    "GradientBoostingClassifier": "trees.boosting_classifier",
    "GradientBoostingRegressor": "trees.boosting_regressor",
    "Lasso": "linear.linear_regressor",
    "LinearRegression": "linear.linear_regressor",
    "LogisticRegression": "linear.logistic_regression",
    "MaxAbsScaler": "preprocessing.max_abs_scaler",
    "MinMaxScaler": "preprocessing.min_max_scaler",
    "OneHotEncoder": "preprocessing.one_hot_encoder",
    "OrdinalEncoder": "preprocessing.ordinal_encoder",
    "Pipeline": "compose.pipeline",
    "RandomForestClassifier": "trees.forest_classifier",
    "RandomForestRegressor": "trees.forest_regressor",
    "Ridge": "linear.linear_regressor",
    "RobustScaler": "preprocessing.robust_scaler",
    "SimpleImputer": "preprocessing.simple_imputer",
    "StandardScaler": "preprocessing.standard_scaler",
}
"""(model, Table) -> Answers, by the name of the class in scikit-learn: `module.function`."""


REFUSED = {
    "DictVectorizer": "takes dictionaries, not rows of typed columns",
    "FeatureHasher": "takes dictionaries or ragged lists, not rows of typed columns",
    "MultiLabelBinarizer": "takes ragged sets of labels, not rows of typed columns",
    "PatchExtractor": "takes images and answers another number of rows",
}
"""Estimators that are no function from typed columns to numbers, and why."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Built:
    """A step that was built: the way to it, the estimator, and its answers in the graph."""

    where: str
    model: Any
    answers: Answers


_WAY: ContextVar[tuple[str, ...]] = ContextVar("way", default=())
_WATCHED: ContextVar[list[Built] | None] = ContextVar("watched", default=None)


@contextmanager
def watched() -> Iterator[list[Built]]:
    """Every step that is built meanwhile: those inside before those around them."""
    built: list[Built] = []
    token = _WATCHED.set(built)
    try:
        yield built
    finally:
        _WATCHED.reset(token)


def answer(model: Any, table: Table, *, where: str) -> Answers:
    """Build what the methods of `model` answer; `where` is the step's name, for messages."""
    token = _WAY.set((*_WAY.get(), _place(where, model)))
    try:
        with _step(where, model):
            found: Answers = _function(model)(model, table)
        watching = _WATCHED.get()
        if watching is not None:
            watching.append(Built(where=" > ".join(_WAY.get()), model=model, answers=found))
        return found
    finally:
        _WAY.reset(token)


def transform(model: Any, table: Table, *, where: str) -> Table:
    """Build a step in the middle of a pipeline; `where` is its name, for messages."""
    if model is None or (isinstance(model, str) and model == "passthrough"):
        return table
    found = answer(model, table, where=where).transform
    if found is None:
        with _step(where, model):
            raise NotImplementedError("its method `transform`")
    return found


def _function(model: Any) -> Any:
    kind = type(model)
    if kind in OWN:
        from converters.graph.custom import own_estimator  # noqa: PLC0415 - which needs this table

        return partial(own_estimator, convert=OWN[kind])
    if kind.__name__ in REFUSED:
        raise ConversionError(f"the estimator {REFUSED[kind.__name__]}")
    if kind.__module__.split(".")[0] != "sklearn" or kind.__name__ not in ESTIMATORS:
        raise ConversionError(
            "the estimator has no converter to ONNX",
            mend=f"Write one with isomorph.converter; there are: {', '.join(sorted(ESTIMATORS))}",
        )
    module, name = ESTIMATORS[kind.__name__].split(".")
    return getattr(import_module(f"converters.graph.{module}"), name)


def _place(where: str, model: Any) -> str:
    return f"{where} ({type(model).__name__})"


@contextmanager
def _step(where: str, model: Any) -> Iterator[None]:
    """Put the step's name into the error that leaves it; steps inside steps join with ' > '."""
    place = _place(where, model)
    try:
        yield
    except ConversionError as error:
        path = f"{place} > {error.where}" if error.where else place
        raise ConversionError(error.fault, where=path, mend=error.mend) from error.__cause__
    except NotImplementedError as error:
        raise ConversionError(
            f"not converted to ONNX yet: {error}", where=place, mend="Fit without this option"
        ) from error
