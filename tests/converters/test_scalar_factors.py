"""onnxruntime folds a factor of one number into a MatMul as a float32; ours stay in float64."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, StandardScaler

from converters.describe import describe
from converters.sklearn_to_onnx import sklearn_to_onnx


@pytest.mark.parametrize("scaler", [StandardScaler(), MaxAbsScaler()])
def test_one_column_scaled_before_a_matrix_product(scaler: Any) -> None:
    X = np.linspace(-3.0, 7.0, 40)[:, None] ** 3
    model = make_pipeline(scaler, LinearRegression()).fit(X, np.hstack([3 * X + 1, X]))
    original, sample, _ = describe(model, X)
    content = sklearn_to_onnx(model, original.signature, name="scaled")
    (found,) = ort.InferenceSession(content).run(None, dict(sample))
    np.testing.assert_allclose(found, model.predict(X), rtol=1e-14, atol=1e-12)
