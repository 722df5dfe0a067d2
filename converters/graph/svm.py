"""Support vector machines: libsvm's decisions of class pairs, its votes and its probabilities."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, arg_max, classify, flat, regress
from converters.graph.fitted import dense
from converters.graph.linear import affine
from converters.graph.svm_decisions import decisions
from converters.graph.svm_probabilities import coupled
from converters.graph.table import Table, constant


def svc(model: Any, table: Table) -> Answers:
    """SVC, NuSVC: votes of the pairs of classes (`svm_predict_values` in libsvm's svm.cpp)."""
    pairs = list(combinations(range(len(model.classes_)), 2))
    weights = _pair_weights(dense(model._dual_coef_), model._n_support, pairs)  # noqa: SLF001 - without the sign that dual_coef_ gives it
    decided = decisions(model, table.matrix(), weights, model._intercept_)
    index, score = _voted(model, decided, pairs)
    # Fitted without probability=True these are empty.
    known = len(model.probA_) > 0
    return classify(
        model.classes_,
        index,
        decision_function=score,
        predict_proba=coupled(model, decided, pairs) if known else None,
    )


def _pair_weights(dual: Array, counts: Array, pairs: list[tuple[int, int]]) -> Array:
    """[support vectors, pairs]: for classes i < j, the vectors of both weigh, others do not.

    A class's vectors hold their coefficient against each other class, in order, in a row of `dual`.
    """
    first = np.concatenate([[0], np.cumsum(counts)])
    weights = np.zeros((dual.shape[1], len(pairs)))
    for column, (i, j) in enumerate(pairs):
        weights[first[i] : first[i + 1], column] = dual[j - 1, first[i] : first[i + 1]]
        weights[first[j] : first[j + 1], column] = dual[i, first[j] : first[j + 1]]
    return weights


def _voted(model: Any, decisions: Var, pairs: list[tuple[int, int]]) -> tuple[Var, Var]:
    """The label's place, and what decision_function answers."""
    count = len(model.classes_)
    if count == 2:
        flipped = op.neg(decisions)
        # libsvm: a decision over 0 votes for the first class, else for the second.
        first = op.greater(flat(decisions), constant(0.0))
        return op.where(first, constant(0, np.int64), constant(1, np.int64)), flat(flipped)
    sides = _sides(count, pairs)
    if model.decision_function_shape == "ovo":
        return _most_votes(decisions, sides), decisions
    # _ovr_decision_function: here, unlike in libsvm, a decision of 0 votes for the first class.
    negative = op.cast(op.less(decisions, constant(0.0)), to=np.float64)
    first = np.maximum(sides, 0.0)
    votes = affine(negative, -sides, first.sum(axis=0))
    confidence = op.matmul(decisions, constant(sides))
    bounded = op.mul(constant(3.0), op.add(op.abs(confidence), constant(1.0)))
    score = op.add(votes, op.div(confidence, bounded))
    return (arg_max(score) if model.break_ties else _most_votes(decisions, sides)), score


def _sides(count: int, pairs: list[tuple[int, int]]) -> Array:
    """[pairs, classes]: 1 for the first class of a pair, -1 for the second."""
    sides = np.zeros((len(pairs), count))
    for row, (i, j) in enumerate(pairs):
        sides[row, i], sides[row, j] = 1.0, -1.0
    return sides


def _most_votes(decisions: Var, sides: Array) -> Var:
    """Votes for the first of a pair where its decision is over 0, else for the second."""
    over = op.cast(op.greater(decisions, constant(0.0)), to=np.float64)
    return arg_max(affine(over, sides, np.maximum(-sides, 0.0).sum(axis=0)))


def svr(model: Any, table: Table) -> Answers:
    """SVR, NuSVR: the weighted kernel plus the intercept."""
    return regress(_one_decision(model, table))


def one_class_svm(model: Any, table: Table) -> Answers:
    """OneClassSVM: 1 where the decision is over 0, else -1."""
    decision = flat(_one_decision(model, table))
    inlier = op.greater(decision, constant(0.0))
    offset = constant(np.asarray(model.offset_).reshape(-1))
    return Answers(
        predict=op.where(inlier, constant(1, np.int64), constant(-1, np.int64)),
        decision_function=decision,
        score_samples=op.add(decision, offset),
    )


def _one_decision(model: Any, table: Table) -> Var:
    weights = dense(model._dual_coef_).T
    return decisions(model, table.matrix(), weights, model._intercept_)
