"""Classifiers made of estimators of two classes, and estimators of several targets."""

from __future__ import annotations

from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler
from sklearn.tree import DecisionTreeRegressor

from parity_tests.pipelines.case import Case
from parity_tests.pipelines.inside import (
    BOOSTING,
    FOREST,
    PENGUINS,
    REGRESSION_TREE,
    SCALED,
    TREE,
    WHOLE,
)

CASES = [
    Case(name="one-vs-rest", model=OneVsRestClassifier(LogisticRegression()), on="iris"),
    Case(name="one-vs-rest, floats", model=OneVsRestClassifier(SCALED), on="iris_floats"),
    Case(name="one-vs-rest, two classes", model=OneVsRestClassifier(SCALED), on="iris_binary"),
    Case(name="one-vs-rest, bools", model=OneVsRestClassifier(SCALED), on="iris_bools"),
    Case(name="one-vs-rest, trees", model=OneVsRestClassifier(TREE), on="iris_missing"),
    Case(name="one-vs-rest, forests", model=OneVsRestClassifier(FOREST), on="iris_array"),
    Case(
        name="one-vs-rest, two classes by forest",
        model=OneVsRestClassifier(FOREST),
        on="iris_binary",
    ),
    Case(
        name="one-vs-rest, a pipeline on a frame with text",
        model=OneVsRestClassifier(make_pipeline(PENGUINS, LogisticRegression())),
        on="penguins",
    ),
    Case(
        name="one-vs-rest, regressions",
        model=OneVsRestClassifier(LinearRegression()),
        on="iris_array",
    ),
    Case(
        name="one-vs-rest, regression of two classes",
        model=OneVsRestClassifier(Ridge()),
        on="iris_binary",
    ),
    Case(name="one-vs-rest, labels", model=OneVsRestClassifier(SCALED), on="multilabel"),
    Case(name="one-vs-rest, labels by trees", model=OneVsRestClassifier(TREE), on="multilabel"),
    Case(
        name="one-vs-rest, labels by boosting",
        model=OneVsRestClassifier(BOOSTING),
        on="multilabel",
    ),
    Case(
        name="one-vs-rest, labels always or never there",
        model=OneVsRestClassifier(SCALED),
        on="multilabel_constant",
    ),
    Case(
        name="one-vs-rest, constant labels by trees",
        model=OneVsRestClassifier(TREE),
        on="multilabel_constant",
        methods=("predict", "predict_proba"),
    ),
    Case(
        name="one-vs-rest after scaling",
        model=make_pipeline(MinMaxScaler(), OneVsRestClassifier(LogisticRegression())),
        on="blobs",
    ),
    Case(name="one-vs-one", model=OneVsOneClassifier(LogisticRegression()), on="iris"),
    Case(name="one-vs-one, four classes", model=OneVsOneClassifier(SCALED), on="blobs"),
    Case(name="one-vs-one, two classes", model=OneVsOneClassifier(SCALED), on="iris_binary"),
    Case(name="one-vs-one, trees", model=OneVsOneClassifier(TREE), on="blobs"),
    Case(
        name="one-vs-one, two classes by tree",
        model=OneVsOneClassifier(TREE),
        on="iris_binary",
    ),
    Case(name="one-vs-one, forests", model=OneVsOneClassifier(FOREST), on="blobs"),
    Case(name="one-vs-one, boosting", model=OneVsOneClassifier(BOOSTING), on="iris_integers"),
    Case(
        name="one-vs-one, regressions",
        model=OneVsOneClassifier(REGRESSION_TREE),
        on="iris_floats",
    ),
    Case(
        name="output code",
        model=OutputCodeClassifier(SCALED, code_size=2, random_state=0),
        on="iris",
    ),
    Case(
        name="output code, trees",
        model=OutputCodeClassifier(TREE, code_size=3, random_state=1),
        on="blobs",
    ),
    Case(
        name="output code, forests",
        model=OutputCodeClassifier(FOREST, code_size=1.5, random_state=0),
        on="iris_missing",
    ),
    Case(
        name="output code, constant estimators",
        model=OutputCodeClassifier(LogisticRegression(), code_size=5, random_state=0),
        on="iris_binary",
    ),
    Case(
        name="output code, boosting",
        model=OutputCodeClassifier(BOOSTING, code_size=2, random_state=0),
        on="blobs",
    ),
    Case(
        name="output code on a frame with text",
        model=OutputCodeClassifier(WHOLE, code_size=4, random_state=0),
        on="penguins",
    ),
    Case(name="many targets, classes", model=MultiOutputClassifier(SCALED), on="multioutput_text"),
    Case(
        name="many targets, integer classes by trees",
        model=MultiOutputClassifier(TREE),
        on="multioutput_classes",
    ),
    Case(
        name="many targets, labels by forests",
        model=MultiOutputClassifier(FOREST),
        on="multilabel",
    ),
    Case(
        name="many targets, no probabilities",
        model=MultiOutputClassifier(OneVsOneClassifier(LogisticRegression())),
        on="multioutput_classes",
    ),
    Case(
        name="many targets, regression",
        model=MultiOutputRegressor(Lasso(alpha=0.1)),
        on="linnerud",
    ),
    Case(
        name="many targets, regression by trees",
        model=make_pipeline(
            StandardScaler(),
            MultiOutputRegressor(REGRESSION_TREE),
        ),
        on="multi_regression",
    ),
    Case(name="classifier chain", model=ClassifierChain(LogisticRegression()), on="multilabel"),
    Case(
        name="classifier chain, order",
        model=ClassifierChain(SCALED, order=[2, 0, 1]),
        on="multilabel",
    ),
    Case(
        name="classifier chain, random order, cv",
        model=ClassifierChain(SCALED, order="random", cv=3, random_state=0),
        on="multilabel",
    ),
    Case(
        name="classifier chain of probabilities",
        model=ClassifierChain(SCALED, chain_method="predict_proba", cv=3),
        on="multilabel",
    ),
    Case(
        name="classifier chain of logarithms",
        model=ClassifierChain(SCALED, chain_method="predict_log_proba", cv=3),
        on="multilabel",
    ),
    Case(
        name="classifier chain of scores",
        model=ClassifierChain(SCALED, chain_method="decision_function", order=[1, 2, 0]),
        on="multilabel",
    ),
    Case(
        name="classifier chain, first of several methods",
        model=ClassifierChain(TREE, chain_method=["decision_function", "predict_proba", "predict"]),
        on="multilabel",
    ),
    Case(
        name="classifier chain, many classes",
        model=ClassifierChain(LogisticRegression()),
        on="multioutput_classes",
        methods=("predict",),
    ),
    Case(
        name="classifier chain of forests",
        model=ClassifierChain(FOREST, order=[1, 0, 2]),
        on="multilabel",
    ),
    Case(name="regressor chain", model=RegressorChain(Ridge()), on="linnerud"),
    Case(
        name="regressor chain, order, cv",
        model=RegressorChain(LinearRegression(), order=[2, 0, 1], cv=3),
        on="linnerud_array",
    ),
    Case(
        name="regressor chain of trees",
        model=RegressorChain(DecisionTreeRegressor(max_depth=4, random_state=0), order=[1, 0]),
        on="multi_regression",
    ),
]
