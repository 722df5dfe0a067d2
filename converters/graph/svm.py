"""Support vector machines: libsvm's decisions of class pairs, its votes and its probabilities.

onnxruntime's SVMClassifier and SVMRegressor compute in float32, so all is built from the kernel.
"""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, arg_max, classify, flat, regress
from converters.graph.fitted import dense
from converters.graph.kernel_choice import called_kernel
from converters.graph.kernels import columns_first
from converters.graph.sums import in_order
from converters.graph.svm_probabilities import coupled
from converters.graph.table import Table, constant


def svc(model: Any, table: Table) -> Answers:
    """SVC, NuSVC: votes of the pairs of classes (`svm_predict_values` in libsvm's svm.cpp)."""
    pairs = list(combinations(range(len(model.classes_)), 2))
    weights = _pair_weights(dense(model._dual_coef_), model._n_support, pairs)  # noqa: SLF001 - without the sign that dual_coef_ gives it
    decisions = _decisions(model, table, weights, model._intercept_)
    index, score = _voted(model, decisions, pairs)
    # Fitted without probability=True these are empty.
    known = len(model.probA_) > 0
    return classify(
        model.classes_,
        index,
        decision_function=score,
        predict_proba=coupled(model, decisions, pairs) if known else None,
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
        index = op.sub(constant(1, np.int64), _positive(flat(decisions)))
        return index, flat(flipped)
    sides = _sides(count, pairs)
    if model.decision_function_shape == "ovo":
        return _most_votes(decisions, sides), decisions
    # _ovr_decision_function: here, unlike in libsvm, a decision of 0 votes for the first class.
    negative = op.cast(op.less(decisions, constant(0.0)), to=np.float64)
    first = np.maximum(sides, 0.0)
    votes = op.sub(constant(first.sum(axis=0)), op.matmul(negative, constant(sides)))
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
    second = np.maximum(-sides, 0.0)
    return arg_max(op.add(op.matmul(over, constant(sides)), constant(second.sum(axis=0))))


def _positive(value: Var) -> Var:
    return op.cast(op.greater(value, constant(0.0)), to=np.int64)


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
    return _decisions(model, table, weights, model._intercept_)


def _decisions(model: Any, table: Table, weights: Array, intercept: Array) -> Var:
    """[rows, k]: sum of weights * K(row, support vector), plus the intercept.

    Large terms of both signs cancel, so they are rounded and added one after another, as libsvm
    does.
    """
    kernel = _kernel(model, table.matrix())
    by_vector = op.transpose(kernel, perm=[1, 0])
    if weights.shape[1] == 1:
        # Beside a term of weight 0, so that more than one number is left to each sum.
        padded = np.pad(weights, ((0, 0), (0, 1)))[:, :, None]
        terms = op.mul(op.unsqueeze(by_vector, constant([1], np.int64)), constant(padded))
        first = op.gather(in_order(terms), constant([0], np.int64), axis=0)
        total = op.reshape(first, constant([-1, 1], np.int64))
    else:
        by_row = op.unsqueeze(by_vector, constant([2], np.int64))
        total = in_order(op.mul(by_row, constant(weights[:, None, :])))
    return op.add(total, constant(np.asarray(intercept)))


IN_ORDER = 16
"""Products of fewer columns are summed in order by OpenBLAS's ddot, which libsvm calls."""


def _kernel(model: Any, rows: Var) -> Var:
    """[rows, support vectors]: Kernel::k_function of svm.cpp."""
    if callable(model.kernel):
        fitted = dense(model._BaseLibSVM__Xfit)  # noqa: SLF001 - a callable's rows have no public name
        return called_kernel(model.kernel, rows, fitted[model.support_])
    if model.kernel == "precomputed":
        return op.gather(rows, constant(model.support_, np.int64), axis=1)
    vectors = dense(model.support_vectors_)
    gamma = float(model._gamma)  # noqa: SLF001 - what "scale" and "auto" mean
    if model.kernel == "rbf":
        off = op.sub(*columns_first(rows, vectors))
        return op.exp(op.mul(constant(-gamma), in_order(op.mul(off, off))))
    product = _product(rows, vectors)
    if model.kernel == "linear":
        return product
    shifted = op.add(op.mul(product, constant(gamma)), constant(float(model.coef0)))
    return op.tanh(shifted) if model.kernel == "sigmoid" else _powi(shifted, int(model.degree))


def _product(rows: Var, vectors: Array) -> Var:
    if vectors.shape[1] < IN_ORDER:
        return in_order(op.mul(*columns_first(rows, vectors)))
    return op.matmul(rows, constant(vectors.T))


def _powi(value: Var, degree: int) -> Var:
    """By repeated squaring, as libsvm's powi."""
    found = None
    while degree > 0:
        if degree % 2:
            found = value if found is None else op.mul(found, value)
        value, degree = op.mul(value, value), degree // 2
    return op.add(op.mul(value, constant(0.0)), constant(1.0)) if found is None else found
