"""Real models through the real converter, evaluated by the real JPMML."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sklearn.base
from sklearn.compose import ColumnTransformer
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import (
    GradientBoostingRegressor,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
    RandomForestRegressor,
)
from sklearn.impute import KNNImputer, SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

from bundle.errors import ConversionError
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


def noise(rows: int = 300) -> pd.DataFrame:
    """Three columns of float64 that float32 cannot hold."""
    return pd.DataFrame(np.random.default_rng(2).normal(size=(rows, 3)), columns=list("abc"))


def beside_thresholds(model: Any, frame: pd.DataFrame) -> pd.DataFrame:
    """A row at every split threshold, at its float32, midway to the next, and one ULP around."""
    rows = []
    for tree in (each.tree_ for each in np.ravel(model.estimators_)):
        for feature, threshold in zip(tree.feature, tree.threshold, strict=True):
            for value in near(threshold) if feature >= 0 else ():
                row = frame.iloc[len(rows) % len(frame)].copy()
                row.iloc[feature] = value
                rows.append(row)
    return pd.DataFrame(rows).reset_index(drop=True)


def near(threshold: float) -> set[float]:
    """What float32 and float64 comparisons could tell apart around a threshold."""
    single = np.float32(threshold)
    steps = [np.nextafter(single, np.float32(way)) for way in (-np.inf, np.inf)]
    centres = [float(single), float(threshold), *((float(single) + float(s)) / 2 for s in steps)]
    return {float(np.nextafter(c, way)) for c in centres for way in (-np.inf, c, np.inf)}


@pytest.mark.parametrize(
    "model",
    [
        RandomForestClassifier(10, random_state=0),
        RandomForestRegressor(10, random_state=0),
        GradientBoostingRegressor(n_estimators=30, random_state=0),
    ],
    ids=lambda model: type(model).__name__,
)
def test_rows_one_ulp_around_every_threshold(model: Any) -> None:
    """The original compares float32(x) with a float64 threshold; so does the document."""
    frame = noise()
    model.fit(frame, (frame["a"] * frame["b"] > 0).astype(int))
    assert_same(model, frame, beside_thresholds(model, frame))


@pytest.mark.parametrize("share", [0.0, 0.2], ids=["none missing in training", "some missing"])
def test_forest_with_missing_values(share: float) -> None:
    """A forest answers rows with missing values, whether or not it saw any in training."""
    whole, random = noise(), np.random.default_rng(3)
    frame = whole.mask(random.random(whole.shape) < share)
    model = RandomForestClassifier(20, random_state=0).fit(frame, whole["a"] > 0)
    assert_same(model, frame, whole.mask(random.random(whole.shape) < 0.5))


def test_categories_that_are_integers_and_bools() -> None:
    """2.5, 7 and 3e9 are unknown categories, as they are to the original."""
    random = np.random.default_rng(4)
    frame = pd.DataFrame({"i": random.integers(0, 5, 200), "b": random.random(200) < 0.5})
    encoder = OneHotEncoder(handle_unknown="ignore")
    model = make_pipeline(encoder, LogisticRegression()).fit(frame, frame["i"] > 2)
    odd = [frame.head(9).astype(float).assign(i=value) for value in (2.5, 7.0, -1.0, 3e9)]
    assert_same(model, frame, pd.concat([frame.astype(float), *odd], ignore_index=True))


def test_the_model_stays_as_it_was_and_the_bytes_repeat() -> None:
    """Same attributes, same parameters; no time of day in the document."""
    frame = noise(50)
    model = make_pipeline(StandardScaler(), RandomForestClassifier(3, random_state=0))
    model.fit(frame, frame["a"] > 0)
    before = [dict(vars(step)).keys() for step in (model, *model)]
    first = sklearn_to_pmml(model, described(model, frame))
    assert [dict(vars(step)).keys() for step in (model, *model)] == before
    assert sklearn_to_pmml(model, described(model, frame)) == first


def test_a_model_that_reads_no_column() -> None:
    """A forest of leaves: the document has no input left, the rows still count."""
    frame = noise(50)
    assert_same(RandomForestRegressor(3).fit(frame, np.full(50, 4.5)), frame, frame)


def test_a_target_named_like_a_column() -> None:
    """The label field steps aside."""
    frame = noise(50).rename(columns={"a": "label", "b": "label_", "c": "x y"})
    assert_same(LogisticRegression().fit(frame, frame["label"] > 0), frame, frame)


def test_a_refusal_names_the_step(capfd: pytest.CaptureFixture[str]) -> None:
    """What Java says is in the error, and nowhere else."""
    frame = noise(50)
    model = Pipeline([("fill", KNNImputer()), ("fit", LinearRegression())]).fit(frame, frame["a"])
    with pytest.raises(ConversionError, match=r"refused it: .*KNNImputer") as caught:
        sklearn_to_pmml(model, described(model, frame))
    assert caught.value.where == "fill (KNNImputer)"
    assert "ONNX" in caught.value.mend
    assert capfd.readouterr() == ("", "")


def declared(monkeypatch: pytest.MonkeyPatch, version: str) -> Any:
    """A model whose pickle says that it is of this scikit-learn; its attributes are today's."""
    monkeypatch.setattr(sklearn.base, "__version__", version)
    return LinearRegression().fit(noise(), noise()["a"])


def test_a_patch_release_that_the_converter_does_not_list(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is read as the first release of its series."""
    patch = ".".join([*sklearn.__version__.split(".")[:2], "99"])
    assert_same(declared(monkeypatch, patch), noise(), noise())
    assert sklearn.base.__version__ == patch


def test_a_series_that_the_converter_does_not_know(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message has both versions and what to install."""
    model = declared(monkeypatch, "1.99.3")
    with pytest.raises(ConversionError, match=r"sklearn2pmml [\d.]+ does not read") as caught:
        sklearn_to_pmml(model, described(model, noise()))
    assert "1.99.0" in caught.value.fault
    assert re.search(r"pip install --upgrade 'sklearn2pmml>[\d.]+'", caught.value.mend)
