"""Boosting, bagging, isolation."""

from __future__ import annotations

from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
    IsolationForest,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from parity_tests.pipelines.case import Case, since

NUMBERS = make_column_selector(dtype_include="number")
TEXT = make_column_selector(dtype_exclude="number")
STUMP = DecisionTreeClassifier(max_depth=1)


def _boosting_classifier(**options: object) -> GradientBoostingClassifier:
    return GradientBoostingClassifier(
        **{"n_estimators": 8, "max_depth": 3, "random_state": 0} | options
    )


def _boosting_regressor(**options: object) -> GradientBoostingRegressor:
    return GradientBoostingRegressor(
        **{"n_estimators": 8, "max_depth": 3, "random_state": 0} | options
    )


def _histogram_classifier(**options: object) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        **{"max_iter": 6, "max_leaf_nodes": 7, "min_samples_leaf": 5, "random_state": 0} | options
    )


def _histogram_regressor(**options: object) -> HistGradientBoostingRegressor:
    return HistGradientBoostingRegressor(
        **{"max_iter": 8, "max_leaf_nodes": 9, "min_samples_leaf": 5, "random_state": 0} | options
    )


CASES = [
    Case(name="GradientBoostingClassifier", model=_boosting_classifier(), on="iris"),
    Case(
        name="GradientBoostingClassifier, two classes",
        model=_boosting_classifier(subsample=0.7, max_features=2),
        on="iris_binary",
    ),
    Case(
        name="GradientBoostingClassifier, exponential, bools",
        model=_boosting_classifier(loss="exponential"),
        on="iris_bools",
    ),
    Case(
        name="GradientBoostingClassifier, init zero",
        model=_boosting_classifier(init="zero"),
        on="iris_floats",
    ),
    Case(
        name="GradientBoostingClassifier, init zero, two classes",
        model=_boosting_classifier(init="zero", loss="exponential"),
        on="iris_binary",
    ),
    Case(
        name="GradientBoostingClassifier, init tree",
        model=_boosting_classifier(
            init=DecisionTreeClassifier(min_samples_leaf=20, random_state=0)
        ),
        on="iris",
    ),
    Case(
        name="GradientBoostingClassifier, init tree, two classes",
        model=_boosting_classifier(
            init=DecisionTreeClassifier(min_samples_leaf=20, random_state=0)
        ),
        on="iris_binary",
    ),
    Case(
        name="GradientBoostingClassifier, init forest, exponential",
        model=_boosting_classifier(
            init=RandomForestClassifier(5, max_depth=3, random_state=0), loss="exponential"
        ),
        on="iris_binary",
    ),
    Case(
        name="GradientBoostingClassifier, init dummy",
        model=_boosting_classifier(init=DummyClassifier(strategy="uniform")),
        on="iris",
    ),
    Case(
        name="GradientBoostingClassifier, early stopping",
        model=_boosting_classifier(n_estimators=40, n_iter_no_change=2, validation_fraction=0.3),
        on="iris_integers",
    ),
    Case(
        name="GradientBoostingClassifier after imputing",
        model=make_pipeline(SimpleImputer(), _boosting_classifier()),
        on="iris_missing",
    ),
    Case(
        name="GradientBoostingRegressor",
        model=_boosting_regressor(subsample=0.5),
        on="diabetes",
    ),
    Case(
        name="GradientBoostingRegressor, absolute error",
        model=_boosting_regressor(loss="absolute_error"),
        on="diabetes_array",
    ),
    Case(
        name="GradientBoostingRegressor, huber",
        model=_boosting_regressor(loss="huber", alpha=0.8, learning_rate=0.5),
        on="diabetes",
    ),
    Case(
        name="GradientBoostingRegressor, quantile",
        model=_boosting_regressor(loss="quantile", alpha=0.2, max_leaf_nodes=5),
        on="diabetes",
    ),
    Case(
        name="GradientBoostingRegressor, init zero",
        model=_boosting_regressor(init="zero", criterion="squared_error"),
        on="diabetes",
    ),
    Case(
        name="GradientBoostingRegressor, init forest",
        model=_boosting_regressor(init=RandomForestRegressor(4, max_depth=3, random_state=0)),
        on="diabetes",
    ),
    Case(name="HistGradientBoostingClassifier", model=_histogram_classifier(), on="iris_missing"),
    Case(
        name="HistGradientBoostingClassifier, two classes",
        model=_histogram_classifier(l2_regularization=0.1),
        on="iris_binary",
    ),
    Case(
        name="HistGradientBoostingClassifier, bools, class_weight",
        model=_histogram_classifier(class_weight="balanced", max_features=0.5),
        on="iris_bools",
    ),
    Case(
        name="HistGradientBoostingClassifier, categories from_dtype",
        model=_histogram_classifier(categorical_features="from_dtype"),
        on="penguins_categories",
    ),
    Case(
        name="HistGradientBoostingClassifier, categories by name",
        model=_histogram_classifier(categorical_features=["island", "sex"]),
        on="penguins_categories",
    ),
    Case(
        name="HistGradientBoostingClassifier, categories by place",
        model=_histogram_classifier(categorical_features=[0, 2]),
        on="codes_classes",
    ),
    Case(
        name="HistGradientBoostingClassifier, early stopping",
        model=_histogram_classifier(
            max_iter=40, early_stopping=True, n_iter_no_change=2, validation_fraction=0.3
        ),
        on="iris_integers",
    ),
    Case(
        name="HistGradientBoostingClassifier, monotonic, interactions",
        model=_histogram_classifier(monotonic_cst=[1, 0, -1, 0], interaction_cst="no_interactions"),
        on="iris_binary",
    ),
    Case(
        name="HistGradientBoostingClassifier after one-hot",
        model=make_pipeline(
            ColumnTransformer(
                [
                    ("text", OneHotEncoder(handle_unknown="ignore", sparse_output=False), TEXT),
                    ("numbers", StandardScaler(), NUMBERS),
                ]
            ),
            _histogram_classifier(),
        ),
        on="penguins",
    ),
    Case(name="HistGradientBoostingRegressor", model=_histogram_regressor(), on="diabetes_missing"),
    Case(
        name="HistGradientBoostingRegressor, absolute error",
        model=_histogram_regressor(loss="absolute_error"),
        on="diabetes",
    ),
    Case(
        name="HistGradientBoostingRegressor, gamma, mask",
        model=_histogram_regressor(loss="gamma", categorical_features=[True, False, True, False]),
        on="code_columns",
    ),
    Case(
        name="HistGradientBoostingRegressor, poisson",
        model=_histogram_regressor(loss="poisson", max_bins=16),
        on="counts",
    ),
    Case(
        name="HistGradientBoostingRegressor, quantile",
        model=_histogram_regressor(loss="quantile", quantile=0.9, learning_rate=0.4),
        on="diabetes_array",
    ),
    Case(
        name="HistGradientBoostingRegressor, categories from_dtype",
        model=_histogram_regressor(categorical_features="from_dtype"),
        on="penguins_mass_categories",
    ),
    Case(
        name="HistGradientBoostingRegressor, monotonic by name",
        model=_histogram_regressor(
            categorical_features="from_dtype",
            monotonic_cst={"flipper_length_mm": 1},
            interaction_cst=[{0, 1, 2}, {3, 4, 5}],
        ),
        on="penguins_mass_categories",
    ),
    Case(
        name="HistGradientBoostingRegressor, pairwise, early stopping",
        model=_histogram_regressor(
            interaction_cst="pairwise", early_stopping=True, max_iter=30, n_iter_no_change=2
        ),
        on="diabetes",
    ),
    Case(
        name="HistGradientBoostingRegressor, categories of numbers",
        model=_histogram_regressor(),
        on="kinds_of_numbers",
    ),
    Case(
        name="HistGradientBoostingRegressor, bools and integers as categories",
        model=_histogram_regressor(categorical_features=["flag", "count"]),
        on="kinds_of_numbers",
    ),
    Case(
        name="HistGradientBoostingRegressor, no categories",
        model=_histogram_regressor(categorical_features=None),
        on="kinds_of_numbers",
    ),
    Case(
        name="HistGradientBoostingRegressor, many categories",
        model=_histogram_regressor(categorical_features="from_dtype", max_leaf_nodes=15),
        on="many_categories",
    ),
    Case(
        name="HistGradientBoostingClassifier, text columns by name",
        model=_histogram_classifier(categorical_features=["island", "sex"]),
        on="penguins",
    ),
    Case(
        name="HistGradientBoostingClassifier, one class",
        model=_histogram_classifier(),
        on="iris_one_class",
    ),
    Case(
        name="GradientBoostingRegressor, init histogram",
        model=_boosting_regressor(init=_histogram_regressor()),
        on="diabetes",
    ),
    Case(
        name="GradientBoostingRegressor, init median, kinds of numbers",
        model=_boosting_regressor(init=DummyRegressor(strategy="median")),
        on="kinds_of_numbers",
    ),
    Case(
        name="AdaBoostClassifier of bagged trees",
        model=AdaBoostClassifier(
            BaggingClassifier(n_estimators=3, random_state=0), n_estimators=3, random_state=0
        ),
        on="iris_binary",
    ),
    Case(
        name="AdaBoostRegressor, equal answers",
        model=AdaBoostRegressor(
            DecisionTreeRegressor(max_depth=1), n_estimators=20, random_state=0
        ),
        on="kinds_of_numbers",
    ),
    Case(
        name="BaggingClassifier of boosted stumps",
        model=BaggingClassifier(
            AdaBoostClassifier(n_estimators=3, random_state=0), n_estimators=3, random_state=0
        ),
        on="iris",
    ),
    Case(
        name="BaggingRegressor of boosted trees, feature subsets",
        model=BaggingRegressor(
            _boosting_regressor(n_estimators=3), n_estimators=3, max_features=3, random_state=0
        ),
        on="diabetes_array",
    ),
    Case(
        name="BaggingRegressor of linear models, two targets",
        model=BaggingRegressor(LinearRegression(), n_estimators=3, random_state=0),
        on="multi_regression",
    ),
    Case(
        name="IsolationForest, kinds of numbers",
        model=IsolationForest(n_estimators=8, contamination=0.2, random_state=0),
        on="kinds_of_numbers",
    ),
    Case(
        name="AdaBoostClassifier",
        model=AdaBoostClassifier(n_estimators=8, random_state=0),
        on="iris",
    ),
    Case(
        name="AdaBoostClassifier, two classes",
        model=AdaBoostClassifier(
            DecisionTreeClassifier(max_depth=2), n_estimators=8, random_state=0
        ),
        on="iris_binary",
    ),
    Case(
        name="AdaBoostClassifier, bools",
        model=AdaBoostClassifier(STUMP, n_estimators=6, learning_rate=0.5, random_state=0),
        on="iris_bools",
    ),
    Case(
        name="AdaBoostClassifier of linear models",
        model=AdaBoostClassifier(LogisticRegression(), n_estimators=5, random_state=0),
        on="iris",
    ),
    Case(
        name="AdaBoostClassifier of forests, floats",
        model=AdaBoostClassifier(
            RandomForestClassifier(3, max_depth=2, random_state=0), n_estimators=3, random_state=0
        ),
        on="iris_floats",
    ),
    Case(
        name="AdaBoostClassifier, one class",
        model=AdaBoostClassifier(n_estimators=3, random_state=0),
        on="iris_one_class",
    ),
    Case(
        name="AdaBoostRegressor",
        model=AdaBoostRegressor(n_estimators=8, random_state=0),
        on="diabetes",
    ),
    Case(
        name="AdaBoostRegressor, square",
        model=AdaBoostRegressor(
            DecisionTreeRegressor(max_depth=2), n_estimators=7, loss="square", random_state=0
        ),
        on="diabetes_array",
    ),
    Case(
        name="AdaBoostRegressor, exponential, of linear models",
        model=AdaBoostRegressor(Ridge(), n_estimators=5, loss="exponential", random_state=0),
        on="diabetes",
    ),
    Case(
        name="BaggingClassifier",
        model=BaggingClassifier(n_estimators=6, random_state=0),
        on="iris_missing",
    ),
    Case(
        name="BaggingClassifier, feature subsets",
        model=BaggingClassifier(
            DecisionTreeClassifier(max_depth=3),
            n_estimators=6,
            max_features=0.6,
            bootstrap_features=True,
            random_state=0,
        ),
        on="iris_binary",
    ),
    Case(
        name="BaggingClassifier, some see fewer classes",
        model=BaggingClassifier(n_estimators=8, max_samples=4, random_state=0),
        on="iris",
    ),
    Case(
        name="BaggingClassifier of linear models",
        model=BaggingClassifier(
            LogisticRegression(), n_estimators=4, max_features=3, random_state=0
        ),
        on="iris",
    ),
    Case(
        name="BaggingClassifier of linear models, bools",
        model=BaggingClassifier(LogisticRegression(), n_estimators=4, random_state=0),
        on="iris_bools",
    ),
    Case(
        name="BaggingClassifier of pipelines",
        model=BaggingClassifier(
            make_pipeline(StandardScaler(), LogisticRegression()), n_estimators=3, random_state=0
        ),
        on="iris_array",
    ),
    Case(
        name="BaggingClassifier of histograms",
        model=BaggingClassifier(_histogram_classifier(max_iter=3), n_estimators=3, random_state=0),
        on="iris_missing",
    ),
    Case(
        name="BaggingRegressor",
        model=BaggingRegressor(
            DecisionTreeRegressor(max_depth=4), n_estimators=6, max_features=0.5, random_state=0
        ),
        on="diabetes_missing",
    ),
    Case(
        name="BaggingRegressor of linear models",
        model=BaggingRegressor(
            LinearRegression(), n_estimators=4, max_features=4, bootstrap=False, random_state=0
        ),
        on="diabetes",
    ),
    Case(
        name="BaggingRegressor, two targets, missing",
        model=BaggingRegressor(n_estimators=4, random_state=0),
        on="two_regressions_missing",
    ),
    Case(
        name="BaggingRegressor of forests",
        model=BaggingRegressor(
            RandomForestRegressor(3, max_depth=3, random_state=0), n_estimators=3, random_state=0
        ),
        on="diabetes_array",
    ),
    Case(
        name="IsolationForest",
        model=IsolationForest(n_estimators=10, random_state=0),
        on="iris",
    ),
    Case(
        name="IsolationForest, contamination, feature subsets",
        model=IsolationForest(n_estimators=10, contamination=0.1, max_features=2, random_state=0),
        on="iris_array",
    ),
    Case(
        name="IsolationForest, bootstrap, max_samples, missing",
        model=since(
            "1.6",
            lambda: IsolationForest(n_estimators=8, max_samples=20, bootstrap=True, random_state=0),
        ),
        on="iris_missing",
    ),
    Case(
        name="IsolationForest, one row each",
        model=IsolationForest(n_estimators=4, max_samples=1, random_state=0),
        on="iris",
    ),
    Case(
        name="IsolationForest after scaling",
        model=make_pipeline(StandardScaler(), IsolationForest(n_estimators=8, random_state=0)),
        on="diabetes_array",
    ),
]
