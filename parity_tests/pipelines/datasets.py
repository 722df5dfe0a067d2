"""The data that pipelines are fitted on, by name: rows and target, small, the same every time."""

from __future__ import annotations

import inspect
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


def iris_unlabelled_binary() -> Data:
    """Two integer classes, half of them -1; an array."""
    X, y = iris_array()
    return X, np.where(np.random.default_rng(4).random(len(y)) < 0.5, -1, (y == 1).astype(int))


def linnerud_array() -> Data:
    """Regression of three targets at once, arrays."""
    return datasets.load_linnerud(return_X_y=True)


def multilabel_constant() -> Data:
    """Four labels, of which the first is always there and the last never."""
    X, Y = multilabel()
    ones = np.ones((len(Y), 1), dtype=Y.dtype)
    return X, np.hstack([ones, Y[:, :2], 0 * ones])


def multioutput_text() -> Data:
    """Two targets of classes by name, on a frame."""
    X, y = iris()
    return X, np.column_stack([y, np.where(X.iloc[:, 0] > 5.8, "long", "short")])


def penguins_binary() -> Data:
    """Two classes by name from text and number columns, with missing values in both."""
    X, y = penguins()
    return X, np.where(y == "Gentoo", "Gentoo", "other")


def diabetes_column() -> Data:
    """Regression whose target is a matrix of one column."""
    X, y = diabetes()
    return X, y.to_numpy()[:, None]


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


def millimetres() -> Data:
    """Regression on integer columns: a length from the other three."""
    X, _ = iris_integers()
    return X.iloc[:, 1:], X.iloc[:, 0].to_numpy()


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


def amounts() -> Data:
    """Regression whose target is over 0, for Gamma and its kin."""
    X, y = counts()
    return X, y + 0.5


def positive() -> Data:
    """Rows of counts, none negative, and three classes: digits, some pixels."""
    X, y = datasets.load_digits(return_X_y=True)
    return X[:150, 18:30], y[:150] % 3


def rare() -> Data:
    """Counts that are 0 for all rows of some class, and three classes by name; an array."""
    rng = np.random.default_rng(4)
    y = rng.integers(0, 3, 90)
    rates = np.array([[3.0, 0.0, 1.0, 2.0], [1.0, 2.0, 0.0, 0.5], [0.0, 1.0, 4.0, 0.0]])
    return rng.poisson(rates[y]).astype(np.float64), np.array(["a", "b", "c"])[y]


def codes() -> Data:
    """Rows of category numbers, whole and none negative, and three classes by name."""
    X, y = iris()
    return (X.round() - X.round().min()).astype(np.int64), y


def curve() -> Data:
    """One number column and a noisy target that rises with it; an array."""
    rng = np.random.default_rng(3)
    x = rng.uniform(-3.0, 7.0, 80).round(1)
    return x[:, None], np.tanh(x - 2) * 5 + rng.normal(0, 1, 80)


def curve_frame() -> Data:
    """The same as a frame, with integers, that falls."""
    X, y = curve()
    return pd.DataFrame({"dose": (X[:, 0] * 10).astype(np.int64)}), -y


def curve_flat() -> Data:
    """The same as one sequence of values."""
    X, y = curve()
    return X[:, 0], y


def curve_float32() -> Data:
    """The same in single precision."""
    X, y = curve()
    return X.astype(np.float32), y


def iris_float32() -> Data:
    """Three integer classes, an array in single precision."""
    X, y = iris_array()
    return X.astype(np.float32), y


def multioutput_names() -> Data:
    """Two targets by name, with three and two classes."""
    X, Y = multioutput_classes()
    return X, np.column_stack(
        [np.array(["low", "mid", "high"])[Y[:, 0]], np.array(["no", "yes"])[Y[:, 1]]]
    )


def penguins() -> Data:
    """Species from text and number columns, with missing values in both."""
    frame = _penguins()
    return frame.drop(columns="species"), frame["species"].to_numpy()


def penguins_mass() -> Data:
    """Regression on text and number columns without missing values."""
    frame = _penguins().dropna().reset_index(drop=True)
    return frame.drop(columns="body_mass_g"), frame["body_mass_g"].to_numpy()


def penguins_complete() -> Data:
    """Species from text and number columns without missing values."""
    frame = _penguins().dropna().reset_index(drop=True)
    return frame.drop(columns="species"), frame["species"].to_numpy()


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


def iris_frame_float32() -> Data:
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


def penguins_categories() -> Data:
    """Species from numbers and pandas categories, with missing values in both."""
    X, y = penguins()
    return X.astype({"island": "category", "sex": "category"}), y


def penguins_mass_categories() -> Data:
    """Body mass from numbers and pandas categories, with missing values in both."""
    frame = _penguins().dropna(subset="body_mass_g").reset_index(drop=True)
    kinds = {"species": "category", "island": "category", "sex": "category"}
    return frame.drop(columns="body_mass_g").astype(kinds), frame["body_mass_g"].to_numpy()


def code_columns() -> Data:
    """Regression on an array: one column of many category codes, one of few, two of numbers."""
    rng = np.random.default_rng(4)
    many, few = rng.integers(0, 90, 400) * 3.0 - 20.0, rng.choice([0.5, 2.0, 7.0, np.nan], 400)
    X = np.column_stack([many, rng.normal(size=400), few, rng.normal(size=400)])
    effect = np.sin(many) * 5 + np.where(np.isnan(few), 3.0, few) + X[:, 1]
    return X, np.exp(effect / 5)


def codes_classes() -> Data:
    """The rows of `code_columns`, three classes."""
    X, y = code_columns()
    return X, np.digitize(y, [0.8, 1.6])


def digits() -> Data:
    """Ten classes, the middle pixels of digits."""
    X, y = datasets.load_digits(return_X_y=True)
    return X[:200, 18:38], y[:200]


def gram() -> Data:
    """The inner products of 40 rows with each other, for methods that take a kernel; binary."""
    X, y = _iris(40)
    rows = X.to_numpy()
    return rows @ rows.T, (y == 1).to_numpy().astype(int)


def penguins_sex() -> Data:
    """Two classes by name from text and number columns without missing values."""
    frame = _penguins().dropna().reset_index(drop=True)
    return frame.drop(columns="sex"), frame["sex"].to_numpy()


def partly_labelled() -> Data:
    """Iris, an array, where two of three rows have no label: -1."""
    X, y = iris_array()
    return X, np.where(np.arange(len(y)) % 3 == 0, y, -1)


TEXTS = (
    "The quick brown fox jumps over the lazy dog",
    "A lazy dog, a quick cat and I: they don't mind!",
    "Die Größe des Flusses überraschte Jürgen, STRASSE und Straße",
    "Le café est déjà fermé; l'été, on va à la plage.",
    "Le CAFÉ de la gare, où l’on boit un café crème",
    "ΟΔΥΣΣΕΥΣ ΚΑΙ ΣΙΣΥΦΟΣ, Σ Σ. Σίσυφος ὁ σοφός",
    "İstanbul'da IŞIK ve ışık, İzmir i̇zmir",
    "日本語の文章 と 漢字 漢字 中文文本",
    "🐧 penguins 🐧🐧 love fish 🐟 and 1234 ice-creams",
    "x y z a b c d e f",
    "room 101,  room 202\n\nroom\t303",
    "ﬁne ﬂow ½ cup №5 ｆｕｌｌ ＷＩＤＴＨ",
    "naïve naive NAÏVE coöperate cooperate",
    "the the the the cat cat dog",
    "under_score __init__ snake_case 3rd 2nd",
    "",
    "   ",
    "quick quick brown dog dog dog fox",
    "the cat sat on the mat and the dog sat on the cat",
    "Σ ΑΣ ΑΣΑ Α'Σ ΑΣ' 'Σ ὈΔΥΣΣΕΎΣ",
)


def texts() -> Data:
    """Sentences in several languages and scripts, one sequence; two classes."""
    documents = np.array([*TEXTS, *(text.upper() for text in TEXTS[:8])], dtype=object)
    return documents, np.array(["odd", "even"])[np.arange(len(documents)) % 2]


def texts_and_numbers() -> Data:
    """A frame of a text column and two number columns; two classes."""
    documents, y = texts()
    numbers = np.random.default_rng(3).normal(size=(len(documents), 2)).round(3)
    frame = pd.DataFrame({"text": documents, "length": numbers[:, 0], "age": numbers[:, 1]})
    return frame, y


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


def shirts_kinds() -> Data:
    """Columns of the dtype category: of text, and of whole numbers."""
    frame, y = shirts()
    return frame.astype({"colour": "category", "size": "category"}), y


def indicators() -> Data:
    """Three labels that a row may have together, as rows of their own."""
    return multilabel()[1], None


def ties() -> Data:
    """Columns of three values, and of one; two classes."""
    rng = np.random.default_rng(0)
    columns = [np.repeat([0.0, 1.0, 2.0], 40), rng.integers(0, 3, 120), np.ones(120)]
    return np.column_stack(columns), rng.integers(0, 2, 120)


def skewed() -> Data:
    """Columns over many magnitudes, one of them negative; two classes."""
    rng = np.random.default_rng(0)
    return np.exp(rng.normal(size=(120, 3)) * 3) * [1, -1, 1], rng.integers(0, 2, 120)


def large_grid() -> Data:
    """A grid of 324 whole points, more than one chunk of scikit-learn's reductions; floats."""
    X = np.array([(i, j) for i in range(18) for j in range(18)], dtype=np.float64)
    return X, np.arange(len(X)) * 7 % 5


DATASETS: dict[str, Callable[[], Data]] = {
    name: made
    for name, made in list(globals().items())
    if inspect.isfunction(made) and made.__module__ == __name__ and not name.startswith("_")
}
"""Every public function of this module."""
