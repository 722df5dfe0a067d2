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
    "AdditiveChi2Sampler": "kernel_methods.additive_chi2_sampler",
    "BayesianGaussianMixture": "mixture.mixture",
    "BernoulliRBM": "boltzmann.bernoulli_rbm",
    "ColumnTransformer": "compose.column_transformer",
    "DecisionTreeClassifier": "trees.tree_classifier",
    "DecisionTreeRegressor": "trees.tree_regressor",
    "ElasticNet": "linear.linear_regressor",
    "EllipticEnvelope": "covariance.elliptic_envelope",
    "ExtraTreeClassifier": "trees.tree_classifier",
    "ExtraTreeRegressor": "trees.tree_regressor",
    "ExtraTreesClassifier": "trees.forest_classifier",
    "ExtraTreesRegressor": "trees.forest_regressor",
    "FeatureUnion": "compose.feature_union",
    "GaussianMixture": "mixture.mixture",
    "GaussianProcessClassifier": "gaussian_process.gaussian_process_classifier",
    "GaussianProcessRegressor": "gaussian_process.gaussian_process_regressor",
    "GradientBoostingClassifier": "trees.boosting_classifier",
    "GradientBoostingRegressor": "trees.boosting_regressor",
    "KernelCenterer": "kernel_methods.kernel_centerer",
    "KernelPCA": "kernel_methods.kernel_pca",
    "KernelRidge": "kernel_methods.kernel_ridge",
    "Lasso": "linear.linear_regressor",
    "LinearRegression": "linear.linear_regressor",
    "LogisticRegression": "linear.logistic_regression",
    "MaxAbsScaler": "preprocessing.max_abs_scaler",
    "MinMaxScaler": "preprocessing.min_max_scaler",
    "NuSVC": "svm.svc",
    "NuSVR": "svm.svr",
    "Nystroem": "kernel_methods.nystroem",
    "OneClassSVM": "svm.one_class_svm",
    "OneHotEncoder": "preprocessing.one_hot_encoder",
    "OrdinalEncoder": "preprocessing.ordinal_encoder",
    "Pipeline": "compose.pipeline",
    "PolynomialCountSketch": "kernel_methods.polynomial_count_sketch",
    "RBFSampler": "kernel_methods.rbf_sampler",
    "RandomForestClassifier": "trees.forest_classifier",
    "RandomForestRegressor": "trees.forest_regressor",
    "Ridge": "linear.linear_regressor",
    "RobustScaler": "preprocessing.robust_scaler",
    "SVC": "svm.svc",
    "SVR": "svm.svr",
    "SimpleImputer": "preprocessing.simple_imputer",
    "SkewedChi2Sampler": "kernel_methods.skewed_chi2_sampler",
    "StandardScaler": "preprocessing.standard_scaler",
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
