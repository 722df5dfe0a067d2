"""The data that pipelines are fitted on, by name: rows and target, small, the same every time."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import palmerpenguins
import pandas as pd
from sklearn import datasets

Data = tuple[Any, Any]


@cache
def _penguins() -> pd.DataFrame:
    frame = palmerpenguins.load_penguins().sample(180, random_state=0).reset_index(drop=True)
    return frame.drop(columns="year")


def _iris(count: int = 150) -> tuple[pd.DataFrame, pd.Series]:
    X, y = datasets.load_iris(return_X_y=True, as_frame=True)
    chosen = np.random.default_rng(0).permutation(150)[:count]
    return X.iloc[chosen].reset_index(drop=True), y.iloc[chosen].reset_index(drop=True)


def iris() -> Data:
    """Three classes by name, a frame of four number columns."""
    X, y = _iris()
    return X, np.array(["setosa", "versicolor", "virginica"])[y]


def iris_array() -> Data:
    """Three integer classes, an array."""
    X, y = _iris()
    return X.to_numpy(), y.to_numpy()


def iris_floats() -> Data:
    """Three classes that are floats."""
    X, y = _iris()
    return X, y.to_numpy() + 1.0


def iris_binary() -> Data:
    """Two classes by name, hard to tell apart."""
    X, y = _iris()
    return X, np.where(y == 1, "yes", "no")


def iris_bools() -> Data:
    """Two classes, False and True; an array."""
    X, y = _iris()
    return X.to_numpy(), y.to_numpy() == 1


def iris_missing() -> Data:
    """Iris by name, with missing values in three columns."""
    X, y = iris()
    X = X.copy()
    rng = np.random.default_rng(1)
    for name in X.columns[:3]:
        X.loc[rng.random(len(X)) < 0.1, name] = np.nan
    return X, y


def iris_integers() -> Data:
    """Iris in whole millimetres, integer columns."""
    X, y = iris()
    return (X * 10).round().astype(np.int64), y


def multilabel() -> Data:
    """Three labels that a row may have together, an indicator matrix."""
    X, Y = datasets.make_multilabel_classification(
        n_samples=120, n_features=5, n_classes=3, n_labels=2, random_state=0
    )
    return X, Y


def multioutput_classes() -> Data:
    """Two targets with three and two integer classes."""
    X, y = _iris()
    return X, np.column_stack([y.to_numpy(), (X.iloc[:, 0] > 5.8).to_numpy().astype(int)])


def diabetes() -> Data:
    """Regression on a frame of ten columns."""
    X, y = datasets.load_diabetes(return_X_y=True, as_frame=True)
    return X.iloc[:200], y.iloc[:200]


def diabetes_array() -> Data:
    """Regression on an array of five columns, not scaled."""
    X, y = datasets.load_diabetes(return_X_y=True, scaled=False)
    return X[:200, :5], y[:200]


def diabetes_missing() -> Data:
    """Regression with missing values."""
    X, y = diabetes()
    X = X.copy()
    rng = np.random.default_rng(2)
    for name in X.columns[:4]:
        X.loc[rng.random(len(X)) < 0.1, name] = np.nan
    return X, y


def linnerud() -> Data:
    """Regression of three targets at once."""
    return datasets.load_linnerud(return_X_y=True, as_frame=True)


def multi_regression() -> Data:
    """Regression of two targets on an array of six columns."""
    X, Y = datasets.make_regression(120, 6, n_targets=2, noise=3.0, random_state=0)
    return X, Y


def counts() -> Data:
    """Regression whose target is a count, for Poisson and its kin."""
    X, y = diabetes()
    return X, np.floor(y.to_numpy() / 20)


def positive() -> Data:
    """Rows of counts, none negative, and three classes: digits, some pixels."""
    X, y = datasets.load_digits(return_X_y=True)
    return X[:150, 18:30], y[:150] % 3


def penguins() -> Data:
    """Species from text and number columns, with missing values in both."""
    frame = _penguins()
    return frame.drop(columns="species"), frame["species"].to_numpy()


def penguins_mass() -> Data:
    """Regression on text and number columns without missing values."""
    frame = _penguins().dropna().reset_index(drop=True)
    return frame.drop(columns="body_mass_g"), frame["body_mass_g"].to_numpy()


def penguins_text() -> Data:
    """Text columns alone, with missing values."""
    frame = _penguins()
    return frame[["island", "sex"]], frame["species"].to_numpy()


def blobs() -> Data:
    """Points around four centres, an array of three columns."""
    X, y = datasets.make_blobs(150, 3, centers=4, random_state=0)
    return X, y


def iris_one_class() -> Data:
    """One class only."""
    X, y = iris()
    return X, np.full(len(y), "only")


def iris_two_targets() -> Data:
    """Two text targets, of three and two classes; missing values."""
    X, y = iris_missing()
    wide = np.where(X.iloc[:, 3] > 1.0, "wide", "narrow")
    return X, np.column_stack([y, wide]).astype(object).astype(str)


def two_regressions_missing() -> Data:
    """Two number targets, an array with missing values."""
    X, Y = multi_regression()
    X = X.copy()
    X[np.random.default_rng(3).random(X.shape) < 0.1] = np.nan
    return X, Y


def penguins_categories() -> Data:
    """Species from numbers and pandas categories, with missing values in both."""
    X, y = penguins()
    return X.astype({"island": "category", "sex": "category"}), y


def penguins_mass_categories() -> Data:
    """Body mass from numbers and pandas categories, with missing values in both."""
    frame = _penguins().dropna(subset="body_mass_g").reset_index(drop=True)
    kinds = {"species": "category", "island": "category", "sex": "category"}
    return frame.drop(columns="body_mass_g").astype(kinds), frame["body_mass_g"].to_numpy()


def codes() -> Data:
    """Regression on an array: one column of many category codes, one of few, two of numbers."""
    rng = np.random.default_rng(4)
    many, few = rng.integers(0, 90, 400) * 3.0 - 20.0, rng.choice([0.5, 2.0, 7.0, np.nan], 400)
    X = np.column_stack([many, rng.normal(size=400), few, rng.normal(size=400)])
    effect = np.sin(many) * 5 + np.where(np.isnan(few), 3.0, few) + X[:, 1]
    return X, np.exp(effect / 5)


def codes_classes() -> Data:
    """The rows of `codes`, three classes."""
    X, y = codes()
    return X, np.digitize(y, [0.8, 1.6])


def kinds_of_numbers() -> Data:
    """Regression on a bool, an integer and two float columns, one of them a pandas category."""
    rng = np.random.default_rng(5)
    X = pd.DataFrame(
        {
            "flag": rng.integers(0, 2, 200).astype(bool),
            "count": rng.integers(0, 20, 200),
            "size": rng.normal(size=200),
            "grade": pd.Categorical(rng.choice([0.5, 1.5, 7.0, -2.0], 200)),
        }
    )
    grade = X["grade"].to_numpy(dtype=np.float64)
    return X, (X["count"] + 3 * X["size"] + 5 * X["flag"] + grade**2).to_numpy()


def many_categories() -> Data:
    """Regression on a pandas category of some 120 texts, one of three, and a number."""
    rng = np.random.default_rng(6)
    chosen = rng.integers(0, 120, 400)
    X = pd.DataFrame(
        {
            "town": pd.Categorical([f"\u00e9{code:03d}" for code in chosen]),
            "size": rng.normal(size=400),
            "kind": pd.Categorical(rng.choice(["a", "b", "\u00e9001"], 400)),
        }
    )
    return X, 3 * np.sin(chosen) + X["size"].to_numpy()


DATASETS: dict[str, Callable[[], Data]] = {
    made.__name__: made
    for made in (
        blobs,
        codes,
        codes_classes,
        counts,
        diabetes,
        diabetes_array,
        diabetes_missing,
        iris,
        iris_array,
        iris_binary,
        iris_bools,
        iris_floats,
        iris_integers,
        iris_missing,
        iris_one_class,
        iris_two_targets,
        kinds_of_numbers,
        linnerud,
        many_categories,
        multi_regression,
        multilabel,
        multioutput_classes,
        penguins,
        penguins_categories,
        penguins_mass,
        penguins_mass_categories,
        penguins_text,
        positive,
        two_regressions_missing,
    )
}
