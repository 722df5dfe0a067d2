"""Classes of a user's own, converted by one function."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click.testing
import joblib
import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import BaggingClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isomorph
from bundle.errors import ConversionError, NotEqualError
from converters.own import OWN
from isomorph.command import main

RNG = np.random.default_rng(0)
FRAME = pd.DataFrame(
    {
        "age": RNG.uniform(20, 80, 60),
        "city": RNG.choice(["Rome", "Oslo"], 60),
        "pay": RNG.uniform(1, 9, 60),
    }
)
NUMBERS = FRAME[["age", "pay"]]
LABEL = np.where(FRAME["pay"] > 5, "yes", "no")


@pytest.fixture(autouse=True)
def own() -> Iterator[None]:
    before = dict(OWN)
    yield
    OWN.clear()
    OWN.update(before)


class Centre(TransformerMixin, BaseEstimator):
    """A class of a user's own."""

    def fit(self, X: Any, y: Any = None) -> Any:  # noqa: ARG002
        """As scikit-learn has it."""
        self.mean_, self.scale_ = np.mean(X, axis=0).to_numpy(), np.std(X, axis=0).to_numpy()
        return self

    def transform(self, X: Any) -> Any:
        """As scikit-learn has it."""
        return (np.asarray(X) - self.mean_) / self.scale_


class Wider(Centre):
    """One that inherits."""


class Journey(TransformerMixin, BaseEstimator):
    """A class of a user's own."""

    def fit(self, X: Any, y: Any = None) -> Any:  # noqa: ARG002
        """As scikit-learn has it."""
        self.fitted_ = True
        return self

    def transform(self, X: Any) -> Any:
        """As scikit-learn has it."""
        return np.column_stack([X["age"] * (X["city"] == "Rome"), np.log1p(X["pay"].clip(lower=0))])


class Line(RegressorMixin, BaseEstimator):
    """A class of a user's own."""

    def fit(self, X: Any, y: Any) -> Any:
        """As scikit-learn has it."""
        self.coef_ = np.linalg.lstsq(np.asarray(X), y, rcond=None)[0]
        return self

    def predict(self, X: Any) -> Any:
        """As scikit-learn has it."""
        return np.asarray(X) @ self.coef_


class Rule(ClassifierMixin, BaseEstimator):
    """A class of a user's own."""

    def fit(self, X: Any, y: Any) -> Any:
        """As scikit-learn has it."""
        self.classes_, self.limit_ = np.unique(y), float(np.asarray(X)[:, -1].mean())
        return self

    def decision_function(self, X: Any) -> Any:
        """As scikit-learn has it."""
        return np.asarray(X)[:, -1] - self.limit_

    def predict(self, X: Any) -> Any:
        """As scikit-learn has it."""
        return np.where(self.decision_function(X) > 0, self.classes_[1], self.classes_[0])


class Chance(Rule):
    """A class of a user's own."""

    def predict_proba(self, X: Any) -> Any:
        """As scikit-learn has it."""
        p = 1 / (1 + np.exp(-np.clip(self.decision_function(X), -30, 30)))
        return np.column_stack([1 - p, p])


def convert(model: Any, sample: Any, place: Path, **options: Any) -> Any:
    return isomorph.convert(model, sample, name="m", artifacts=place, formats=("onnx",), **options)


def centre(model: Any, X: Any) -> Any:
    return (X - model.mean_) / model.scale_


def test_a_transformer_alone_and_in_a_pipeline(tmp_path: Path) -> None:
    assert isomorph.converter(Centre)(centre) is centre
    assert convert(Centre().fit(NUMBERS), NUMBERS, tmp_path).verdict.passed
    model = make_pipeline(
        ColumnTransformer([("own", Centre(), ["age", "pay"])]), LogisticRegression()
    )
    assert convert(model.fit(FRAME, LABEL), FRAME, tmp_path).verdict.passed


def test_columns_by_name_beside_text(tmp_path: Path) -> None:
    @isomorph.converter(Journey)
    def journey(model: Any, X: Any) -> Any:  # noqa: ARG001
        pay = np.log1p(np.clip(X["pay"], 0, None))
        return np.column_stack([X["age"] * (X["city"] == "Rome"), pay])

    model = make_pipeline(Journey(), Ridge()).fit(FRAME, FRAME["age"])
    assert convert(model, FRAME, tmp_path).verdict.passed


def test_a_wrong_column_is_said(tmp_path: Path) -> None:
    @isomorph.converter(Journey)
    def journey(model: Any, X: Any) -> Any:  # noqa: ARG001
        return X["years"]

    with pytest.raises(
        ConversionError, match="no column 'years'; known by name are: 'age', 'city'"
    ):
        convert(Journey().fit(FRAME), FRAME, tmp_path)


def test_a_regressor(tmp_path: Path) -> None:
    isomorph.converter(Line)(lambda model, X: X @ model.coef_)
    model = make_pipeline(StandardScaler(), Line()).fit(NUMBERS, FRAME["pay"])
    assert convert(model, NUMBERS, tmp_path).verdict.passed


def test_a_classifier_by_its_scores(tmp_path: Path) -> None:
    isomorph.converter(Rule)(lambda model, X: X[:, -1] - model.limit_)
    made = convert(Rule().fit(NUMBERS, LABEL), NUMBERS, tmp_path)
    assert [out.name for out in made.signature.outputs] == ["label", "score"]
    assert made.verdict.passed


def test_a_classifier_by_its_probabilities(tmp_path: Path) -> None:
    @isomorph.converter(Chance)
    def chance(model: Any, X: Any) -> Any:
        p = 1 / (1 + np.exp(-np.clip(X[:, -1] - model.limit_, -30, 30)))
        return np.column_stack([1 - p, p])

    assert convert(Chance().fit(NUMBERS, LABEL), NUMBERS, tmp_path).verdict.passed


def test_a_dict_of_methods(tmp_path: Path) -> None:
    @isomorph.converter(Chance)
    def chance(model: Any, X: Any) -> Any:
        score = X[:, -1] - model.limit_
        p = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
        return {
            "predict": np.where(score > 0, model.classes_[1], model.classes_[0]),
            "predict_proba": np.column_stack([1 - p, p]),
            "decision_function": score,
        }

    made = convert(
        Chance().fit(NUMBERS, LABEL),
        NUMBERS,
        tmp_path,
        methods=("predict", "predict_proba", "decision_function"),
    )
    assert made.verdict.passed


def test_a_method_that_is_asked_inside_and_not_answered_is_refused(tmp_path: Path) -> None:
    isomorph.converter(Chance)(lambda model, X: X[:, -1] - model.limit_)
    model = BaggingClassifier(Chance(), n_estimators=2, random_state=0).fit(NUMBERS, LABEL)
    with pytest.raises(ConversionError, match="the method `predict_proba` of an estimator inside"):
        convert(model, NUMBERS, tmp_path)


def test_an_unknown_method_is_refused(tmp_path: Path) -> None:
    isomorph.converter(Line)(lambda _, X: {"answer": X[:, 0]})
    with pytest.raises(ConversionError, match="its converter answers answer"):
        convert(Line().fit(NUMBERS, FRAME["pay"]), NUMBERS, tmp_path)


def test_a_wrong_converter_is_refused_with_its_name(tmp_path: Path) -> None:
    isomorph.converter(Centre)(lambda model, X: X - model.mean_)
    model = make_pipeline(Centre(), LogisticRegression()).fit(NUMBERS, LABEL)
    with pytest.raises(NotEqualError) as refused:
        convert(model, NUMBERS, tmp_path)
    assert refused.value.where == "model (Pipeline) > centre (Centre)"


def test_exactly_this_class(tmp_path: Path) -> None:
    isomorph.converter(Centre)(centre)
    with pytest.raises(ConversionError, match=r"no converter to ONNX\. Write one with isomorph"):
        convert(Wider().fit(NUMBERS), NUMBERS, tmp_path)


def test_before_the_table_of_scikit_learn(tmp_path: Path) -> None:
    isomorph.converter(StandardScaler)(lambda _, X: X)
    with pytest.raises(NotEqualError):
        convert(StandardScaler().fit(NUMBERS), NUMBERS, tmp_path)


FILE = """
import isomorph, numpy as np
from own_classes import Doubler

@isomorph.converter(Doubler)
def doubler(model, X):
    return X * 2
"""
CLASSES = """
from sklearn.base import BaseEstimator, TransformerMixin

class Doubler(TransformerMixin, BaseEstimator):
    def fit(self, X, y=None):
        self.fitted_ = True
        return self

    def transform(self, X):
        return X * 2
"""


def test_on_the_command_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_converters.py").write_text(FILE)
    (tmp_path / "own_classes.py").write_text(CLASSES)
    monkeypatch.syspath_prepend(tmp_path)
    from own_classes import Doubler  # type: ignore[import-not-found] # noqa: PLC0415

    joblib.dump(make_pipeline(Doubler(), StandardScaler()).fit(NUMBERS), tmp_path / "m.joblib")
    NUMBERS.to_parquet(tmp_path / "s.parquet")
    options = ["--sample", "s.parquet", "--name", "m", "--formats", "onnx"]
    monkeypatch.chdir(tmp_path)
    run = click.testing.CliRunner().invoke
    refused = run(main, ["convert", "m.joblib", *options])
    assert refused.exit_code == 2
    assert "Write one with isomorph.converter" in refused.stderr
    done = run(main, ["convert", "m.joblib", *options, "--using", "my_converters.py"])
    assert done.exit_code == 0, done.output
    checked = run(
        main,
        ["check", "artifacts/m/1", "--against", "m.joblib", "--using", "my_converters.py"],
    )
    assert checked.exit_code == 0, checked.output
    (tmp_path / "broken.py").write_text("import nothing_like_it")
    broken = run(main, ["convert", "m.joblib", *options, "--using", "broken.py"])
    assert broken.exit_code == 2
    assert "broken.py: the converters cannot be imported (ModuleNotFoundError" in broken.stderr
