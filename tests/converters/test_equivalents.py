"""Each rewriting answers as the original, in scikit-learn and as PMML in JPMML."""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.cross_decomposition import CCA, PLSCanonical
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    RandomForestClassifier,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - makes them importable
from sklearn.feature_selection import RFE, RFECV, SelectKBest
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import (
    LassoLarsIC,
    LinearRegression,
    LogisticRegression,
    PassiveAggressiveClassifier,
    PassiveAggressiveRegressor,
    Perceptron,
    RANSACRegressor,
    Ridge,
    RidgeClassifier,
    RidgeClassifierCV,
    SGDClassifier,
    TweedieRegressor,
)
from sklearn.model_selection import (
    FixedThresholdClassifier,
    GridSearchCV,
    HalvingGridSearchCV,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.naive_bayes import BernoulliNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    KBinsDiscretizer,
    MaxAbsScaler,
    MinMaxScaler,
    PolynomialFeatures,
    RobustScaler,
    StandardScaler,
)
from sklearn.semi_supervised import SelfTrainingClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from converters.equivalents.rewriting import rewritten
from converters.equivalents.table import TABLE
from converters.sklearn_to_pmml import sklearn_to_pmml
from isomorph.proving import draft, proven
from parity_tests.pipelines.datasets import DATASETS

for extra in ("jpype", "sklearn2pmml", "jpmml_evaluator"):
    pytest.importorskip(extra)

# Copying an estimator of a deprecated class warns again.
pytestmark = pytest.mark.filterwarnings("ignore:Class PassiveAggressive:FutureWarning")

LOGISTIC = LogisticRegression()
SCALED = make_pipeline(StandardScaler(), LogisticRegression())
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
REGRESSION_TREE = DecisionTreeRegressor(max_depth=3, random_state=0)
THREE = [("logistic", LOGISTIC), ("scaled", SCALED), ("tree", TREE)]
GRID = {"C": [0.1, 1.0]}
LABEL = ("predict",)
BOTH = ("predict", "predict_proba")

Row = tuple[Any, str, tuple[str, ...]]
"""A model, the data that it is fitted on, and the methods to prove; none: the usual ones."""


def frozen() -> Any:
    """scikit-learn 1.6 and newer."""
    from sklearn.frozen import FrozenEstimator  # noqa: PLC0415

    return FrozenEstimator(copy.deepcopy(SCALED).fit(*DATASETS["iris"]()))


ROWS: dict[str, list[Row | Callable[[], Row]]] = {
    "AdaBoostClassifier": [(AdaBoostClassifier(n_estimators=5, random_state=0), "iris_bools", ())],
    "AdaBoostRegressor": [(AdaBoostRegressor(n_estimators=5, random_state=0), "diabetes", ())],
    "BaggingClassifier": [
        (
            BaggingClassifier(
                AdaBoostClassifier(n_estimators=3, random_state=0), n_estimators=3, random_state=0
            ),
            "iris_binary",
            LABEL,
        )
    ],
    "BaggingRegressor": [
        (
            BaggingRegressor(
                AdaBoostRegressor(n_estimators=3, random_state=0), n_estimators=3, random_state=0
            ),
            "diabetes",
            (),
        )
    ],
    "BernoulliNB": [
        (BernoulliNB(binarize=3.0), "iris", ()),
        (BernoulliNB(binarize=3.0), "iris_bools", ()),
    ],
    "CCA": [(CCA(1), "diabetes", ())],
    "CalibratedClassifierCV": [
        (CalibratedClassifierCV(model, method=method, ensemble=ensemble, cv=3), on, ())
        for method, model, ensemble, on in (
            ("sigmoid", SCALED, True, "iris_binary"),
            ("sigmoid", SCALED, False, "iris_floats"),
            ("sigmoid", LinearSVC(random_state=0), True, "iris_bools"),
            ("sigmoid", RandomForestClassifier(5, random_state=0), True, "iris_missing"),
            ("isotonic", SCALED, True, "iris_binary"),
            ("temperature", SCALED, True, "iris_binary"),
            ("temperature", SCALED, True, "iris"),
        )
    ],
    "FixedThresholdClassifier": [
        (FixedThresholdClassifier(SCALED, threshold=0.3), "iris_binary", ()),
        (FixedThresholdClassifier(TREE, threshold=0.3, pos_label="no"), "iris_binary", ()),
        (
            FixedThresholdClassifier(SCALED, threshold=0.7, response_method="decision_function"),
            "iris_bools",
            (),
        ),
    ],
    "FrozenEstimator": [lambda: (frozen(), "iris", ())],
    "GridSearchCV": [(GridSearchCV(LOGISTIC, GRID, cv=2), "iris", ())],
    "HalvingGridSearchCV": [
        (HalvingGridSearchCV(LOGISTIC, GRID, cv=2, random_state=0), "iris", ())
    ],
    "HalvingRandomSearchCV": [
        (HalvingRandomSearchCV(LOGISTIC, GRID, cv=2, random_state=0, n_candidates=2), "iris", ())
    ],
    "HistGradientBoostingRegressor": [
        (HistGradientBoostingRegressor(loss="poisson", max_iter=10), "counts", ()),
        (HistGradientBoostingRegressor(loss="gamma", max_iter=10), "amounts", ()),
    ],
    "IsotonicRegression": [(IsotonicRegression(out_of_bounds="raise"), "curve", ())],
    "LassoLarsIC": [(LassoLarsIC(), "diabetes", ())],
    "LinearSVC": [(LinearSVC(random_state=0), on, LABEL) for on in ("iris", "iris_bools")],
    "PLSCanonical": [(PLSCanonical(1), "diabetes", ())],
    "PassiveAggressiveClassifier": [
        lambda: (PassiveAggressiveClassifier(random_state=0), "iris", LABEL)
    ],
    "PassiveAggressiveRegressor": [
        lambda: (PassiveAggressiveRegressor(random_state=0), "diabetes", ())
    ],
    "Perceptron": [(Perceptron(random_state=0), "iris", LABEL)],
    "RANSACRegressor": [(RANSACRegressor(random_state=0), "diabetes", ())],
    "RFE": [
        (RFE(LOGISTIC, n_features_to_select=2), "iris_array", ()),
        (make_pipeline(RFE(LOGISTIC, n_features_to_select=2), TREE), "iris", ()),
    ],
    "RFECV": [(RFECV(LOGISTIC, cv=2), "iris", ())],
    "RandomizedSearchCV": [
        (RandomizedSearchCV(LOGISTIC, GRID, n_iter=2, cv=2, random_state=0), "iris", ())
    ],
    "RidgeClassifier": [(RidgeClassifier(), on, LABEL) for on in ("iris", "iris_bools")],
    "RidgeClassifierCV": [(RidgeClassifierCV(), "iris", LABEL)],
    "SGDClassifier": [
        (SGDClassifier(random_state=0), "iris", LABEL),
        (SGDClassifier(loss="log_loss", random_state=0), "iris_bools", ()),
    ],
    "SelfTrainingClassifier": [(SelfTrainingClassifier(LOGISTIC), "partly_labelled", ())],
    "TransformedTargetRegressor": [
        (TransformedTargetRegressor(LinearRegression(), transformer=scaler), "diabetes", ())
        for scaler in (
            StandardScaler(),
            StandardScaler(with_mean=False),
            StandardScaler(with_std=False),
            RobustScaler(),
            RobustScaler(with_centering=False),
            MinMaxScaler(),
            MaxAbsScaler(),
        )
    ],
    "TunedThresholdClassifierCV": [
        (TunedThresholdClassifierCV(SCALED, cv=2, random_state=0), "iris_binary", ())
    ],
    "TweedieRegressor": [
        (TweedieRegressor(power=power, link=link), on, ())
        for power, link, on in (
            (0, "log", "counts"),
            (1, "identity", "amounts"),
            (1.5, "auto", "amounts"),
        )
    ],
    "VotingClassifier": [
        (VotingClassifier(THREE), "iris", ()),
        (VotingClassifier([*THREE, ("more", SCALED)]), "iris_binary", ()),
        (VotingClassifier([*THREE, ("gone", "drop")], weights=[1, 2, 1, 4]), "blobs", ()),
        (VotingClassifier(THREE, voting="soft"), "iris", BOTH),
    ],
    "VotingRegressor": [
        (
            VotingRegressor(
                [("ridge", Ridge()), ("gone", "drop"), ("tree", REGRESSION_TREE)], weights=[1, 2, 3]
            ),
            "diabetes",
            (),
        )
    ],
}
APART: list[Row] = [
    (StackingClassifier(THREE, cv=2, passthrough=True), "iris", ()),
    (
        StackingRegressor(
            [("ridge", Ridge()), ("scaled", make_pipeline(StandardScaler(), Ridge()))],
            final_estimator=make_pipeline(StandardScaler(), REGRESSION_TREE),
            cv=2,
            passthrough=True,
        ),
        "diabetes",
        (),
    ),
    (make_pipeline(SelectKBest(k=2), LOGISTIC), "iris_array", ()),
    (
        make_pipeline(ColumnTransformer([("two", StandardScaler(), [3, 1])]), LOGISTIC),
        "iris_array",
        (),
    ),
    (
        HistGradientBoostingClassifier(max_iter=10, categorical_features=["island", "sex"]),
        "penguins",
        (),
    ),
    (make_pipeline(KBinsDiscretizer(3), PolynomialFeatures(), Ridge()), "diabetes_array", ()),
]
"""What is not in the table, but was unequal or refused."""


def cases() -> list[Any]:
    """Every row of the table, by the name of its class."""
    return [
        pytest.param(row, id=f"{name}-{place}")
        for name, rows in ROWS.items()
        for place, row in enumerate(rows)
    ]


def fitted(row: Row | Callable[[], Row]) -> tuple[Any, Any, tuple[str, ...]]:
    """The model, the rows it was fitted on, and the methods."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence, and of classes that are deprecated
        model, on, methods = row() if callable(row) else row
        X, y = DATASETS[on]()
        return copy.deepcopy(model).fit(X, y), X, methods


def prove(model: Any, X: Any, methods: tuple[str, ...]) -> None:
    """The PMML by JPMML's converter is equal, for all rows that provoke a difference."""
    made = draft(model, X, say=lambda _: None, methods=methods)
    content = sklearn_to_pmml(model, made.original.signature)
    verdict = proven(replace(made, files={"model.pmml": content}), "pmml").verdicts[-1]
    assert verdict.status == "pass", verdict.reason


def test_every_row_of_the_table_is_tested() -> None:
    """And no test is left of a row that is gone."""
    assert sorted(ROWS) == list(TABLE)


@pytest.mark.parametrize("row", cases())
def test_the_rewritten_model_answers_as_the_original(row: Any) -> None:
    """In scikit-learn: labels equal, probabilities to 1e-15, numbers to the last bits."""
    model, X, _ = fitted(row)
    equal = rewritten(copy.deepcopy(model))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a step fitted without names is given a frame
        expected, got = model.predict(X), equal.predict(X)
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(got, expected, rtol=1e-15, atol=1e-13)
        else:
            assert got.tolist() == expected.tolist()
        if hasattr(model, "predict_proba"):
            off = np.abs(equal.predict_proba(X) - model.predict_proba(X))
            assert off.max() <= 1e-15


@pytest.mark.parametrize("row", cases())
def test_its_pmml_is_proven(row: Any) -> None:
    """By JPMML's converter alone."""
    prove(*fitted(row))


@pytest.mark.parametrize("row", APART, ids=lambda row: type(row[0]).__name__)
def test_members_and_columns_kept_apart(row: Row) -> None:
    """Members of an ensemble, columns by place, bins."""
    prove(*fitted(row))
