"""Multi-layer perceptrons."""

from __future__ import annotations

from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from parity_tests.pipelines.case import Case, since
from parity_tests.pipelines.linear import MIXED

FEW = {"hidden_layer_sizes": (8,), "max_iter": 40, "random_state": 0}
"""Small networks; whether training converged does not matter to the function."""

CASES = [
    *(
        Case(
            name=f"MLPClassifier, {activation}",
            model=MLPClassifier(activation=activation, **FEW),
            on="iris",
        )
        for activation in ("identity", "logistic", "tanh", "relu")
    ),
    *(
        Case(
            name=f"MLPRegressor, {activation}",
            model=make_pipeline(StandardScaler(), MLPRegressor(activation=activation, **FEW)),
            on="diabetes_array",
        )
        for activation in ("identity", "logistic", "tanh", "relu")
    ),
    Case(name="MLPClassifier, two classes", model=MLPClassifier(**FEW), on="iris_bools"),
    Case(
        name="MLPClassifier, two classes by name, three layers",
        model=make_pipeline(
            StandardScaler(),
            MLPClassifier(
                hidden_layer_sizes=(6, 5, 4),
                activation="tanh",
                solver="lbfgs",
                max_iter=60,
                random_state=0,
            ),
        ),
        on="iris_binary",
    ),
    Case(name="MLPClassifier, several labels", model=MLPClassifier(**FEW), on="multilabel"),
    Case(
        name="MLPClassifier, several labels, lbfgs",
        model=MLPClassifier(
            hidden_layer_sizes=(6,),
            activation="logistic",
            solver="lbfgs",
            max_iter=60,
            random_state=0,
        ),
        on="multilabel",
    ),
    Case(
        name="MLPClassifier, mixed", model=make_pipeline(MIXED, MLPClassifier(**FEW)), on="penguins"
    ),
    Case(
        name="MLPRegressor, two targets",
        model=MLPRegressor(hidden_layer_sizes=(6, 4), solver="lbfgs", max_iter=60, random_state=0),
        on="multi_regression",
    ),
    Case(
        name="MLPRegressor, poisson",
        model=since(
            "1.7", lambda: make_pipeline(StandardScaler(), MLPRegressor(loss="poisson", **FEW))
        ),
        on="counts",
    ),
    Case(
        name="MLPRegressor, mixed",
        model=make_pipeline(MIXED, MLPRegressor(**FEW)),
        on="penguins_mass",
    ),
]
