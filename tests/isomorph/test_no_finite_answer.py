"""A model none of whose answers is finite is converted like any other."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from sklearn.naive_bayes import GaussianNB

import isomorph


@pytest.mark.filterwarnings("ignore")  # it divides by a variance of 0
def test_no_golden_row(tmp_path: Path) -> None:
    """A column without spread, and no smoothing: the probabilities of every row are NaN."""
    X = np.column_stack([np.arange(30.0) % 7, np.zeros(30)])
    model = GaussianNB(var_smoothing=0.0).fit(X, np.arange(30) % 3)
    bundle = isomorph.convert(model, X, name="flat", artifacts=tmp_path)
    assert bundle.verdict.passed
    answers = bundle.predict(X[:4])
    assert answers["label"].tolist() == model.predict(X[:4]).tolist()
    assert np.isnan(answers["probabilities"]).all()
