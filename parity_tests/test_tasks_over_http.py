"""What is neither one label nor one number, converted by the face and asked over HTTP."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sklearn.ensemble import VotingClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.neighbors import KNeighborsTransformer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isomorph
from bundle.errors import SourceError
from converters.describe import describe
from parity_tests.pipelines.datasets import DATASETS
from parity_tests.serving import same_bits, serving

MODELS = {
    "two_targets": (LinearRegression(), "multi_regression", ()),
    "features": (make_pipeline(SimpleImputer(), StandardScaler()), "diabetes_missing", ()),
    "features_missing": (StandardScaler(), "iris_missing", ()),
    "text_features": (SimpleImputer(strategy="most_frequent"), "penguins_text", ()),
    "scores": (LogisticRegression(), "iris", ("predict", "decision_function")),
}


@pytest.mark.filterwarnings("ignore")
def test_same_bits(tmp_path: Path) -> None:
    made = {}
    for name, (model, data, methods) in MODELS.items():
        X, y = DATASETS[data]()
        model.fit(X, y)
        bundle = isomorph.convert(
            model, X, name=name, artifacts=tmp_path, methods=methods, formats=("onnx",)
        )
        made[name] = (bundle, model, X, methods)
    with serving(tmp_path) as address:
        for bundle, model, X, methods in made.values():
            original, sample, _ = describe(model, X, methods=methods)
            same_bits(bundle, original, sample, address)


@pytest.mark.filterwarnings("ignore")
def test_texts_from_a_table(tmp_path: Path) -> None:
    """A vectorizer takes a sequence; the sample and the rows to predict come as a column."""
    texts, y = DATASETS["texts"]()
    model = make_pipeline(TfidfVectorizer(), LogisticRegression()).fit(texts, y)
    table = pd.DataFrame({"review": texts})
    table.to_parquet(tmp_path / "reviews.parquet")
    bundle = isomorph.convert(
        model, tmp_path / "reviews.parquet", name="texts", artifacts=tmp_path, formats=("onnx",)
    )
    np.testing.assert_array_equal(bundle.predict(table)["label"], model.predict(texts))
    with pytest.raises(SourceError, match="one sequence of values, the sample has 2 columns"):
        isomorph.convert(model, table.assign(label=y), name="texts", artifacts=tmp_path)


@pytest.mark.filterwarnings("ignore")
def test_texts_from_a_table_to_voters(tmp_path: Path) -> None:
    """Whatever asks estimators inside about the same rows takes a sequence if they do."""
    texts, y = DATASETS["texts"]()
    inner = make_pipeline(TfidfVectorizer(), LogisticRegression())
    model = VotingClassifier([("a", inner), ("b", inner)], voting="soft").fit(texts, y)
    table = pd.DataFrame({"review": texts})
    bundle = isomorph.convert(model, table, name="voters", artifacts=tmp_path, formats=("onnx",))
    np.testing.assert_array_equal(bundle.predict(table)["label"], model.predict(texts))


def test_pmml_says_why_it_is_absent(tmp_path: Path) -> None:
    X, y = DATASETS["diabetes"]()
    model = KNeighborsTransformer().fit(X, y)
    bundle = isomorph.convert(model, X, name="neighbors", artifacts=tmp_path)
    verdict = bundle.verdict.target("pmml")
    assert verdict.status == "absent"
    assert "no expression for the operator" in str(verdict.reason)
    assert "features" in str(verdict.reason)


def test_a_method_that_is_not_there_is_named(tmp_path: Path) -> None:
    X, y = DATASETS["diabetes"]()
    model = LinearRegression().fit(X, y)
    with pytest.raises(SourceError, match="no method 'predict_proba'"):
        isomorph.convert(model, X, name="linear", artifacts=tmp_path, methods=("predict_proba",))
