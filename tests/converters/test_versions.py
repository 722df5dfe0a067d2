"""What converters do with an older scikit-learn; the suite tries the rest with each version."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn
from sklearn.impute import KNNImputer

from bundle.errors import ConversionError
from converters.describe import describe
from converters.graph import knn_imputer
from converters.installed import scikit_learn_since
from converters.sklearn_to_onnx import sklearn_to_onnx

GAPS = np.array([[1.0, np.nan, 2.0], [2.0, 1.0, np.nan], [3.0, np.nan, 1.0], [4.0, 3.0, 5.0]])


def test_the_installed_version_is_compared_by_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sklearn, "__version__", "1.10.1")
    assert scikit_learn_since("1.9")
    assert scikit_learn_since("1.10")
    assert not scikit_learn_since("1.11")


def test_donors_chosen_by_accident_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(knn_imputer, "scikit_learn_since", lambda _: False)
    model = KNNImputer(n_neighbors=2).fit(GAPS)
    original, _, _ = describe(model, GAPS)
    with pytest.raises(ConversionError, match="with scikit-learn before"):
        sklearn_to_onnx(model, original.signature, name="gaps")
