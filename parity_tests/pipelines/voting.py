"""Estimators that vote, and estimators stacked on others."""

from __future__ import annotations

from sklearn.ensemble import (
    GradientBoostingRegressor,
    RandomForestRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from parity_tests.pipelines.case import Case, since
from parity_tests.pipelines.datasets import iris, penguins
from parity_tests.pipelines.inside import (
    FOREST,
    LOGISTIC,
    PENGUINS,
    REGRESSION_TREE,
    RIDGE,
    SCALED,
    STUMP,
    TREE,
    WHOLE,
    WHOLE_FOREST,
    frozen,
)

THREE = [("logistic", LOGISTIC), ("scaled", SCALED), ("tree", TREE)]
FOUR = [*THREE, ("forest", FOREST)]
REGRESSIONS = [("ridge", RIDGE), ("tree", REGRESSION_TREE), ("lasso", Lasso(alpha=0.1))]

VOTING = [
    Case(name="voting, hard", model=VotingClassifier(THREE), on="iris"),
    Case(name="voting, hard, two classes", model=VotingClassifier(FOUR), on="iris_binary"),
    Case(name="voting, hard, bools", model=VotingClassifier(THREE), on="iris_bools"),
    Case(
        name="voting, hard, weights whose sum is rounded",
        model=VotingClassifier(
            [("a", TREE), ("b", LOGISTIC), ("c", STUMP)],
            weights=[0.1, 0.2, 0.3],
        ),
        on="blobs",
    ),
    Case(
        name="voting, hard, one dropped",
        model=VotingClassifier([*THREE, ("gone", "drop")], weights=[1, 2, 3, 4]),
        on="iris_floats",
    ),
    Case(name="voting, soft", model=VotingClassifier(FOUR, voting="soft"), on="iris"),
    Case(
        name="voting, soft, not flattened",
        model=VotingClassifier(THREE, voting="soft", flatten_transform=False),
        on="iris_array",
        methods=("predict", "predict_proba"),
    ),
    Case(
        name="voting, soft, weights, one dropped",
        model=VotingClassifier([("gone", "drop"), *FOUR], voting="soft", weights=[9, 1, 0.3, 2, 1]),
        on="iris_binary",
    ),
    Case(
        name="voting, soft, on a frame with text",
        model=VotingClassifier([("a", WHOLE), ("b", WHOLE_FOREST)], voting="soft"),
        on="penguins",
    ),
    Case(
        name="voting, hard, on a frame with text",
        model=VotingClassifier([("a", WHOLE), ("b", WHOLE_FOREST)]),
        on="penguins",
    ),
    Case(
        name="voting features of a pipeline",
        model=make_pipeline(StandardScaler(), VotingClassifier(THREE), LogisticRegression()),
        on="blobs",
    ),
    Case(name="voting, regression", model=VotingRegressor(REGRESSIONS), on="diabetes"),
    Case(
        name="voting, regression, weights, one dropped",
        model=VotingRegressor([*REGRESSIONS, ("gone", "drop")], weights=[1, 2, 0.3, 4]),
        on="diabetes_array",
    ),
    Case(
        name="voting, linear regression",
        model=VotingRegressor(
            [("a", Ridge()), ("gone", "drop"), ("b", Lasso(0.1)), ("c", LinearRegression())]
        ),
        on="diabetes",
    ),
    Case(
        name="voting, linear regression, weights",
        model=VotingRegressor([("a", Ridge()), ("b", LinearRegression())], weights=[0.3, 2]),
        on="diabetes_array",
    ),
]

STACKING = [
    Case(name="stacking", model=StackingClassifier(THREE, cv=3), on="iris"),
    Case(name="stacking, two classes", model=StackingClassifier(FOUR, cv=3), on="iris_binary"),
    Case(name="stacking, bools", model=StackingClassifier(THREE, cv=3), on="iris_bools"),
    Case(
        name="stacking, passthrough",
        model=StackingClassifier(THREE, cv=3, passthrough=True),
        on="iris_floats",
    ),
    Case(
        name="stacking of labels",
        model=StackingClassifier(FOUR, cv=3, stack_method="predict"),
        on="iris",
    ),
    Case(
        name="stacking of scores",
        model=StackingClassifier(
            [("a", LOGISTIC), ("b", SCALED)], cv=3, stack_method="decision_function"
        ),
        on="iris",
    ),
    Case(
        name="stacking of scores, two classes",
        model=StackingClassifier(
            [("a", LOGISTIC), ("b", SCALED)], cv=3, stack_method="decision_function"
        ),
        on="iris_bools",
    ),
    Case(
        name="stacking of probabilities, final tree",
        model=StackingClassifier(
            FOUR,
            cv=3,
            stack_method="predict_proba",
            final_estimator=DecisionTreeClassifier(max_depth=4, random_state=0),
        ),
        on="iris_integers",
    ),
    Case(
        name="stacking, final forest in a pipeline, passthrough",
        model=StackingClassifier(
            [("tree", TREE), ("gone", "drop"), ("forest", FOREST)],
            cv=3,
            passthrough=True,
            final_estimator=make_pipeline(SimpleImputer(), FOREST),
        ),
        on="iris_missing",
        methods=("predict", "predict_proba"),
    ),
    Case(
        name="stacking, regressors inside",
        model=StackingClassifier([("tree", TREE), ("ridge", RIDGE)], cv=3),
        on="iris_array",
    ),
    Case(
        name="stacking, fitted before",
        model=since(
            "1.6",
            lambda: StackingClassifier(
                [("tree", frozen(TREE, iris)), ("scaled", frozen(SCALED, iris))], cv="prefit"
            ),
        ),
        on="iris",
    ),
    Case(
        name="stacking, fitted before, labels by name",
        model=since(
            "1.6",
            lambda: StackingClassifier(
                [
                    ("whole", frozen(WHOLE, penguins)),
                    ("forest", frozen(WHOLE_FOREST, penguins)),
                ],
                cv="prefit",
                stack_method="predict",
                final_estimator=make_pipeline(OneHotEncoder(), LogisticRegression()),
            ),
        ),
        on="penguins",
    ),
    Case(
        name="stacking on a frame with text",
        model=StackingClassifier([("a", WHOLE), ("b", WHOLE_FOREST)], cv=3),
        on="penguins",
    ),
    Case(
        name="stacking in a stack",
        model=StackingClassifier(
            [("stack", StackingClassifier(THREE, LOGISTIC, cv=2)), ("forest", FOREST)],
            cv=2,
            final_estimator=VotingClassifier(THREE, voting="soft"),
        ),
        on="iris",
    ),
    Case(
        name="stacking features of a pipeline",
        model=make_pipeline(
            StackingClassifier(THREE, cv=2), StandardScaler(), LogisticRegression()
        ),
        on="blobs",
    ),
    Case(
        name="stacking, regression",
        model=StackingRegressor(REGRESSIONS, cv=3, final_estimator=Ridge()),
        on="diabetes",
    ),
    Case(
        name="stacking, regression, passthrough",
        model=StackingRegressor(
            REGRESSIONS,
            cv=3,
            passthrough=True,
            final_estimator=RandomForestRegressor(7, max_depth=4, random_state=0),
        ),
        on="diabetes_array",
    ),
    Case(
        name="stacking, regression, one dropped, boosting",
        model=StackingRegressor(
            [("gone", "drop"), *REGRESSIONS],
            cv=3,
            final_estimator=GradientBoostingRegressor(n_estimators=8, random_state=0),
        ),
        on="diabetes",
    ),
    Case(
        name="stacking, regression on a frame with text",
        model=StackingRegressor(
            [
                ("a", make_pipeline(PENGUINS, Ridge())),
                ("b", make_pipeline(PENGUINS, REGRESSION_TREE)),
            ],
            cv=3,
            final_estimator=LinearRegression(),
        ),
        on="penguins_mass",
    ),
]


CASES = [*VOTING, *STACKING]
