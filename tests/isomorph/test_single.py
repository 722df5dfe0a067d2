"""Float32: smaller, its cost said in numbers, refused where it is plainly another function."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import isomorph
from bundle.errors import NotEqualError
from converters.graph import single
from runtime.engine import Engine

WHOLE, Y = load_breast_cancer(return_X_y=True, as_frame=True)
X = WHOLE.iloc[:, :6]


def converted(model: Any, place: Path, precision: Any = "float32", sample: Any = X) -> Any:
    return isomorph.convert(
        model, sample, name="m", artifacts=place, formats=("onnx",), precision=precision
    )


def size(bundle: Any) -> int:
    return int((bundle.path / "model.onnx").stat().st_size)


@pytest.mark.parametrize(
    ("model", "sample", "share"),
    [
        (make_pipeline(StandardScaler(), LogisticRegression()), WHOLE, 0.95),
        (RandomForestClassifier(10, random_state=0), X, 0.8),
    ],
    ids=["linear", "forest"],
)
def test_smaller_and_measured(model: Any, sample: Any, share: float, tmp_path: Path) -> None:
    model.fit(sample, Y)
    wide = converted(model, tmp_path, "float64", sample)
    narrow = converted(model, tmp_path, sample=sample)
    assert size(narrow) < share * size(wide)
    verdict = narrow.verdict.target("onnx")
    assert verdict.status == "pass"
    assert "float32, against the float64 values sent: on " in verdict.reason
    assert f"differ by up to {verdict.max_relative:.3g}" in verdict.reason
    assert 0 < verdict.max_relative < 1e-5
    assert isomorph.check(narrow).verdict.passed
    assert isomorph.check(narrow, against=model, sample=sample).verdict.passed
    Engine(narrow.stored).replay()


def test_no_float64_is_left_inside(tmp_path: Path) -> None:
    model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, Y)
    graph = onnx.load_from_string(converted(model, tmp_path).stored.files["model.onnx"]).graph
    assert {tensor.data_type for tensor in graph.initializer} & {onnx.TensorProto.DOUBLE} == set()
    casts = [node for node in graph.node if node.op_type == "Cast"]
    assert [node.output[0] for node in casts if single._to(node) == onnx.TensorProto.DOUBLE] == [
        "probabilities"
    ]
    assert all(node.input[0] != "numbers" for node in casts)


def test_flipped_labels_are_counted_not_refused(tmp_path: Path) -> None:
    """Float32 cannot tell the rows at the thresholds behind a scaler apart; few others flip."""
    model = make_pipeline(StandardScaler(), RandomForestClassifier(5, random_state=0)).fit(X, Y)
    bundle = converted(model, tmp_path)
    verdict = bundle.verdict.target("onnx")
    assert verdict.labels_differ > 0
    assert f"{sum(each.labels_differ for each in verdict.tried if each.kind != 'splits'):,} " in (
        verdict.reason
    )
    assert isomorph.check(bundle, against=model, sample=X).verdict.passed
    Engine(bundle.stored).replay()


def test_another_function_is_refused(tmp_path: Path) -> None:
    """One row in seven of the sample falls into another leaf."""
    sample, target = load_diabetes(return_X_y=True, as_frame=True)
    forest = RandomForestRegressor(10, random_state=0)
    model = make_pipeline(StandardScaler(), forest).fit(sample, target)
    with pytest.raises(NotEqualError) as refused:
        converted(model, tmp_path, sample=sample)
    assert "rows differ by a label or by more than 0.001" in str(refused.value)
    assert refused.value.mend.endswith("Convert with --precision float64, which is equal")
    assert not list(tmp_path.iterdir())


def test_thresholds_are_rounded_down() -> None:
    """A float32 is on the same side of the rounded threshold as of the float64."""
    rng = np.random.default_rng(0)
    thresholds = rng.normal(size=500) * 10.0 ** rng.integers(-30, 30, 500)
    x = thresholds.astype(np.float32)
    x = np.concatenate(
        [np.nextafter(x, np.float32(-np.inf)), x, np.nextafter(x, np.float32(np.inf))]
    )
    three = np.tile(thresholds, 3)
    down = single._down(three, three.astype(np.float32))
    assert down.dtype == np.float32
    assert ((x <= down) == (x.astype(np.float64) <= three)).all()
