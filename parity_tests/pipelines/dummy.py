"""Estimators that do not look at the row."""

from __future__ import annotations

from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from parity_tests.pipelines.case import Case

CASES = [
    Case(name="DummyClassifier", model=DummyClassifier(), on="iris"),
    Case(
        name="DummyClassifier, most frequent, text",
        model=DummyClassifier(strategy="most_frequent"),
        on="penguins",
    ),
    Case(
        name="DummyClassifier, constant",
        model=DummyClassifier(strategy="constant", constant="virginica"),
        on="iris",
    ),
    Case(
        name="DummyClassifier, constant bool",
        model=make_pipeline(StandardScaler(), DummyClassifier(strategy="constant", constant=True)),
        on="iris_bools",
    ),
    Case(name="DummyClassifier, two targets", model=DummyClassifier(), on="multioutput_classes"),
    Case(
        name="DummyClassifier, two targets by name",
        model=DummyClassifier(strategy="most_frequent"),
        on="multioutput_names",
    ),
    Case(
        name="DummyClassifier, constants",
        model=DummyClassifier(strategy="constant", constant=["mid", "yes"]),
        on="multioutput_names",
    ),
    Case(name="DummyClassifier, several labels", model=DummyClassifier(), on="multilabel"),
    Case(name="DummyRegressor", model=DummyRegressor(), on="diabetes"),
    Case(
        name="DummyRegressor, median, text",
        model=DummyRegressor(strategy="median"),
        on="penguins_mass",
    ),
    Case(
        name="DummyRegressor, quantile, two targets",
        model=DummyRegressor(strategy="quantile", quantile=0.9),
        on="multi_regression",
    ),
    Case(
        name="DummyRegressor, constant",
        model=DummyRegressor(strategy="constant", constant=[1, 2, 3]),
        on="linnerud",
    ),
]
