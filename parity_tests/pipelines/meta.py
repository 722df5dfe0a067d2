"""Thresholds moved, estimators searched, frozen and trained on their own labels."""

from __future__ import annotations

from sklearn.base import clone
from sklearn.ensemble import StackingClassifier
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - makes two importable
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.semi_supervised import SelfTrainingClassifier

from parity_tests.pipelines.case import Case, since
from parity_tests.pipelines.datasets import iris, iris_binary, iris_bools, penguins_text
from parity_tests.pipelines.inside import (
    FOREST,
    LOGISTIC,
    REGRESSION_TREE,
    RIDGE,
    SCALED,
    TREE,
    WHOLE,
    frozen,
)

A_LEAF = float(clone(TREE).fit(*iris_binary()).predict_proba(iris_binary()[0])[:, 1].max())
"""What the tree answers to some rows, exactly."""

THRESHOLDS = [
    Case(
        name="threshold, fixed",
        model=FixedThresholdClassifier(LOGISTIC, threshold=0.3),
        on="iris_binary",
    ),
    Case(name="threshold, fixed, auto", model=FixedThresholdClassifier(FOREST), on="iris_bools"),
    Case(
        name="threshold, fixed, of the score",
        model=FixedThresholdClassifier(SCALED, threshold=-0.7, response_method="decision_function"),
        on="iris_binary",
    ),
    Case(
        name="threshold, fixed, of the score, first label",
        model=FixedThresholdClassifier(
            SCALED, threshold=0.4, response_method="decision_function", pos_label="no"
        ),
        on="iris_binary",
    ),
    Case(
        name="threshold, fixed, first label",
        model=FixedThresholdClassifier(FOREST, threshold=0.6, pos_label="no"),
        on="iris_binary",
    ),
    Case(
        name="threshold, fixed, auto, of the score",
        model=FixedThresholdClassifier(
            SCALED, response_method="decision_function", pos_label=False
        ),
        on="iris_bools",
    ),
    Case(
        name="threshold, fixed at what a tree answers",
        model=FixedThresholdClassifier(TREE, threshold=A_LEAF),
        on="iris_binary",
    ),
    Case(
        name="threshold, fixed, on a frame with text",
        model=FixedThresholdClassifier(WHOLE, threshold=0.2, pos_label="other"),
        on="penguins_binary",
    ),
    Case(
        name="threshold, tuned",
        model=TunedThresholdClassifierCV(SCALED, cv=3),
        on="iris_bools",
    ),
    Case(
        name="threshold, tuned, of the score",
        model=TunedThresholdClassifierCV(
            SCALED, cv=3, response_method="decision_function", thresholds=20
        ),
        on="iris_binary",
    ),
    Case(
        name="threshold, tuned, forest",
        model=TunedThresholdClassifierCV(FOREST, cv=0.5, random_state=0, refit=False),
        on="iris_binary",
    ),
    Case(
        name="threshold, tuned, fitted before",
        model=since(
            "1.6",
            lambda: TunedThresholdClassifierCV(
                frozen(SCALED, iris_bools), cv="prefit", refit=False
            ),
        ),
        on="iris_bools",
    ),
    Case(
        name="threshold, tuned, in a search",
        model=GridSearchCV(TunedThresholdClassifierCV(WHOLE, cv=2), {"thresholds": [10, 30]}, cv=2),
        on="penguins_binary",
    ),
]
SEARCHES = [
    Case(name="search, grid", model=GridSearchCV(LOGISTIC, {"C": [0.1, 1]}, cv=2), on="iris"),
    Case(
        name="search, grid, a pipeline on a frame with text",
        model=GridSearchCV(WHOLE, {"logisticregression__C": [0.1, 1]}, cv=2),
        on="penguins",
    ),
    Case(
        name="search, grid, of a transformer",
        model=GridSearchCV(
            StandardScaler(), {"with_mean": [True, False]}, cv=2, scoring=lambda *_: 0.0
        ),
        on="iris",
    ),
    Case(
        name="search, grid, many scores",
        model=GridSearchCV(
            TREE, {"max_depth": [2, 3]}, cv=2, scoring=["accuracy"], refit="accuracy"
        ),
        on="iris_missing",
    ),
    Case(
        name="search, random",
        model=RandomizedSearchCV(RIDGE, {"alpha": [0.1, 1, 10]}, n_iter=2, cv=2, random_state=0),
        on="linnerud",
    ),
    Case(
        name="search, halving",
        model=HalvingGridSearchCV(FOREST, {"max_depth": [2, 3]}, cv=2, random_state=0),
        on="iris_binary",
    ),
    Case(
        name="search, halving, random",
        model=HalvingRandomSearchCV(
            REGRESSION_TREE, {"max_depth": [2, 3, 4]}, cv=2, random_state=0
        ),
        on="diabetes",
    ),
    Case(
        name="search as a step",
        model=make_pipeline(
            GridSearchCV(
                StackingClassifier([("a", SCALED), ("b", TREE)], cv=2),
                {"passthrough": [True]},
                cv=2,
            ),
            LogisticRegression(),
        ),
        on="iris",
    ),
    Case(name="frozen", model=since("1.6", lambda: frozen(FOREST, iris)), on="iris"),
    Case(
        name="frozen encoder before a tree",
        model=since(
            "1.6",
            lambda: make_pipeline(
                frozen(OneHotEncoder(handle_unknown="ignore"), penguins_text), TREE
            ),
        ),
        on="penguins_text",
    ),
    Case(
        name="self-training",
        model=SelfTrainingClassifier(SCALED),
        on="partly_labelled",
    ),
    Case(
        name="self-training, the best, two classes",
        model=SelfTrainingClassifier(LOGISTIC, criterion="k_best", k_best=5, max_iter=3),
        on="iris_unlabelled_binary",
    ),
    Case(
        name="self-training, forest",
        model=SelfTrainingClassifier(FOREST, threshold=0.9),
        on="partly_labelled",
    ),
]


CASES = [*THRESHOLDS, *SEARCHES]
