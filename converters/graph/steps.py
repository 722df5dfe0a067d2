"""The table of estimators, read from top to bottom, and the way through it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

from bundle.errors import ConversionError
from converters.graph.answers import Answers
from converters.graph.table import Table

ESTIMATORS = {
    "BayesianRidge": "linear.linear_regressor",
    "Binarizer": "scaling.binarizer",
    "ColumnTransformer": "compose.column_transformer",
    "DecisionTreeClassifier": "trees.tree_classifier",
    "DecisionTreeRegressor": "trees.tree_regressor",
    "ElasticNet": "linear.linear_regressor",
    "ExtraTreeClassifier": "trees.tree_classifier",
    "ExtraTreeRegressor": "trees.tree_regressor",
    "ExtraTreesClassifier": "trees.forest_classifier",
    "ExtraTreesRegressor": "trees.forest_regressor",
    "FeatureUnion": "compose.feature_union",
    "FunctionTransformer": "compose.function_transformer",
    "GenericUnivariateSelect": "selection.selector",
    "GradientBoostingClassifier": "trees.boosting_classifier",
    "GradientBoostingRegressor": "trees.boosting_regressor",
    "IterativeImputer": "imputing.iterative_imputer",
    "KBinsDiscretizer": "encoding.k_bins_discretizer",
    "LabelBinarizer": "encoding.label_binarizer",
    "LabelEncoder": "encoding.label_encoder",
    "Lasso": "linear.linear_regressor",
    "LinearRegression": "linear.linear_regressor",
    "LogisticRegression": "linear.logistic_regression",
    "MaxAbsScaler": "scaling.max_abs_scaler",
    "MinMaxScaler": "scaling.min_max_scaler",
    "MissingIndicator": "imputing.missing_indicator",
    "Normalizer": "scaling.normalizer",
    "OneHotEncoder": "encoding.one_hot_encoder",
    "OrdinalEncoder": "encoding.ordinal_encoder",
    "Pipeline": "compose.pipeline",
    "PolynomialFeatures": "basis.polynomial_features",
    "PowerTransformer": "scaling.power_transformer",
    "QuantileTransformer": "quantiles.quantile_transformer",
    "RFE": "selection.recursive_elimination",
    "RFECV": "selection.recursive_elimination",
    "RandomForestClassifier": "trees.forest_classifier",
    "RandomForestRegressor": "trees.forest_regressor",
    "Ridge": "linear.linear_regressor",
    "RobustScaler": "scaling.robust_scaler",
    "SelectFdr": "selection.selector",
    "SelectFpr": "selection.selector",
    "SelectFromModel": "selection.selector",
    "SelectFwe": "selection.selector",
    "SelectKBest": "selection.selector",
    "SelectPercentile": "selection.selector",
    "SequentialFeatureSelector": "selection.selector",
    "SimpleImputer": "imputing.simple_imputer",
    "SplineTransformer": "splines.spline_transformer",
    "StandardScaler": "scaling.standard_scaler",
    "TargetEncoder": "encoding.target_encoder",
    "VarianceThreshold": "selection.selector",
}
"""(model, Table) -> Answers, by the name of the class in scikit-learn: `module.function`."""


def answer(model: Any, table: Table, *, where: str) -> Answers:
    """Build what the methods of `model` answer; `where` is the step's name, for messages."""
    with _step(where, model):
        found: Answers = _function(model)(model, table)
        return found


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
    if kind.__module__.split(".")[0] != "sklearn" or kind.__name__ not in ESTIMATORS:
        raise ConversionError(
            "the estimator has no converter to ONNX",
            mend=f"Converted are: {', '.join(sorted(ESTIMATORS))}",
        )
    module, name = ESTIMATORS[kind.__name__].split(".")
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
