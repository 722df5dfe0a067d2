"""Where sums of kernels are computed from matrix products, and that they stay right there."""

from __future__ import annotations

from typing import Any

import numpy as np
import onnx
import onnxruntime as ort
import pytest
from sklearn.datasets import make_classification
from sklearn.svm import SVC, SVR

from converters.describe import describe
from converters.sklearn_to_onnx import sklearn_to_onnx

X, LABELS = make_classification(300, 20, n_informative=10, n_classes=3, random_state=0)
TARGET = X[:, 0] + np.sin(X[:, 1])
EXPANDED, IN_ORDER, DIFFERENCES = "expanded", "in order", "differences"


def converted(model: Any, rows: Any) -> bytes:
    methods = [name for name in ("predict", "decision_function") if hasattr(model, name)]
    original, _, _ = describe(model, rows, methods=methods)
    return sklearn_to_onnx(model, original.signature, name="svm")


def way(content: bytes) -> str:
    kinds = {node.op_type for node in onnx.load_from_string(content).graph.node}
    if "Clip" not in kinds:
        return DIFFERENCES
    return IN_ORDER if "ReduceSum" in kinds else EXPANDED


@pytest.mark.parametrize(
    ("model", "shift", "expected"),
    [
        (SVC(), 0.0, EXPANDED),
        (SVC(), 1e6, EXPANDED),
        (SVR(), 0.0, EXPANDED),
        (SVC(C=30.0, gamma=0.003), 0.0, IN_ORDER),
        (SVC(gamma=100.0), 0.0, DIFFERENCES),
    ],
)
def test_products_where_rounding_allows(model: Any, shift: float, expected: str) -> None:
    rows = X + shift
    model.fit(rows, TARGET if isinstance(model, SVR) else LABELS)
    content = converted(model, rows)
    assert way(content) == expected
    answers = ort.InferenceSession(content).run(None, {"X": rows})
    asked = model.decision_function if hasattr(model, "decision_function") else model.predict
    np.testing.assert_allclose(answers[-1], asked(rows), rtol=1e-12, atol=1e-12)


@pytest.mark.filterwarnings("ignore")  # scikit-learn's sum of such rows, to find NaN, overflows
@pytest.mark.parametrize("size", [1e8, 1e154, 1e200, 1e300, 1.79e308])
def test_rows_as_large_as_numbers_get(size: float) -> None:
    model = SVC().fit(X, LABELS)
    content = converted(model, X)
    assert way(content) == EXPANDED
    signs = np.random.default_rng(0).choice([-1.0, 0.0, 1.0], (200, 20))
    label, score = ort.InferenceSession(content).run(["label", "score"], {"X": signs * size})
    np.testing.assert_array_equal(label, model.predict(signs * size))
    np.testing.assert_allclose(score, model.decision_function(signs * size), rtol=1e-14)


def test_labels_that_rounding_alone_decides() -> None:
    corners = np.array([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    model = SVC(gamma=0.5).fit(corners, [0, 1, 2, 3])
    content = converted(model, corners)
    assert way(content) == DIFFERENCES
    grid = np.stack(np.meshgrid(np.arange(-9, 10), np.arange(-9, 10)), axis=-1).reshape(-1, 2) / 2
    (label,) = ort.InferenceSession(content).run(["label"], {"X": grid})
    np.testing.assert_array_equal(label, model.predict(grid))
