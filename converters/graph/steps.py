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
    "ARDRegression": "linear.linear_regressor",
    "AdaBoostClassifier": "ensembles.ada_boost_classifier",
    "AdaBoostRegressor": "ensembles.ada_boost_regressor",
    "AdditiveChi2Sampler": "kernel_methods.additive_chi2_sampler",
    "AffinityPropagation": "clusters.nearest_center",
    "BaggingClassifier": "ensembles.bagging_classifier",
    "BaggingRegressor": "ensembles.bagging_regressor",
    "BayesianGaussianMixture": "mixture.mixture",
    "BayesianRidge": "linear.linear_regressor",
    "BernoulliNB": "naive_bayes.bernoulli_nb",
    "BernoulliRBM": "boltzmann.bernoulli_rbm",
    "Binarizer": "scaling.binarizer",
    "Birch": "clusters.birch",
    "BisectingKMeans": "clusters.bisecting_k_means",
    "CCA": "cross_decomposition.pls",
    "CalibratedClassifierCV": "calibration.calibrated_classifier",
    "CategoricalNB": "naive_bayes.categorical_nb",
    "ClassifierChain": "multioutput.classifier_chain",
    "ColumnTransformer": "compose.column_transformer",
    "ComplementNB": "naive_bayes.complement_nb",
    "CountVectorizer": "text.count_vectorizer",
    "DecisionTreeClassifier": "trees.tree_classifier",
    "DecisionTreeRegressor": "trees.tree_regressor",
    "DictionaryLearning": "coding.sparse_coding",
    "DummyClassifier": "dummy.dummy_classifier",
    "DummyRegressor": "dummy.dummy_regressor",
    "ElasticNet": "linear.linear_regressor",
    "ElasticNetCV": "linear.linear_regressor",
    "EllipticEnvelope": "covariance.elliptic_envelope",
    "ExtraTreeClassifier": "trees.tree_classifier",
    "ExtraTreeRegressor": "trees.tree_regressor",
    "ExtraTreesClassifier": "trees.forest_classifier",
    "ExtraTreesRegressor": "trees.forest_regressor",
    "FactorAnalysis": "decomposition.factor_analysis",
    "FastICA": "decomposition.fast_ica",
    "FeatureAgglomeration": "clusters.feature_agglomeration",
    "FeatureUnion": "compose.feature_union",
    "FixedThresholdClassifier": "delegates.fixed_threshold",
    "FrozenEstimator": "delegates.frozen",
    "FunctionTransformer": "function_transformer.function_transformer",
    "GammaRegressor": "linear.log_regressor",
    "GaussianMixture": "mixture.mixture",
    "GaussianNB": "naive_bayes.gaussian_nb",
    "GaussianProcessClassifier": "gaussian_process.gaussian_process_classifier",
    "GaussianProcessRegressor": "gaussian_process.gaussian_process_regressor",
    "GaussianRandomProjection": "decomposition.projection",
    "GenericUnivariateSelect": "selection.selector",
    "GradientBoostingClassifier": "boosting.boosting_classifier",
    "GradientBoostingRegressor": "boosting.boosting_regressor",
    "GridSearchCV": "delegates.search",
    "HalvingGridSearchCV": "delegates.search",
    "HalvingRandomSearchCV": "delegates.search",
    "HashingVectorizer": "text.hashing_vectorizer",
    "HistGradientBoostingClassifier": "histogram.histogram_classifier",
    "HistGradientBoostingRegressor": "histogram.histogram_regressor",
    "HuberRegressor": "linear.linear_regressor",
    "IncrementalPCA": "decomposition.pca",
    "IsolationForest": "ensembles.isolation_forest",
    "Isomap": "manifold.isomap",
    "IsotonicRegression": "isotonic.isotonic_regression",
    "IterativeImputer": "imputing.iterative_imputer",
    "KBinsDiscretizer": "encoding.k_bins_discretizer",
    "KMeans": "clusters.k_means",
    "KNNImputer": "knn_imputer.knn_imputer",
    "KNeighborsClassifier": "neighbors.k_neighbors_classifier",
    "KNeighborsRegressor": "neighbors.k_neighbors_regressor",
    "KNeighborsTransformer": "neighbors.k_neighbors_transformer",
    "KernelCenterer": "kernel_methods.kernel_centerer",
    "KernelDensity": "radius.kernel_density",
    "KernelPCA": "kernel_methods.kernel_pca",
    "KernelRidge": "kernel_methods.kernel_ridge",
    "LabelBinarizer": "encoding.label_binarizer",
    "LabelEncoder": "encoding.label_encoder",
    "LabelPropagation": "manifold.label_propagation",
    "LabelSpreading": "manifold.label_propagation",
    "Lars": "linear.linear_regressor",
    "LarsCV": "linear.linear_regressor",
    "Lasso": "linear.linear_regressor",
    "LassoCV": "linear.linear_regressor",
    "LassoLars": "linear.linear_regressor",
    "LassoLarsCV": "linear.linear_regressor",
    "LassoLarsIC": "linear.linear_regressor",
    "LatentDirichletAllocation": "topics.latent_dirichlet_allocation",
    "LinearDiscriminantAnalysis": "linear.linear_discriminant_analysis",
    "LinearRegression": "linear.linear_regressor",
    "LinearSVC": "linear.linear_classifier",
    "LinearSVR": "linear.linear_regressor",
    "LocalOutlierFactor": "neighbors.local_outlier_factor",
    "LocallyLinearEmbedding": "manifold.locally_linear_embedding",
    "LogisticRegression": "linear.logistic_regression",
    "LogisticRegressionCV": "linear.logistic_regression",
    "MLPClassifier": "neural.mlp_classifier",
    "MLPRegressor": "neural.mlp_regressor",
    "MaxAbsScaler": "scaling.max_abs_scaler",
    "MeanShift": "clusters.nearest_center",
    "MinMaxScaler": "scaling.min_max_scaler",
    "MiniBatchDictionaryLearning": "coding.sparse_coding",
    "MiniBatchKMeans": "clusters.k_means",
    "MiniBatchSparsePCA": "decomposition.sparse_pca",
    "MissingIndicator": "imputing.missing_indicator",
    "MultiOutputClassifier": "multioutput.multi_output_classifier",
    "MultiOutputRegressor": "multioutput.multi_output_regressor",
    "MultiTaskElasticNet": "linear.linear_regressor",
    "MultiTaskElasticNetCV": "linear.linear_regressor",
    "MultiTaskLasso": "linear.linear_regressor",
    "MultiTaskLassoCV": "linear.linear_regressor",
    "MultinomialNB": "naive_bayes.multinomial_nb",
    "NMF": "topics.nmf",
    "NearestCentroid": "discriminant.nearest_centroid",
    "NeighborhoodComponentsAnalysis": "manifold.neighborhood_components",
    "Normalizer": "scaling.normalizer",
    "NuSVC": "svm.svc",
    "NuSVR": "svm.svr",
    "Nystroem": "kernel_methods.nystroem",
    "OneClassSVM": "svm.one_class_svm",
    "OneHotEncoder": "encoding.one_hot_encoder",
    "OneVsOneClassifier": "multiclass.one_vs_one",
    "OneVsRestClassifier": "multiclass.one_vs_rest",
    "OrdinalEncoder": "encoding.ordinal_encoder",
    "OrthogonalMatchingPursuit": "linear.linear_regressor",
    "OrthogonalMatchingPursuitCV": "linear.linear_regressor",
    "OutputCodeClassifier": "multiclass.output_code",
    "PCA": "decomposition.pca",
    "PLSCanonical": "cross_decomposition.pls",
    "PLSRegression": "cross_decomposition.pls",
    "PLSSVD": "cross_decomposition.pls_svd",
    "PassiveAggressiveClassifier": "linear.linear_classifier",
    "PassiveAggressiveRegressor": "linear.linear_regressor",
    "Perceptron": "linear.linear_classifier",
    "Pipeline": "compose.pipeline",
    "PoissonRegressor": "linear.log_regressor",
    "PolynomialCountSketch": "kernel_methods.polynomial_count_sketch",
    "PolynomialFeatures": "basis.polynomial_features",
    "PowerTransformer": "scaling.power_transformer",
    "QuadraticDiscriminantAnalysis": "discriminant.quadratic_discriminant_analysis",
    "QuantileRegressor": "linear.linear_regressor",
    "QuantileTransformer": "quantiles.quantile_transformer",
    "RANSACRegressor": "linear.ransac",
    "RBFSampler": "kernel_methods.rbf_sampler",
    "RFE": "selection.recursive_elimination",
    "RFECV": "selection.recursive_elimination",
    "RadiusNeighborsClassifier": "radius.radius_neighbors_classifier",
    "RadiusNeighborsRegressor": "radius.radius_neighbors_regressor",
    "RadiusNeighborsTransformer": "radius.radius_neighbors_transformer",
    "RandomForestClassifier": "trees.forest_classifier",
    "RandomForestRegressor": "trees.forest_regressor",
    "RandomTreesEmbedding": "trees.random_trees_embedding",
    "RandomizedSearchCV": "delegates.search",
    "RegressorChain": "multioutput.regressor_chain",
    "Ridge": "linear.linear_regressor",
    "RidgeCV": "linear.linear_regressor",
    "RidgeClassifier": "linear.ridge_classifier",
    "RidgeClassifierCV": "linear.ridge_classifier",
    "RobustScaler": "scaling.robust_scaler",
    "SGDClassifier": "linear.sgd_classifier",
    "SGDOneClassSVM": "linear.sgd_one_class_svm",
    "SGDRegressor": "linear.linear_regressor",
    "SVC": "svm.svc",
    "SVR": "svm.svr",
    "SelectFdr": "selection.selector",
    "SelectFpr": "selection.selector",
    "SelectFromModel": "selection.selector",
    "SelectFwe": "selection.selector",
    "SelectKBest": "selection.selector",
    "SelectPercentile": "selection.selector",
    "SelfTrainingClassifier": "delegates.self_training",
    "SequentialFeatureSelector": "selection.selector",
    "SimpleImputer": "imputing.simple_imputer",
    "SkewedChi2Sampler": "kernel_methods.skewed_chi2_sampler",
    "SparseCoder": "coding.sparse_coding",
    "SparsePCA": "decomposition.sparse_pca",
    "SparseRandomProjection": "decomposition.projection",
    "SplineTransformer": "splines.spline_transformer",
    "StackingClassifier": "voting.stacking_classifier",
    "StackingRegressor": "voting.stacking_regressor",
    "StandardScaler": "scaling.standard_scaler",
    "TargetEncoder": "encoding.target_encoder",
    "TfidfTransformer": "text.tfidf_transformer",
    "TfidfVectorizer": "text.tfidf_vectorizer",
    "TheilSenRegressor": "linear.linear_regressor",
    "TransformedTargetRegressor": "target.transformed_target",
    "TruncatedSVD": "decomposition.projection",
    "TunedThresholdClassifierCV": "delegates.tuned_threshold",
    "TweedieRegressor": "linear.tweedie_regressor",
    "VarianceThreshold": "selection.selector",
    "VotingClassifier": "voting.voting_classifier",
    "VotingRegressor": "voting.voting_regressor",
    "_ConstantPredictor": "multiclass.constant_predictor",
}
"""(model, Table) -> Answers, by the name of the class in scikit-learn: `module.function`."""


REFUSED = {
    "DictVectorizer": "takes dictionaries, not rows of typed columns",
    "FeatureHasher": "takes dictionaries or ragged lists, not rows of typed columns",
    "MiniBatchNMF": "answers a row by the mean of the whole batch it comes in",
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


def entry_of(model: Any) -> str:
    """The model's entry in ESTIMATORS; empty where it has none, or a converter of its own."""
    kind = type(model)
    if kind in OWN or kind.__module__.split(".")[0] != "sklearn":
        return ""
    return ESTIMATORS.get(kind.__name__, "")


def _function(model: Any) -> Any:
    kind = type(model)
    if kind in OWN:
        from converters.graph.custom import own_estimator  # noqa: PLC0415 - which needs this table

        return partial(own_estimator, convert=OWN[kind])
    if kind.__name__ in REFUSED:
        raise ConversionError(f"the estimator {REFUSED[kind.__name__]}")
    entry = entry_of(model)
    if not entry:
        raise ConversionError(
            "the estimator has no converter to ONNX",
            mend=f"Write one with isomorph.converter; there are: {', '.join(sorted(ESTIMATORS))}",
        )
    module, name = entry.split(".")
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
