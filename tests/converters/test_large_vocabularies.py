"""Vocabularies of many terms, whose counts are stored without zeros, answer as the original."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

from converters.describe import describe
from converters.graph import text
from converters.sklearn_to_onnx import sklearn_to_onnx
from parity_tests.pipelines.datasets import DATASETS


@pytest.mark.parametrize(
    "model",
    [
        TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        TfidfVectorizer(norm="l1", smooth_idf=False),
        make_pipeline(CountVectorizer(binary=True), MultinomialNB()),
        make_pipeline(TfidfVectorizer(analyzer="char"), MaxAbsScaler(), LogisticRegression()),
    ],
    ids=["sublinear", "not smoothed", "binary", "scaled"],
)
def test_equal(model: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "MOST_DENSE", 5)
    X, y = DATASETS["texts"]()
    model.fit(X, y)
    original, sample, _ = describe(model, X)
    content = sklearn_to_onnx(model, original.signature, name="large")
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    names = [output.name for output in session.get_outputs()]
    for rows in (sample, {name: block[:0] for name, block in sample.items()}):
        got = dict(zip(names, session.run(None, rows), strict=True))
        for name, expected in original(rows).items():
            if expected.dtype.kind == "f":
                np.testing.assert_allclose(got[name], expected, rtol=1e-12, atol=1e-14)
            else:
                np.testing.assert_array_equal(got[name], expected)
