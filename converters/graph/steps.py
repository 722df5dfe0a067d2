"""The table of estimators, read from top to bottom, and the two ways through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from bundle.errors import ConversionError
from converters.graph.answers import Answers
from converters.graph.table import Table

TRANSFORMERS = {
    "ColumnTransformer": "compose.column_transformer",
    "FeatureUnion": "compose.feature_union",
    "MaxAbsScaler": "preprocessing.max_abs_scaler",
    "MinMaxScaler": "preprocessing.min_max_scaler",
    "OneHotEncoder": "preprocessing.one_hot_encoder",
    "OrdinalEncoder": "preprocessing.ordinal_encoder",
    "Pipeline": "compose.pipeline_transform",
    "RobustScaler": "preprocessing.robust_scaler",
    "SimpleImputer": "preprocessing.simple_imputer",
    "StandardScaler": "preprocessing.standard_scaler",
}
"""(model, Table) -> Table, by the name of the estimator's class."""

PREDICTORS = {
    "DecisionTreeClassifier": "trees.tree_classifier",
    "DecisionTreeRegressor": "trees.tree_regressor",
    "ElasticNet": "linear.linear_regressor",
    "ExtraTreeClassifier": "trees.tree_classifier",
    "ExtraTreeRegressor": "trees.tree_regressor",
    "ExtraTreesClassifier": "trees.forest_classifier",
    "ExtraTreesRegressor": "trees.forest_regressor",
    "GradientBoostingClassifier": "trees.boosting_classifier",
    "GradientBoostingRegressor": "trees.boosting_regressor",
    "Lasso": "linear.linear_regressor",
    "LinearRegression": "linear.linear_regressor",
    "LogisticRegression": "linear.logistic_regression",
    "Pipeline": "compose.pipeline_answer",
    "RandomForestClassifier": "trees.forest_classifier",
    "RandomForestRegressor": "trees.forest_regressor",
    "Ridge": "linear.linear_regressor",
}
"""(model, Table) -> Answers, by the name of the estimator's class."""


def transform(model: Any, table: Table, *, where: str) -> Table:
    """Build a transformer's graph; `where` is the step's name, for messages."""
    if model is None or (isinstance(model, str) and model == "passthrough"):
        return table
    with _step(where, model):
        result: Table = _function(TRANSFORMERS, model)(model, table)
        return result


def answer(model: Any, table: Table, *, where: str) -> Answers:
    """Build a predictor's graph; `where` is the step's name, for messages."""
    with _step(where, model):
        result: Answers = _function(PREDICTORS, model)(model, table)
        return result


def _function(entries: dict[str, str], model: Any) -> Any:
    try:
        module, name = entries[type(model).__name__].split(".")
    except KeyError:
        raise ConversionError(
            "the estimator has no converter to ONNX yet",
            mend=f"Converted are: {', '.join(sorted(entries))}",
        ) from None
    return getattr(import_module(f"converters.graph.{module}"), name)


@contextmanager
def _step(where: str, model: Any) -> Iterator[None]:
    """Put the step's name into the error that leaves it; steps inside steps join with ' > '."""
    place = f"{where} ({type(model).__name__})"
    try:
        yield
    except ConversionError as error:
        path = f"{place} > {error.where}" if error.where else place
        raise ConversionError(error.fault, where=path, mend=error.mend) from error.__cause__
    except NotImplementedError as error:
        raise ConversionError(
            f"not converted to ONNX yet: {error}", where=place, mend="Fit without this option"
        ) from error
