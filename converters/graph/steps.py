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
    "ColumnTransformer": "compose.column_transformer",
    "CountVectorizer": "text.count_vectorizer",
    "DecisionTreeClassifier": "trees.tree_classifier",
    "DecisionTreeRegressor": "trees.tree_regressor",
    "DictVectorizer": "text.not_typed",
    "DictionaryLearning": "coding.sparse_coding",
    "ElasticNet": "linear.linear_regressor",
    "ExtraTreeClassifier": "trees.tree_classifier",
    "ExtraTreeRegressor": "trees.tree_regressor",
    "ExtraTreesClassifier": "trees.forest_classifier",
    "ExtraTreesRegressor": "trees.forest_regressor",
    "FactorAnalysis": "decomposition.factor_analysis",
    "FastICA": "decomposition.fast_ica",
    "FeatureHasher": "text.not_typed",
    "FeatureUnion": "compose.feature_union",
    "GaussianRandomProjection": "decomposition.projection",
    "GradientBoostingClassifier": "trees.boosting_classifier",
    "GradientBoostingRegressor": "trees.boosting_regressor",
    "HashingVectorizer": "text.hashing_vectorizer",
    "IncrementalPCA": "decomposition.pca",
    "Lasso": "linear.linear_regressor",
    "LatentDirichletAllocation": "topics.latent_dirichlet_allocation",
    "LinearRegression": "linear.linear_regressor",
    "LogisticRegression": "linear.logistic_regression",
    "MaxAbsScaler": "preprocessing.max_abs_scaler",
    "MinMaxScaler": "preprocessing.min_max_scaler",
    "MiniBatchDictionaryLearning": "coding.sparse_coding",
    "MiniBatchNMF": "topics.mini_batch_nmf",
    "MiniBatchSparsePCA": "decomposition.sparse_pca",
    "NMF": "topics.nmf",
    "OneHotEncoder": "preprocessing.one_hot_encoder",
    "OrdinalEncoder": "preprocessing.ordinal_encoder",
    "PCA": "decomposition.pca",
    "PatchExtractor": "text.not_typed",
    "Pipeline": "compose.pipeline",
    "RandomForestClassifier": "trees.forest_classifier",
    "RandomForestRegressor": "trees.forest_regressor",
    "Ridge": "linear.linear_regressor",
    "RobustScaler": "preprocessing.robust_scaler",
    "SimpleImputer": "preprocessing.simple_imputer",
    "SparseCoder": "coding.sparse_coding",
    "SparsePCA": "decomposition.sparse_pca",
    "SparseRandomProjection": "decomposition.projection",
    "StandardScaler": "preprocessing.standard_scaler",
    "TfidfTransformer": "text.tfidf_transformer",
    "TfidfVectorizer": "text.tfidf_vectorizer",
    "TruncatedSVD": "decomposition.projection",
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
