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


def shirts() -> Data:
    """Columns of few values: whole, real, true or false, text with rare ones; two classes."""
    rng = np.random.default_rng(3)
    count = 160
    frame = pd.DataFrame(
        {
            "size": rng.choice([36, 38, 40, 42, 44], count, p=[0.4, 0.3, 0.2, 0.07, 0.03]),
            "weight": rng.choice([-1.5, 0.0, 0.25, 100.0], count),
            "striped": rng.random(count) < 0.3,
            "colour": rng.choice(
                ["red", "blue", "gr\u00fcn", "1:red", "teal"], count, p=[0.5, 0.3, 0.1, 0.06, 0.04]
            ),
            "maker": rng.choice(["red", "A", "B"], count),
        }
    )
    wanted = (frame["size"] > 38) ^ (frame["colour"] == "red") ^ (rng.random(count) < 0.2)
    return frame, np.where(wanted, "yes", "no")


def shirts_classes() -> Data:
    """The same with three classes, 0 to 2."""
    frame, y = shirts()
    return frame, (y == "yes").astype(int) + frame["striped"].to_numpy()


def shirts_price() -> Data:
    """The same, regression."""
    frame, y = shirts()
    return frame, frame["size"].to_numpy() / 3 + (y == "yes") * 2.0


def shirts_missing() -> Data:
    """Missing values in columns of numbers and of text, spelled NaN."""
    frame, y = shirts()
    return _gapped(frame.astype({"colour": object, "maker": object}), np.nan), y


def shirts_none() -> Data:
    """Text columns with None for missing."""
    frame, y = shirts_missing()
    text = frame[["colour", "maker"]].astype(object)
    return text.where(text.notna(), None), y


def _gapped(frame: pd.DataFrame, mark: Any) -> pd.DataFrame:
    frame = frame.astype({"size": float})
    rng = np.random.default_rng(4)
    for name in ("size", "weight", "colour"):
        frame.loc[rng.random(len(frame)) < 0.1, name] = mark
    return frame


def shirts_numbers() -> Data:
    """The columns of numbers alone, an array."""
    frame, y = shirts()
    return frame[["size", "weight"]].to_numpy(), y


def shirts_text() -> Data:
    """The columns of text alone, an array of objects."""
    frame, y = shirts()
    return frame[["colour", "maker"]].to_numpy(dtype=object), y


def iris_float32() -> Data:
    """Iris whose columns are float32."""
    X, y = iris()
    return X.astype(np.float32), y


def iris_marked() -> Data:
    """Iris with -1 for missing in three columns."""
    X, y = iris_missing()
    return X.fillna(-1.0), y


def iris_empty_column() -> Data:
    """Iris with missing values in three columns and, in the midst, a column of nothing else."""
    X, y = iris_missing()
    X.insert(1, "nothing", np.nan)
    return X, y


def shirts_price_text() -> Data:
    """Columns of text, regression."""
    frame, y = shirts_price()
    return frame[["colour", "maker"]], y


def shirts_maker() -> Data:
    """One column of text, regression."""
    frame, y = shirts_price()
    return frame[["maker"]], y


def iris_constant() -> Data:
    """Iris with a column that is the same in every row."""
    X, y = iris()
    X.insert(2, "same", 1.0)
    return X, y


def thirds() -> Data:
    """Rows at thirds of the range, the edges of three bins, and beside them."""
    edges = np.linspace(-1.0, 2.0, 7)
    values = np.concatenate([edges, np.nextafter(edges, 0), np.nextafter(edges, 5), [-1.0, 2.0]])
    return np.column_stack([values, values[::-1] / 3]), np.arange(len(values)) % 2


def shirts_kinds() -> Data:
    """Columns of the dtype category: of text, and of whole numbers."""
    frame, y = shirts()
    return frame.astype({"colour": "category", "size": "category"}), y


def indicators() -> Data:
    """Three labels that a row may have together, as rows of their own."""
    return multilabel()[1], None


def words() -> Data:
    """One sequence of words, as the encoders of labels take it."""
    return np.array(["no", "yes", "no", "perhaps", "yes", "no"] * 5, dtype=object), None


def answers() -> Data:
    """One sequence of two words."""
    return np.array(["no", "yes", "no"] * 5, dtype=object), None


def whole_numbers() -> Data:
    """One sequence of whole numbers, negative ones and 0 among them."""
    return np.array([5, -2, 0, 7, 5, -2] * 5), None


def real_numbers() -> Data:
    """One sequence of real numbers that are whole, as labels must be."""
    return np.array([1.0, 2.0, -3.0, 1.0] * 5), None


def truths() -> Data:
    """One sequence of True and False."""
    return np.array([True, False, False] * 5), None


def blobs() -> Data:
    """Points around four centres, an array of three columns."""
    X, y = datasets.make_blobs(150, 3, centers=4, random_state=0)
    return X, y


DATASETS: dict[str, Callable[[], Data]] = {
    made.__name__: made
    for made in (
        answers,
        blobs,
        counts,
        diabetes,
        diabetes_array,
        diabetes_missing,
        indicators,
        iris,
        iris_array,
        iris_binary,
        iris_bools,
        iris_constant,
        iris_empty_column,
        iris_float32,
        iris_floats,
        iris_integers,
        iris_marked,
        iris_missing,
        linnerud,
        multi_regression,
        multilabel,
        multioutput_classes,
        penguins,
        penguins_mass,
        penguins_text,
        positive,
        real_numbers,
        shirts,
        shirts_classes,
        shirts_kinds,
        shirts_maker,
        shirts_missing,
        shirts_none,
        shirts_numbers,
        shirts_price,
        shirts_price_text,
        shirts_text,
        thirds,
        truths,
        whole_numbers,
        words,
    )
}
