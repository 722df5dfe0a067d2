"""Estimators of two classes, or of one number, asked about the same rows side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph import stacked
from converters.graph.linear import expit
from converters.graph.responses import asked, binary_score, column, number, pick, side_by_side
from converters.graph.steps import answer
from converters.graph.table import Table, constant


@dataclass(frozen=True, kw_only=True, eq=False)
class Members:
    """What each says, [rows, estimators].

    `score`: how sure it is (`multiclass._predict_binary`); `predict`: its label or number;
    `second`: the probability of its second class; None where not all have the method.
    """

    score: Var
    predict: Var
    decision_function: Var | None
    second: Var | None


def members(estimators: Sequence[Any], table: Table) -> Members:
    """Linear models of one kind by one product, others one by one."""
    return _linear(estimators, table) or _apart(estimators, table)


def _linear(estimators: Sequence[Any], table: Table) -> Members | None:
    said = stacked.predictions(estimators, table)
    if said is not None:
        return Members(score=said, predict=said, decision_function=None, second=None)
    logistic = stacked.are_logistic(estimators)
    score = stacked.scores(estimators, table)
    if score is None or (_all_have(estimators, "predict_proba") and not logistic):
        return None
    return Members(
        score=score,
        predict=op.cast(op.greater(score, constant(0.0)), to=np.float64),
        decision_function=score,
        second=expit(score) if logistic else None,
    )


def _apart(estimators: Sequence[Any], table: Table) -> Members:
    found = [answer(each, table, where=f"estimators_[{i}]") for i, each in enumerate(estimators)]
    pairs = list(zip(estimators, found, strict=True))
    decision = second = None
    if _all_have(estimators, "decision_function"):
        decision = side_by_side([column(asked(each, "decision_function")) for each in found])
    if _all_have(estimators, "predict_proba"):
        second = side_by_side([pick(asked(each, "predict_proba"), [1]) for each in found])
    return Members(
        score=side_by_side([binary_score(estimator, each) for estimator, each in pairs]),
        predict=side_by_side([column(number(asked(each, "predict"))) for each in found]),
        decision_function=decision,
        second=second,
    )


def _all_have(estimators: Sequence[Any], method: str) -> bool:
    """A constant predictor has every method, so the first one does not speak for the others."""
    return all(hasattr(each, method) for each in estimators)
