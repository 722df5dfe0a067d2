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


def partly_labelled() -> Data:
    """Iris, an array, where two of three rows have no label: -1."""
    X, y = iris_array()
    return X, np.where(np.arange(len(y)) % 3 == 0, y, -1)


def flags() -> Data:
    """Twelve columns of zeros and ones, three classes: digits, dark or not."""
    X, y = datasets.load_digits(return_X_y=True)
    return (X[:120, 18:30] > 8).astype(np.float64), y[:120] % 3


def places() -> Data:
    """Latitudes and longitudes in radians, and the hemisphere."""
    rng = np.random.default_rng(4)
    X = np.column_stack([rng.uniform(-1.5, 1.5, 120), rng.uniform(-3.1, 3.1, 120)])
    return X, np.where(X[:, 0] > 0, "north", "south")


def grid() -> Data:
    """A grid of whole numbers, each point twice, so that neighbours tie; an array of floats."""
    points = np.array([(i, j) for i in range(9) for j in range(9)], dtype=np.float64)
    X = np.vstack([points, points])
    return X, np.arange(len(X)) * 7 % 5


def wide() -> Data:
    """Twenty columns, two classes; an array."""
    X, y = datasets.make_classification(150, 20, n_informative=5, random_state=0)
    return X, y


def wide_targets() -> Data:
    """Regression on twenty columns, more rows than a batch of scikit-learn's reductions."""
    X, y = datasets.make_regression(300, 20, noise=3.0, random_state=0)
    return X, y


def empty_column() -> Data:
    """Iris by name with missing values, and a column where all are missing."""
    X, y = iris_missing()
    X.insert(1, "nothing", np.nan)
    return X, y


def blobs_near() -> Data:
    """Points around one centre, an array of three columns."""
    X, y = datasets.make_blobs(80, 3, centers=1, random_state=0)
    return X, y


def large_grid() -> Data:
    """A grid of 324 whole points, more than one chunk of scikit-learn's reductions; floats."""
    X = np.array([(i, j) for i in range(18) for j in range(18)], dtype=np.float64)
    return X, np.arange(len(X)) * 7 % 5


DATASETS: dict[str, Callable[[], Data]] = {
    made.__name__: made
    for made in (
        blobs,
        blobs_near,
        counts,
        diabetes,
        diabetes_array,
        diabetes_missing,
        empty_column,
        flags,
        grid,
        iris,
        iris_array,
        iris_binary,
        iris_bools,
        iris_floats,
        iris_integers,
        iris_missing,
        large_grid,
        linnerud,
        multi_regression,
        multilabel,
        multioutput_classes,
        partly_labelled,
        penguins,
        penguins_mass,
        penguins_text,
        places,
        positive,
        wide,
        wide_targets,
    )
}
