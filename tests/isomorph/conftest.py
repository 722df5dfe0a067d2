"""A small bundle that really answers: softmax of two numbers, the label of the larger."""

from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper

from bundle import golden
from bundle.manifest import Manifest, Source, TargetVerdict, Tried, Verdict
from bundle.signature import Block, Column, Output, Signature
from bundle.writer import write_bundle

CLASSES = ("no", "yes")


@pytest.fixture
def signature() -> Signature:
    return Signature(
        columns=(
            Column(name="a", kind="number", dtype="float64"),
            Column(name="b", kind="number", dtype="float64"),
            Column(name="member", kind="number", dtype="bool"),
            Column(name="city", kind="text", dtype="str", nullable=True),
        ),
        inputs=(
            Block(name="numbers", datatype="FP64", columns=("a", "b", "member")),
            Block(name="text", datatype="BYTES", columns=("city",)),
        ),
        outputs=(
            Output(name="label", datatype="BYTES", names=CLASSES),
            Output(name="probabilities", datatype="FP64", width=2, names=CLASSES),
        ),
    )


@pytest.fixture
def manifest(signature: Signature) -> Manifest:
    tried = (Tried(kind="sample", rows=1),)
    onnx_passed = TargetVerdict(target="onnx", status="pass", tolerance=1e-12, tried=tried)
    pmml_absent = TargetVerdict(target="pmml", status="absent", tolerance=1e-12, reason="not asked")
    return Manifest(
        name="tiny",
        version=1,
        task="classification",
        created="2026-01-01T00:00:00Z",
        signature=signature,
        verdict=Verdict(targets=(onnx_passed, pmml_absent)),
        source=Source(estimator="Softmax", format="memory"),
        versions={"onnx": onnx.__version__},
        files={},
    )


@pytest.fixture
def bundle(tmp_path: Path, manifest: Manifest) -> Path:
    """The directory of a bundle with one golden row; both numbers are 0 there."""
    rows = {"numbers": np.zeros((1, 3)), "text": np.array([["Rome"]], dtype=object)}
    answers = {"label": np.array(["no"], dtype=object), "probabilities": np.array([[0.5, 0.5]])}
    files = {
        "model.onnx": graph().SerializeToString(),
        "golden.json": golden.encode(manifest.signature, rows, answers),
        "parity.json": b"{}",
    }
    return write_bundle(tmp_path / "artifacts", manifest, files).path


def graph() -> onnx.ModelProto:
    """The graph of the bundle; the text is an input and decides nothing."""
    nodes = [
        helper.make_node("Gather", ["numbers", "pair"], ["scores"], axis=1),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["scores"], ["position"], axis=1, keepdims=0),
        helper.make_node("Gather", ["classes", "position"], ["label"]),
    ]
    inputs = [
        helper.make_tensor_value_info("numbers", TensorProto.DOUBLE, ["n", 3]),
        helper.make_tensor_value_info("text", TensorProto.STRING, ["n", 1]),
    ]
    outputs = [
        helper.make_tensor_value_info("label", TensorProto.STRING, ["n"]),
        helper.make_tensor_value_info("probabilities", TensorProto.DOUBLE, ["n", 2]),
    ]
    constants = [
        helper.make_tensor("pair", TensorProto.INT64, [2], [0, 1]),
        helper.make_tensor("classes", TensorProto.STRING, [2], [b"no", b"yes"]),
    ]
    made = helper.make_graph(nodes, "tiny", inputs, outputs, constants)
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
