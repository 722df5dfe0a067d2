"""Real models through the real converter, evaluated by the real JPMML."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bundle.rows import to_arrays
from bundle.signature import Block, Column, Output, Signature
from converters.sklearn_to_pmml import sklearn_to_pmml
from parity.jpmml import pmml_backend

for extra in ("jpype", "sklearn2pmml", "jpmml_evaluator"):
    pytest.importorskip(extra)


def described(model: Any, frame: pd.DataFrame) -> Signature:
    """The signature of a model fitted on `frame`."""
    columns = tuple(
        Column(name=str(name), kind=_kind(frame[name]), dtype=str(frame[name].dtype), nullable=True)
        for name in frame.columns
    )
    numbers = tuple(column.name for column in columns if column.kind == "number")
    text = tuple(column.name for column in columns if column.kind == "text")
    inputs = [Block(name="numbers", datatype="FP64", columns=numbers)] if numbers else []
    inputs += [Block(name="text", datatype="BYTES", columns=text)] if text else []
    return Signature(columns=columns, inputs=tuple(inputs), outputs=_outputs(model))


def _kind(column: pd.Series[Any]) -> Any:
    return "number" if pd.api.types.is_numeric_dtype(column) else "text"


def _outputs(model: Any) -> tuple[Output, ...]:
    if not hasattr(model, "classes_"):
        return (Output(name="prediction", datatype="FP64"),)
    classes = tuple(model.classes_.tolist())
    kinds = {bool: "BOOL", int: "INT64", str: "BYTES"}
    return (
        Output(name="label", datatype=kinds[type(classes[0])], names=classes),  # type: ignore[arg-type]
        Output(name="probabilities", datatype="FP64", width=len(classes), names=classes),
    )


def assert_same(model: Any, fitted_on: pd.DataFrame, rows: pd.DataFrame) -> None:
    """JPMML answers `rows` as the model does: labels equal, numbers to 1e-12 relative."""
    signature = described(model, fitted_on)
    answers = pmml_backend(sklearn_to_pmml(model, signature), signature)(to_arrays(signature, rows))
    if "prediction" in answers:
        np.testing.assert_allclose(answers["prediction"], model.predict(rows), rtol=1e-12, atol=0)
        return
    assert answers["label"].tolist() == model.predict(rows).tolist()
    expected = model.predict_proba(rows)
    np.testing.assert_allclose(answers["probabilities"], expected, rtol=1e-12, atol=1e-300)


def prepared(numbers: list[str], text: list[str]) -> ColumnTransformer:
    """Impute both kinds, scale numbers, one-hot text."""
    return ColumnTransformer(
        [
            ("numbers", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numbers),
            (
                "text",
                make_pipeline(
                    SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
                ),
                text,
            ),
        ]
    )


def strange(frame: pd.DataFrame, text: list[str], numbers: list[str]) -> pd.DataFrame:
    """The rows, then copies with missing values, unknown categories and far numbers."""
    missing = frame.head(20).copy()
    for place, name in enumerate(text + numbers):
        missing[name] = missing[name].astype(object if name in text else np.float64)
        missing.loc[missing.index[place :: len(text + numbers)], name] = np.nan
    unknown, far = frame.head(10).copy(), frame.head(10).copy()
    for name in text:
        unknown[name] = "never seen"
    for name in numbers:
        far[name] = far[name].astype(np.float64) * 1e6 - 5.0
    return pd.concat([frame, missing, unknown, far], ignore_index=True)


def penguins() -> tuple[pd.DataFrame, pd.Series[str], list[str], list[str]]:
    """The penguins whose species is known, and their columns by kind."""
    from palmerpenguins import load_penguins  # noqa: PLC0415 - belongs to the examples

    frame = load_penguins().dropna(subset=["species"])
    numbers = ["bill_length_mm", "bill_depth_mm", "flipper_length_mm", "body_mass_g", "year"]
    text = ["island", "sex"]
    order = [*numbers[:4], *text, "year"]
    return frame[order], frame["species"], numbers, text


def test_forest_behind_imputers_scaler_and_one_hot() -> None:
    """Text labels; missing in both kinds; unknown categories; numbers far out of range."""
    frame, species, numbers, text = penguins()
    model = Pipeline(
        [("prepare", prepared(numbers, text)), ("forest", RandomForestClassifier(random_state=0))]
    ).fit(frame, species)
    assert_same(model, frame, strange(frame, text, numbers))


def test_logistic_regression_on_a_scaled_frame() -> None:
    """Column names with spaces; integer labels."""
    frame, target = load_breast_cancer(return_X_y=True, as_frame=True)
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(frame, target)
    assert_same(model, frame, frame)


def test_gradient_boosting_regressor() -> None:
    """A number out; splits compared in float32."""
    frame, target = load_diabetes(return_X_y=True, as_frame=True)
    model = GradientBoostingRegressor(random_state=0).fit(frame, target)
    assert_same(model, frame, frame)


def test_integer_columns_and_labels() -> None:
    """Ten 0/1 columns."""
    random = np.random.default_rng(0)
    frame = pd.DataFrame(random.integers(0, 2, (200, 10)), columns=[f"G{i}" for i in range(1, 11)])
    target = (frame["G1"] + frame["G2"] > frame["G3"] + frame["G4"]).astype(int)
    model = LogisticRegression().fit(frame, target)
    assert_same(model, frame, frame)


def customers(rows: int = 400) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    """Rows like those of a telephone company: text, numbers, missing in both; Yes/No."""
    random = np.random.default_rng(1)
    frame = pd.DataFrame(
        {
            "Contract": random.choice(["Month-to-month", "One year", "Two year"], rows),
            "Payment Method": random.choice(["Cash & carry", "Bank <auto>", 'The "app"'], rows),
            "SeniorCitizen": random.integers(0, 2, rows),
            "tenure": random.integers(0, 72, rows),
            "TotalCharges": np.where(random.random(rows) < 0.1, np.nan, random.gamma(2, 900, rows)),
        }
    )
    frame.loc[frame.index[::17], "Payment Method"] = np.nan
    churned = (frame["tenure"] < 20) & (frame["Contract"] == "Month-to-month")
    return frame, np.where(churned, "Yes", "No")


@pytest.mark.parametrize(
    "last",
    [
        LogisticRegression(),
        HistGradientBoostingClassifier(random_state=0),
        RandomForestClassifier(random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_customers(last: Any) -> None:
    """Class labels "Yes" and "No"; category names that XML must escape."""
    frame, churned = customers()
    numbers, text = ["SeniorCitizen", "tenure", "TotalCharges"], ["Contract", "Payment Method"]
    model = make_pipeline(prepared(numbers, text), last)
    if isinstance(last, HistGradientBoostingClassifier):
        model.steps[0][1].sparse_threshold = 0
    model.fit(frame, churned)
    assert_same(model, frame, strange(frame, text, numbers))
