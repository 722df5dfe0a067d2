"""Outliers by their distance from a robust centre."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op

from converters.graph.answers import Answers
from converters.graph.table import Table, constant


def elliptic_envelope(model: Any, table: Table) -> Answers:
    """EllipticEnvelope: 1 where the squared Mahalanobis distance is at most -offset, else -1."""
    off = op.sub(table.matrix(), constant(model.location_))
    product = op.matmul(off, constant(model.get_precision().T))
    squares = op.reduce_sum(op.mul(off, product), constant([1], np.int64), keepdims=0)
    distance = op.sqrt(squares)  # the original squares the root that scipy takes
    score = op.neg(op.mul(distance, distance))
    decision = op.sub(score, constant(float(model.offset_)))
    inlier = op.greater_or_equal(decision, constant(0.0))
    return Answers(
        predict=op.where(inlier, constant(1, np.int64), constant(-1, np.int64)),
        decision_function=decision,
        score_samples=score,
    )
