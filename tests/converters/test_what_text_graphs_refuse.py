"""What vectorizers and topic models refuse, and why."""

from __future__ import annotations

from typing import Any

import pytest
from sklearn.decomposition import LatentDirichletAllocation
from sklearn.feature_extraction.text import HashingVectorizer
from sklearn.pipeline import make_pipeline
from sklearn.tree import DecisionTreeClassifier

from bundle.errors import ConversionError
from converters.describe import describe
from converters.sklearn_to_onnx import sklearn_to_onnx
from parity_tests.pipelines.datasets import DATASETS


def _convert(model: Any, data: str) -> None:
    X, y = DATASETS[data]()
    model.fit(X, y)
    original, _, _ = describe(model, X[:20])
    sklearn_to_onnx(model, original.signature, name="refused")


def test_a_dense_matrix_of_a_million_hashed_columns() -> None:
    model = make_pipeline(HashingVectorizer(), DecisionTreeClassifier())
    with pytest.raises(ConversionError, match=r"dense matrix of 1048576 columns, 8 MB a row"):
        _convert(model, "texts")


def test_topics_of_small_priors() -> None:
    model = LatentDirichletAllocation(25, max_iter=1, random_state=0)
    with pytest.raises(ConversionError, match=r"doc_topic_prior=0\.04\), under 0\.1"):
        _convert(model, "positive")
