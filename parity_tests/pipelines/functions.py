"""FunctionTransformer: NumPy, array-API and pandas code, alone and inside pipelines."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import special
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, StandardScaler

from parity_tests.pipelines.case import Case

NUMBERS = make_column_selector(dtype_include="number")
PETAL, SEPAL = "petal length (cm)", "sepal length (cm)"
WIDTH = "petal width (cm)"
WEIGHTS = np.array([[0.5, -1.0], [2.0, 0.25], [-0.75, 1.0], [1.0, 3.0]])


def unit(X: Any) -> Any:
    """Numbers between -1 and 1."""
    return np.clip(X / 9, -0.99, 0.99)


def roots(X: Any) -> Any:
    """Roots of the magnitudes."""
    return np.sqrt(np.abs(X))


def statistics(X: Any) -> Any:
    """Reductions along the columns, side by side."""
    return np.column_stack(
        [X.sum(axis=1), X.mean(axis=1), X.std(axis=1), np.var(X, axis=1, ddof=1), np.ptp(X, axis=1)]
    )


def extremes(X: Any) -> Any:
    """The largest and the least, and where."""
    X = np.asarray(X)
    parts = [X.max(axis=1), np.min(X, axis=-1), np.argmax(X, axis=1), X.argmin(1)]
    return np.stack(parts, axis=1)


def of_numbers(X: Any) -> Any:
    """Reductions that skip what is missing."""
    parts = [np.nansum, np.nanmean, np.nanstd, np.nanmax, np.nanmin]
    return np.column_stack([part(X, axis=1) for part in parts])


def ratios(X: Any) -> Any:
    """Columns by their places, a slice and a list."""
    return np.hstack(
        [X[:, 0:1] / (1 + np.abs(X[:, 1:2])), X[:, [0, 2]] * X[:, 1:3], X[:, -1].reshape(-1, 1)]
    )


def written(X: Any) -> Any:
    """Writing into a copy: columns, and where a condition holds."""
    X = X.copy()
    X[:, 0] = np.log1p(np.abs(X[:, 0]))
    X[X > 5] = 5
    X[X[:, 1] < 3, 1] = 0
    X *= 2
    return X


def standard(x: Any) -> Any:
    """Array-API code, which knows no NumPy."""
    xp = x.__array_namespace__()
    size = xp.sqrt(1 + xp.sum(x * x, axis=1, keepdims=True))
    return xp.concat([x / size, xp.atan2(x[:, :1], x[:, 1:2]), xp.pow(x, 3.0)], axis=1)


def binned(X: Any, edges: Any, *, right: bool = False) -> Any:
    """Bins whose edges are keyword arguments."""
    return np.digitize(X, edges, right=right)


def flags(X: Any) -> Any:
    """Comparisons and logic, as numbers."""
    wide = (X[:, 0] > 5.8) & ~(X[:, 1] >= 3)
    either = np.logical_or(X[:, 2] < 2, X[:, 3] == 1.8)
    return np.column_stack([wide, either, wide != either, (X > 2).any(1), (X > 0.3).all(axis=1)])


def tidy(X: Any) -> Any:
    """Missing and infinite values replaced."""
    return np.nan_to_num(np.where(np.isnan(X), -1.0, 1 / X), posinf=9.0, neginf=-9.0)


def shares(frame: Any) -> Any:
    """Columns of a frame by name."""
    made = frame.assign(
        ratio=frame[PETAL] / (1 + frame[SEPAL].abs()), area=lambda f: f[PETAL] * f[WIDTH]
    )
    made["large"] = made["area"] > 3
    return made.drop(columns=[WIDTH])


def as_array(X: Any) -> Any:
    """Code that takes frames and arrays alike."""
    X = X.to_numpy() if isinstance(X, pd.DataFrame) else np.asarray(X, dtype=float)
    return roots(X)


def totals(frame: Any) -> Any:
    """Reductions of a frame, which skip what is missing."""
    return pd.concat([frame.sum(axis=1), frame.mean(axis=1), frame.std(axis=1)], axis=1)


def home(frame: Any) -> Any:
    """Text compared, looked up and mapped, beside a number."""
    return np.column_stack(
        [
            frame["island"] == "Biscoe",
            frame["island"].isin(["Dream", "Torgersen"]),
            frame["sex"].map({"male": 1.0, "female": 2.0}).fillna(0.0),
            np.where(frame["sex"].isna(), 0, 1),
        ]
    )


def named(X: Any) -> Any:
    """Text arrays: where and isin."""
    return np.where(np.isin(X, ["male", "Dream"]), X, "other")


def _alone(name: str, function: Callable[..., Any], on: str = "iris_array", **options: Any) -> Case:
    return Case(name=f"function, {name}", model=FunctionTransformer(function, **options), on=on)


def _then(name: str, function: Callable[..., Any], on: str = "iris", **options: Any) -> Case:
    """In a pipeline: scaled, then a model."""
    steps = (FunctionTransformer(function, **options), StandardScaler(), LogisticRegression())
    return Case(name=f"function, {name}, then a model", model=make_pipeline(*steps), on=on)


def _on_columns(name: str, function: Callable[..., Any], columns: Any, **options: Any) -> Case:
    """In a column transformer, the other columns scaled; then a model."""
    before = ColumnTransformer(
        [("f", FunctionTransformer(function, **options), columns)], remainder=StandardScaler()
    )
    return Case(
        name=f"function, {name}, of columns",
        model=make_pipeline(before, LogisticRegression()),
        on="iris",
    )


CASES = [
    _alone("none", None),  # type: ignore[arg-type]
    *(
        _alone(f"np.{each.__name__}", each)
        for each in (
            np.log,
            np.log1p,
            np.exp,
            np.expm1,
            np.sqrt,
            np.abs,
            np.sin,
            np.cos,
            np.tan,
            np.tanh,
            np.sign,
            np.floor,
            np.ceil,
            np.trunc,
            np.rint,
            np.square,
            np.cbrt,
            np.arcsinh,
            np.arctan,
            np.sinh,
            np.cosh,
            np.arccosh,
            np.log2,
            np.log10,
            np.exp2,
            np.isfinite,
            np.reciprocal,
        )
    ),
    _alone("np.arcsin and others", lambda X: np.hstack([np.arcsin(unit(X)), np.arccos(unit(X))])),
    _alone("np.arctanh", lambda X: np.arctanh(unit(X))),
    _alone("np.arctan2 and hypot", lambda X: np.stack([np.arctan2(X, 2), np.hypot(X, 1)], 2)[:, 0]),
    _alone("special", lambda X: np.hstack([special.expit(X), special.xlogy(X, X)])),
    _alone("special.logit", lambda X: special.logit(np.abs(unit(X)))),
    _alone("statistics", statistics),
    _alone("extremes", extremes, on="iris_missing", validate=False),
    _alone("numbers only", of_numbers, on="iris_missing"),
    _alone("ratios", ratios),
    _alone("written", written),
    _alone("array API", standard),
    _alone("keywords", binned, kw_args={"edges": [1.0, 2.5, 4.0], "right": True}),
    _alone("flags", flags),
    _alone("tidy", tidy, on="iris_missing", validate=False),
    _alone("frame", shares, on="iris"),
    _alone("frame as array", as_array, on="iris"),
    _alone("validated frame", as_array, on="iris", validate=True),
    _alone("frame, ufunc", np.log1p, on="iris"),
    _alone("frame, totals", totals, on="diabetes_missing"),
    _alone("text", home, on="penguins_text"),
    _alone("division", lambda X: np.hstack([X // 0.3, X % 0.7, np.fmod(X, -0.7), X**-1.5])),
    _alone("powers", lambda X: np.hstack([X**2, X**3, X**0.5, np.power(X, X[:, :1])])),
    _alone("matrix", lambda X: X @ WEIGHTS + np.array([1.0, 2.0])),
    _alone("norm", lambda X: X / np.linalg.norm(X, axis=1, keepdims=True)),
    _alone("running", lambda X: np.hstack([np.cumsum(X, axis=1), np.diff(X, axis=1)])),
    _alone("rounded", lambda X: np.hstack([np.round(X, 1), (X * 3).astype(int)])),
    _alone("interpolated", lambda X: np.interp(X, [0, 1, 2, 5], [3, 1, 4, 1])),
    _alone("select", lambda X: np.select([X > 4, X > 2], [X, X * 2], default=-1)),
    _alone("clip and bounds", lambda X: np.fmax(np.minimum(np.clip(X, 1, 4), X[:, [0]]), 2)),
    _alone("transposed", lambda X: np.vstack([row * 2 for row in X.T]).T),
    _alone("one column", lambda X: X[:, 0] - X[:, 1]),
    _then("ratios", ratios, on="iris_array"),
    _then("statistics", statistics, on="iris_array"),
    _then("shares", shares),
    _then("as array", as_array),
    _then("array API", standard, on="iris_array"),
    _then("flags", flags, on="iris_array"),
    _then("written", written, on="iris_array"),
    _then("whole numbers", lambda X: np.sqrt(np.maximum(X, 0)), on="iris_integers"),
    _on_columns("np.expm1", np.expm1, [WIDTH]),
    _on_columns("np.tanh", np.tanh, [SEPAL, PETAL]),
    _on_columns("one by name", lambda x: np.stack([x, x * x], axis=1), PETAL),
    _on_columns("frame", lambda f: f[[WIDTH, PETAL]].clip(lower=0.5, upper=4), [PETAL, WIDTH]),
    _on_columns("product", lambda f: (f[PETAL] * f[WIDTH]).to_frame("both"), [PETAL, WIDTH]),
    _on_columns("validated", np.cbrt, [SEPAL, PETAL], validate=True),
    Case(
        name="function, before and after a scaler, beside text",
        model=make_pipeline(
            ColumnTransformer(
                [
                    (
                        "numbers",
                        make_pipeline(
                            SimpleImputer(),
                            FunctionTransformer(np.arcsinh),
                            StandardScaler(),
                            FunctionTransformer(np.tanh),
                        ),
                        NUMBERS,
                    ),
                    ("home", FunctionTransformer(home), ["island", "sex"]),
                    ("text", OneHotEncoder(handle_unknown="ignore"), ["island"]),
                ]
            ),
            LogisticRegression(),
        ),
        on="penguins",
    ),
    Case(
        name="function, text replaced, then encoded",
        model=make_pipeline(
            FunctionTransformer(named),
            OneHotEncoder(handle_unknown="ignore"),
            LogisticRegression(),
        ),
        on="penguins_text",
    ),
    Case(
        name="function, union with a forest",
        model=make_pipeline(
            FeatureUnion(
                [
                    ("root", FunctionTransformer(roots)),
                    ("flags", FunctionTransformer(flags)),
                ]
            ),
            RandomForestClassifier(10, random_state=0),
        ),
        on="iris_array",
    ),
]
