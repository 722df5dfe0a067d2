"""A manifest and files that together are a bundle; the graph is a stand-in, never run here."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bundle.manifest import Manifest, Source, TargetVerdict, Tried, Verdict
from bundle.reader import Bundle
from bundle.signature import Block, Column, Output, Signature
from bundle.writer import write_bundle

FILES = {"model.onnx": b"graph", "golden.json": b"{}", "parity.json": b"{}"}


@pytest.fixture
def signature() -> Signature:
    return Signature(
        columns=(
            Column(name="age", kind="number", dtype="float64", nullable=True),
            Column(name="member", kind="number", dtype="bool"),
            Column(name="city", kind="text", dtype="str", nullable=True),
        ),
        inputs=(
            Block(name="numbers", datatype="FP64", columns=("age", "member")),
            Block(name="text", datatype="BYTES", columns=("city",)),
        ),
        outputs=(
            Output(name="label", datatype="BYTES", names=("no", "yes")),
            Output(name="probabilities", datatype="FP64", width=2, names=("no", "yes")),
        ),
    )


@pytest.fixture
def manifest(signature: Signature) -> Manifest:
    tried = Tried(kind="sample", rows=3)
    onnx = TargetVerdict(target="onnx", status="pass", tolerance=1e-12, tried=(tried,))
    return Manifest(
        name="churn",
        version=1,
        task="classification",
        created="2026-01-01T00:00:00Z",
        signature=signature,
        verdict=Verdict(targets=(onnx,)),
        source=Source(estimator="LogisticRegression", format="memory"),
        versions={"scikit-learn": "1.9"},
        files={},
    )


@pytest.fixture
def write(tmp_path: Path, manifest: Manifest) -> Callable[[], Bundle]:
    return lambda: write_bundle(tmp_path, manifest, FILES)
