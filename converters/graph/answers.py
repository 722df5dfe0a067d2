"""What the methods of an estimator answer, as tensors of the graph."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.table import Table, constant


@dataclass(frozen=True, kw_only=True)
class Answers:
    """The answer of each method of scikit-learn's; None where the estimator has no such method.

    What no output needs is not built into the graph, so a converter gives all it knows.
    `predict`: [rows] or [rows, targets]; `predict_proba`: [rows, classes], one for each target of
    several; `decision_function`: [rows], or [rows, k]; `score_samples`: [rows]; `index`: the place
    of the label among the classes, int64 [rows], for meta-estimators.
    """

    predict: Var | None = None
    predict_proba: Var | tuple[Var, ...] | None = None
    decision_function: Var | None = None
    score_samples: Var | None = None
    transform: Table | None = None
    index: Var | None = None


def classify(
    classes: Any,
    index: Var,
    *,
    predict_proba: Var | None = None,
    decision_function: Var | None = None,
    transform: Table | None = None,
) -> Answers:
    """A classifier's answers, whose label is the one at `index` [rows] of `classes`."""
    known = np.asarray(classes)
    counted = known.dtype.kind in "iu" and np.array_equal(known, np.arange(len(known)))
    return Answers(
        predict=index if counted else op.gather(labels(known), index, axis=0),
        index=index,
        predict_proba=predict_proba,
        decision_function=decision_function,
        transform=transform,
    )


def regress(value: Var) -> Answers:
    """A regressor of one target: `value` is [rows] or [rows, 1]."""
    return Answers(predict=flat(value))


def flat(value: Var) -> Var:
    """[rows, 1] as [rows]."""
    return op.reshape(value, constant([-1], np.int64))


def both(positive: Var) -> Var:
    """[rows, 2]: the probabilities of two classes, from that of the second, [rows, 1]."""
    return op.concat([op.sub(constant(1.0), positive), positive], axis=1)


def above(score: Var, limit: float = 0.0) -> Var:
    """Int64 [rows]: 1 where the score of two classes, [rows, 1], is over the limit, else 0."""
    return op.cast(flat(op.greater(score, constant(limit))), to=np.int64)


def arg_max(scores: Var) -> Var:
    """Int64 [rows]: the place of the largest of [rows, k], the first where several are."""
    return op.arg_max(scores, axis=1, keepdims=0)


def labels(classes: Array) -> Var:
    """The classes as a tensor of the label's datatype."""
    kind = {"b": np.bool_, "i": np.int64, "u": np.int64, "f": np.float64}
    return constant(classes, kind.get(classes.dtype.kind, np.str_))
