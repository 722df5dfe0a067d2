"""What no graph can say is refused at conversion; what the original refuses, by the graph."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime
import pytest
from onnxruntime.capi.onnxruntime_pybind11_state import InvalidArgument
from sklearn.datasets import load_iris
from sklearn.dummy import DummyClassifier
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import CategoricalNB

from bundle.arrays import Array
from bundle.errors import ConversionError
from converters.describe import describe
from converters.sklearn_to_onnx import sklearn_to_onnx

X, Y = load_iris(return_X_y=True)


def converted(model: Any, sample: Array) -> onnxruntime.InferenceSession:
    original, _, _ = describe(model, sample)
    content = sklearn_to_onnx(model, original.signature, name="case")
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4  # the errors that are asked for
    return onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("strategy", ["stratified", "uniform"])
def test_a_random_label(strategy: str) -> None:
    model = DummyClassifier(strategy=strategy).fit(X, Y)
    with pytest.raises(ConversionError, match="draws its labels at random"):
        converted(model, X)


@pytest.mark.parametrize("value", [-1.0, 5.0, 1e30, np.nan])
def test_a_number_that_is_no_category(value: float) -> None:
    codes = np.round(X) % 5
    session = converted(CategoricalNB().fit(codes, Y), codes)
    row = codes[:1].copy()
    row[0, 0] = value
    with pytest.raises(InvalidArgument, match="out of data bounds"):
        session.run(None, {"X": row})


@pytest.mark.parametrize("value", [-0.001, 7.001, -1e30, 1e30])
def test_a_number_out_of_bounds(value: float) -> None:
    sample = np.linspace(0.0, 7.0, 30)[:, None]
    model = IsotonicRegression(out_of_bounds="raise").fit(sample, np.sqrt(sample[:, 0]))
    session = converted(model, sample)
    with pytest.raises(InvalidArgument, match="out of data bounds"):
        session.run(None, {"X": np.array([[value]])})


def test_sparse_coefficients_are_taken() -> None:
    """`sparsify()` changes what holds the coefficients, not the function."""
    model = LogisticRegression(max_iter=1000).fit(X, Y).sparsify()
    labels, probabilities = converted(model, X).run(None, {"X": X})
    assert (labels == model.predict(X)).all()
    np.testing.assert_allclose(probabilities, model.predict_proba(X), rtol=0, atol=1e-12)
