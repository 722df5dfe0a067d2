"""Plant a fault, see it refused and named. The digests are mended too, so that only proof helps."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest

import isomorph
from bundle.errors import BundleError, NotEqualError
from converters.graph import trees
from isomorph.tables import read_sample
from parity_tests.found import ROOT, Rewrite
from runtime.engine import Engine

Copy = Callable[[str], Path]
Edit = Callable[[onnx.ModelProto], None]


def _edited(bundle: Path, edit: Edit) -> bytes:
    model = onnx.load_from_string((bundle / "model.onnx").read_bytes())
    edit(model)
    return model.SerializeToString()


def _attribute(model: onnx.ModelProto, name: str) -> Any:
    node = next(node for node in model.graph.node if node.op_type == "TreeEnsemble")
    return next(attribute for attribute in node.attribute if attribute.name == name)


def _move_threshold(model: onnx.ModelProto, position: int, towards: float) -> None:
    splits = _attribute(model, "nodes_splits")
    values = onnx.numpy_helper.to_array(splits.t).copy()
    values[position] = np.nextafter(values[position], towards)
    splits.t.CopyFrom(onnx.numpy_helper.from_array(values))


def _constants(model: onnx.ModelProto) -> list[Any]:
    """Every tensor known at conversion, initializers and Constant nodes alike."""
    nodes = [node for node in model.graph.node if node.op_type == "Constant"]
    inside = [a.t for node in nodes for a in node.attribute if a.name == "value"]
    return [*model.graph.initializer, *inside]


def _against(bundle: Path, name: str) -> isomorph.Checked:
    return isomorph.check(
        bundle,
        against=ROOT / "models" / f"{name}.joblib",
        sample=ROOT / "models" / f"{name}.sample.parquet",
    )


@pytest.mark.parametrize("towards", [-np.inf, np.inf])
@pytest.mark.parametrize("share", [0.0, 0.2, 0.4, 0.6, 0.8])
def test_one_threshold_by_one_ulp(
    copy_of: Copy, rewrite: Rewrite, share: float, towards: float
) -> None:
    """One split of one tree, moved to the neighbouring float64, wherever it stands."""
    bundle = copy_of("diabetes")
    model = onnx.load_from_string((bundle / "model.onnx").read_bytes())
    position = int(share * len(onnx.numpy_helper.to_array(_attribute(model, "nodes_splits").t)))
    rewrite(bundle, "model.onnx", _edited(bundle, lambda m: _move_threshold(m, position, towards)))
    checked = _against(bundle, "diabetes")
    assert checked.verdict.target("onnx").status == "fail"
    assert checked.worst[0].kind == "splits"


def test_one_leaf_changed(copy_of: Copy, rewrite: Rewrite) -> None:
    """The value of the last leaf of the last tree, off by a millionth."""

    def change(model: onnx.ModelProto) -> None:
        weights = _attribute(model, "leaf_weights")
        values = onnx.numpy_helper.to_array(weights.t).copy()
        values[-1] *= 1 + 1e-6
        weights.t.CopyFrom(onnx.numpy_helper.from_array(values))

    bundle = copy_of("diabetes")
    rewrite(bundle, "model.onnx", _edited(bundle, change))
    verdict = _against(bundle, "diabetes").verdict.target("onnx")
    assert verdict.status == "fail"
    assert "prediction" in (verdict.reason or "")


def test_two_classes_swapped(copy_of: Copy, rewrite: Rewrite) -> None:
    """Labels in another order: refused by `check`, and by the service when it replays."""

    def change(model: onnx.ModelProto) -> None:
        labels = next(t for t in _constants(model) if b"Adelie" in t.string_data)
        labels.string_data[0], labels.string_data[1] = labels.string_data[1], labels.string_data[0]

    bundle = copy_of("penguins")
    rewrite(bundle, "model.onnx", _edited(bundle, change))
    checked = isomorph.check(bundle)
    assert checked.verdict.target("onnx").labels_differ > 0
    assert checked.worst[0].output == "label"
    with pytest.raises(BundleError, match="label"):
        Engine(isomorph.open(bundle).stored).replay()


def test_golden_row_changed(copy_of: Copy, rewrite: Rewrite) -> None:
    """A recorded answer that the original never gave."""
    bundle = copy_of("breast_cancer")
    golden = json.loads((bundle / "golden.json").read_bytes())
    golden["expected"]["outputs"][1]["data"][0] += 1e-9
    rewrite(bundle, "golden.json", json.dumps(golden).encode())
    assert not isomorph.check(bundle).verdict.passed
    with pytest.raises(BundleError, match=r"row 0.*probabilities"):
        Engine(isomorph.open(bundle).stored).replay()


def _flip(bundle: Path) -> None:
    content = bytearray((bundle / "model.onnx").read_bytes())
    content[len(content) // 2] ^= 1
    (bundle / "model.onnx").write_bytes(bytes(content))


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (_flip, "model.onnx"),
        (lambda bundle: (bundle / "baseline.json").unlink(), "baseline.json"),
        (lambda bundle: (bundle / "notes.txt").write_text("x"), "notes.txt"),
    ],
    ids=["byte flipped", "file missing", "extra file"],
)
def test_damaged_files(copy_of: Copy, damage: Callable[[Path], None], named: str) -> None:
    """What was not written by `convert` does not open."""
    bundle = copy_of("penguins")
    damage(bundle)
    with pytest.raises(BundleError, match=named):
        isomorph.check(bundle)


def test_convert_publishes_nothing_unequal(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A converter with a wrong threshold rule: `convert` refuses, names the row, writes nothing."""
    right = trees.double_thresholds
    monkeypatch.setattr(trees, "double_thresholds", lambda t: np.nextafter(right(t), np.inf))
    sample = read_sample(ROOT / "models" / "diabetes.sample.parquet")
    with pytest.raises(NotEqualError, match="for the row") as refused:
        isomorph.convert(
            ROOT / "models" / "diabetes.joblib",
            sample,
            name="diabetes",
            artifacts=tmp_path,
            formats=("onnx",),
        )
    assert refused.value.verdict.target("onnx").status == "fail"
    assert not list(tmp_path.iterdir())
