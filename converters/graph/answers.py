"""What a predictor's graph answers: named tensors, as the signature's outputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.table import constant

Answers = dict[str, Var]


def classify(classes: Any, index: Var, probabilities: Var | None) -> Answers:
    """The label at `index` [rows] of `classes`, and the probabilities [rows, k] where there are."""
    label = op.gather(labels(np.asarray(classes)), index, axis=0)
    return {"label": label} | ({} if probabilities is None else {"probabilities": probabilities})


def labels(classes: Array) -> Var:
    """The classes as a tensor of the label's datatype."""
    kind = {"b": np.bool_, "i": np.int64, "u": np.int64, "f": np.float64}
    return constant(classes, kind.get(classes.dtype.kind, np.str_))
