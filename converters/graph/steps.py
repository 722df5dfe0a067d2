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
    "CalibratedClassifierCV": "calibration.calibrated_classifier",
    "ClassifierChain": "multioutput.classifier_chain",
    "ColumnTransformer": "compose.column_transformer",
    "DecisionTreeClassifier": "trees.tree_classifier",
    "DecisionTreeRegressor": "trees.tree_regressor",
    "ElasticNet": "linear.linear_regressor",
    "ExtraTreeClassifier": "trees.tree_classifier",
    "ExtraTreeRegressor": "trees.tree_regressor",
    "ExtraTreesClassifier": "trees.forest_classifier",
    "ExtraTreesRegressor": "trees.forest_regressor",
    "FeatureUnion": "compose.feature_union",
    "FixedThresholdClassifier": "delegates.fixed_threshold",
    "FrozenEstimator": "delegates.frozen",
    "GradientBoostingClassifier": "trees.boosting_classifier",
    "GradientBoostingRegressor": "trees.boosting_regressor",
    "GridSearchCV": "delegates.search",
    "HalvingGridSearchCV": "delegates.search",
    "HalvingRandomSearchCV": "delegates.search",
    "Lasso": "linear.linear_regressor",
    "LinearRegression": "linear.linear_regressor",
    "LogisticRegression": "linear.logistic_regression",
    "MaxAbsScaler": "preprocessing.max_abs_scaler",
    "MinMaxScaler": "preprocessing.min_max_scaler",
    "MultiOutputClassifier": "multioutput.multi_output_classifier",
    "MultiOutputRegressor": "multioutput.multi_output_regressor",
    "OneHotEncoder": "preprocessing.one_hot_encoder",
    "OneVsOneClassifier": "multiclass.one_vs_one",
    "OneVsRestClassifier": "multiclass.one_vs_rest",
    "OrdinalEncoder": "preprocessing.ordinal_encoder",
    "OutputCodeClassifier": "multiclass.output_code",
    "Pipeline": "compose.pipeline",
    "RandomForestClassifier": "trees.forest_classifier",
    "RandomForestRegressor": "trees.forest_regressor",
    "RandomizedSearchCV": "delegates.search",
    "RegressorChain": "multioutput.regressor_chain",
    "Ridge": "linear.linear_regressor",
    "RobustScaler": "preprocessing.robust_scaler",
    "SelfTrainingClassifier": "delegates.self_training",
    "SimpleImputer": "preprocessing.simple_imputer",
    "StackingClassifier": "voting.stacking_classifier",
    "StackingRegressor": "voting.stacking_regressor",
    "StandardScaler": "preprocessing.standard_scaler",
    "TransformedTargetRegressor": "target.transformed_target",
    "TunedThresholdClassifierCV": "delegates.tuned_threshold",
    "VotingClassifier": "voting.voting_classifier",
    "VotingRegressor": "voting.voting_regressor",
    "_ConstantPredictor": "multiclass.constant_predictor",
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
