"""Two models small enough to write by hand, as bundles, without any converter."""

from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
from onnx import TensorProto, helper, numpy_helper

from bundle import golden
from bundle.arrays import MISSING_TEXT, Arrays
from bundle.manifest import Manifest, Source, TargetVerdict, Verdict, encode
from bundle.reader import Bundle
from bundle.signature import Block, Column, Output, Signature
from bundle.writer import entries, write_bundle

CLASSES = ("Adelie", "Gentoo")
WEIGHTS = np.array([[0.3, -0.3], [-0.002, 0.002], [0.7, -0.7]])

PENGUINS = Signature(
    columns=(
        Column(
            name="bill", kind="number", dtype="float64", nullable=True, lowest=-1e6, highest=1e6
        ),
        Column(
            name="island", kind="text", dtype="str", nullable=True, categories=("Biscoe", "Dream")
        ),
        Column(name="mass", kind="number", dtype="int64", minimum=2700, maximum=6300),
        Column(name="sex", kind="text", dtype="str", categories=("female", "male"), closed=True),
        Column(name="tagged", kind="number", dtype="bool"),
    ),
    inputs=(
        Block(name="numbers", datatype="FP64", columns=("bill", "mass", "tagged")),
        Block(name="text", datatype="BYTES", columns=("island", "sex")),
    ),
    outputs=(
        Output(name="label", datatype="BYTES", names=CLASSES),
        Output(name="probabilities", datatype="FP64", width=2, names=CLASSES),
    ),
)
PRICES = Signature(
    columns=tuple(Column(name=f"x{i}", kind="number", dtype="float64") for i in range(3)),
    inputs=(Block(name="X", datatype="FP64", columns=("x0", "x1", "x2")),),
    outputs=(Output(name="prediction", datatype="FP64"),),
    named=False,
)
RECORD = {"bill": 39.1, "island": "Biscoe", "mass": 3750, "sex": "male", "tagged": True}


def penguin_answers(rows: Arrays) -> Arrays:
    """The classifier in NumPy: softmax(numbers @ weights + (island is Biscoe))."""
    numbers = np.where(np.isnan(rows["numbers"]), 0.0, rows["numbers"])
    island = (rows["text"][:, :1] == "Biscoe").astype(np.float64)
    scores = numbers @ WEIGHTS + island * np.array([[0.5, -0.5]])
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities = shifted / shifted.sum(axis=1, keepdims=True)
    label = np.array(CLASSES, dtype=object)[probabilities.argmax(axis=1)]
    return {"label": label, "probabilities": probabilities}


def penguins_onnx() -> bytes:
    """The same classifier as a graph."""
    number, text = TensorProto.DOUBLE, TensorProto.STRING
    constants = [
        numpy_helper.from_array(WEIGHTS, "weights"),
        numpy_helper.from_array(np.array([[0.5, -0.5]]), "island_weights"),
        numpy_helper.from_array(np.array(0.0), "zero"),
        numpy_helper.from_array(np.array([0]), "first"),
        helper.make_tensor("biscoe", text, [1], [b"Biscoe"]),
        helper.make_tensor("classes", text, [2], [b"Adelie", b"Gentoo"]),
    ]
    nodes = [
        helper.make_node("IsNaN", ["numbers"], ["isnan"]),
        helper.make_node("Where", ["isnan", "zero", "numbers"], ["filled"]),
        helper.make_node("MatMul", ["filled", "weights"], ["linear"]),
        helper.make_node("Gather", ["text", "first"], ["island"], axis=1),
        helper.make_node("Equal", ["island", "biscoe"], ["isbiscoe"]),
        helper.make_node("Cast", ["isbiscoe"], ["one"], to=number),
        helper.make_node("MatMul", ["one", "island_weights"], ["shift"]),
        helper.make_node("Add", ["linear", "shift"], ["scores"]),
        helper.make_node("Softmax", ["scores"], ["probabilities"], axis=1),
        helper.make_node("ArgMax", ["probabilities"], ["best"], axis=1, keepdims=0),
        helper.make_node("Gather", ["classes", "best"], ["label"], axis=0),
    ]
    return _model(
        nodes,
        constants,
        {"numbers": (number, ["n", 3]), "text": (text, ["n", 2])},
        {"label": (text, ["n"]), "probabilities": (number, ["n", 2])},
    )


def prices_onnx(scale: float = 1.0) -> bytes:
    """x0 + 2 x1 + 4 x2, times `scale`, as a graph."""
    number = TensorProto.DOUBLE
    constants = [numpy_helper.from_array(scale * np.array([1.0, 2.0, 4.0]), "weights")]
    nodes = [helper.make_node("MatMul", ["X", "weights"], ["prediction"])]
    return _model(nodes, constants, {"X": (number, ["n", 3])}, {"prediction": (number, ["n"])})


def write_penguins(root: Path, *, version: int = 1, onnx: bytes | None = None) -> Bundle:
    """artifacts/penguins/<version>."""
    text = np.array([["Biscoe", "male"], [MISSING_TEXT, "female"]], dtype=object)
    rows = {"numbers": np.array([[39.1, 3750.0, 1.0], [np.nan, 5000.0, 0.0]]), "text": text}
    content = golden.encode(PENGUINS, rows, penguin_answers(rows))
    manifest = _manifest("penguins", version, "classification", PENGUINS)
    return write_bundle(root, manifest, _files(onnx or penguins_onnx(), content))


def write_prices(
    root: Path, *, name: str = "prices", version: int = 1, scale: float = 1.0
) -> Bundle:
    """artifacts/<name>/<version>."""
    rows = {"X": np.array([[1.0, 2.0, 3.0], [0.1, 0.2, 0.3]])}
    answers = {"prediction": rows["X"] @ (scale * np.array([1.0, 2.0, 4.0]))}
    content = golden.encode(PRICES, rows, answers)
    manifest = _manifest(name, version, "regression", PRICES)
    return write_bundle(root, manifest, _files(prices_onnx(scale), content))


def write_text(root: Path, *, answer: str = "text_features") -> Bundle:
    """artifacts/echo/1: one column of text, answered as it came; `answer` names the output."""
    signature = Signature(
        columns=(Column(name="words", kind="text", dtype="str"),),
        inputs=(Block(name="text", datatype="BYTES", columns=("words",)),),
        outputs=(Output(name=answer, datatype="BYTES", width=1),),
    )
    text = TensorProto.STRING
    nodes = [helper.make_node("Identity", ["text"], [answer])]
    onnx = _model(nodes, [], {"text": (text, ["n", 1])}, {answer: (text, ["n", 1])})
    rows = {"text": np.array([["one"], ["two"]], dtype=object)}
    content = golden.encode(signature, rows, {answer: rows["text"]})
    return write_bundle(root, _manifest("echo", 1, "transform", signature), _files(onnx, content))


def _files(onnx: bytes, golden_json: bytes) -> dict[str, bytes]:
    return {"model.onnx": onnx, "golden.json": golden_json, "parity.json": b"{}"}


def _manifest(name: str, version: int, task: str, signature: Signature) -> Manifest:
    return Manifest(
        name=name,
        version=version,
        task=task,  # type: ignore[arg-type]
        created="2026-01-01T00:00:00Z",
        signature=signature,
        verdict=Verdict(targets=(TargetVerdict(target="onnx", status="pass", tolerance=1e-12),)),
        source=Source(estimator="hand", format="memory"),
        versions={},
        files={},
    )


def _model(nodes: list, constants: list, inputs: dict, outputs: dict) -> bytes:  # type: ignore[type-arg]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info(name, *kind) for name, kind in inputs.items()],
        [helper.make_tensor_value_info(name, *kind) for name, kind in outputs.items()],
        constants,
    )
    opset = [helper.make_opsetid("", 19)]
    return helper.make_model(graph, opset_imports=opset, ir_version=9).SerializeToString()


def rehash(place: Path) -> None:
    """Make the manifest agree with the files, as one who forges a bundle would."""
    manifest = msgspec.json.decode((place / "manifest.json").read_bytes(), type=Manifest)
    files = {each.name: each.read_bytes() for each in place.iterdir()}
    del files["manifest.json"]
    whole = msgspec.structs.replace(manifest, files=entries(files))
    (place / "manifest.json").write_bytes(encode(whole))
