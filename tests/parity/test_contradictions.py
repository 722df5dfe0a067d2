"""A row that the original answers otherwise in another batch is a tie; no other is."""

from __future__ import annotations

import numpy as np

from bundle.arrays import Arrays
from bundle.signature import Block, Column, Output, Signature
from parity.probes import Probe
from parity.proof import ask_original, prove

SIGNATURE = Signature(
    columns=(Column(name="x", kind="number", dtype="float64"),),
    inputs=(Block(name="X", datatype="FP64", columns=("x",)),),
    outputs=(Output(name="prediction", datatype="FP64"),),
)
ROWS = {"X": np.arange(200.0)[:, None]}
SCALES = {"prediction": np.ones(1)}


def original(rows: Arrays) -> Arrays:
    """Answers 7 with 8 where it is alone, with 7 beside others."""
    x = rows["X"][:, 0]
    return {"prediction": np.where((x == 7) & (len(x) == 1), 8.0, x)}


def test_what_the_original_says_too_is_a_tie() -> None:
    def target(rows: Arrays) -> Arrays:
        x = rows["X"][:, 0]
        return {"prediction": np.where(x == 7, 8.0, x)}

    answered = ask_original(original, [Probe(kind="sample", rows=ROWS)])
    verdict = prove(SIGNATURE, "onnx", target, answered, SCALES).verdict
    assert verdict.status == "pass"
    assert verdict.tried[0].ties == 1


def test_what_the_original_never_says_is_a_difference() -> None:
    def target(rows: Arrays) -> Arrays:
        x = rows["X"][:, 0]
        return {"prediction": np.where(x == 7, 9.0, x)}

    answered = ask_original(original, [Probe(kind="sample", rows=ROWS)])
    assert prove(SIGNATURE, "onnx", target, answered, SCALES).verdict.status == "fail"


def test_an_original_that_depends_on_its_batch_is_no_tie() -> None:
    def mean(rows: Arrays) -> Arrays:
        x = rows["X"][:, 0]
        return {"prediction": x - x.mean() if len(x) else x}

    def target(rows: Arrays) -> Arrays:
        return {"prediction": rows["X"][:, 0] * 0.0}

    answered = ask_original(mean, [Probe(kind="sample", rows=ROWS)])
    assert prove(SIGNATURE, "onnx", target, answered, SCALES).verdict.status == "fail"
