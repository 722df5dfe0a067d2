"""Bundles without their proof, which takes longer than all that is measured with them."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from servers import CHECKOUT

sys.path.insert(0, str(CHECKOUT))

from bundle import golden
from bundle.manifest import Manifest, Source, TargetVerdict, Verdict
from bundle.writer import write_bundle
from converters.describe import describe
from converters.sklearn_to_onnx import sklearn_to_onnx


def write(place: Path, name: str, model: Any, sample: Any, like: Any = None) -> None:
    """A bundle of a fitted model in `place`, which `serve` takes; its verdict is made up.

    `like`: a smaller model of the same signature, to be described instead of it.
    """
    original, rows, task = describe(model if like is None else like, sample)
    original = replace(original, model=model)
    few = {block: values[:8] for block, values in rows.items()}
    manifest = Manifest(
        name=name,
        version=1,
        task=task,
        created="2026-01-01T00:00:00Z",
        signature=original.signature,
        verdict=Verdict(targets=(TargetVerdict(target="onnx", status="pass", tolerance=1e-9),)),
        source=Source(estimator=type(model).__name__, format="memory"),
        versions={},
        files={},
    )
    files = {
        "model.onnx": sklearn_to_onnx(model, original.signature, name=name),
        "golden.json": golden.encode(original.signature, few, original(few)),
        "parity.json": b"{}",
    }
    write_bundle(place, manifest, files)
