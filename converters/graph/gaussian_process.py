"""Gaussian processes: the mean of the regressor, Laplace's approximation of the classifier."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from scipy.linalg import solve_triangular
from sklearn.gaussian_process import _gpc
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, above, arg_max, both, classify, regress
from converters.graph.erf import erf
from converters.graph.gaussian_kernels import covariance, variance
from converters.graph.table import Table, constant


def gaussian_process_regressor(model: Any, table: Table) -> Answers:
    """GaussianProcessRegressor.predict: std * (K @ alpha) + mean, one target or several."""
    alpha = np.asarray(model.alpha_, dtype=np.float64)
    weights = alpha.reshape(len(alpha), -1)
    kernel = covariance(model.kernel_, table.matrix(), np.asarray(model.X_train_, dtype=np.float64))
    std, mean = np.atleast_1d(model._y_train_std), np.atleast_1d(model._y_train_mean)  # noqa: SLF001 - no public name holds them
    value = op.matmul(kernel, constant(weights))
    value = op.add(op.mul(constant(std), value), constant(mean))
    return regress(value) if weights.shape[1] == 1 else Answers(predict=value)


def gaussian_process_classifier(model: Any, table: Table) -> Answers:
    """GaussianProcessClassifier: one process for two classes, else one per class or per pair."""
    if model.n_classes_ == 2:
        mean, positive = _binary(model.base_estimator_, table)
        return classify(model.classes_, above(mean), predict_proba=both(positive))
    answers = [_binary(each, table) for each in model.base_estimator_.estimators_]
    positive = op.concat([each for _, each in answers], axis=1)
    if model.multi_class == "one_vs_one":
        means = op.concat([mean for mean, _ in answers], axis=1)
        return classify(model.classes_, _of_pairs(means, positive, model.n_classes_))
    return _one_vs_rest(model, positive)


def _one_vs_rest(model: Any, positive: Var) -> Answers:
    """OneVsRestClassifier: the largest, normed to a sum of 1."""
    total = op.reduce_sum(positive, constant([1], np.int64), keepdims=1)
    probabilities = op.div(positive, op.where(op.equal(total, constant(0.0)), constant(1.0), total))
    return classify(model.classes_, arg_max(positive), predict_proba=probabilities)


def _of_pairs(means: Var, positive: Var, count: int) -> Var:
    """OneVsOneClassifier: votes, and between equal votes the sum of confidences."""
    sides = np.zeros((count * (count - 1) // 2, count))
    for row, (i, j) in enumerate(combinations(range(count), 2)):
        sides[row, i], sides[row, j] = -1.0, 1.0
    second = op.cast(op.greater(means, constant(0.0)), to=np.float64)
    first_votes = np.maximum(-sides, 0.0).sum(axis=0)
    votes = op.add(op.matmul(second, constant(sides)), constant(first_votes))
    confidence = op.matmul(positive, constant(sides))
    bounded = op.mul(constant(3.0), op.add(op.abs(confidence), constant(1.0)))
    return arg_max(op.add(votes, op.div(confidence, bounded)))


def _binary(model: Any, table: Table) -> tuple[Var, Var]:
    """[rows, 1] each: the latent mean, and the probability of the second class."""
    rows = table.matrix()
    kernel = covariance(model.kernel_, rows, np.asarray(model.X_train_, dtype=np.float64))
    mean = op.matmul(kernel, constant((model.y_train_ - model.pi_)[:, None]))
    root = solve_triangular(model.L_, np.diag(model.W_sr_), lower=True)
    v = op.matmul(kernel, constant(root.T))
    explained = op.reduce_sum(op.mul(v, v), constant([1], np.int64), keepdims=1)
    own = op.unsqueeze(variance(model.kernel_, rows, table.width), constant([1], np.int64))
    return mean, _averaged(mean, op.sub(own, explained))


def _averaged(mean: Var, spread: Var) -> Var:
    """The logistic function averaged over a normal latent value: [rows, 1].

    scikit-learn: half the sum of c[i] * (1 + erf(mean * s[i])), s[i] = l[i] / sqrt(1 + 2 spread
    l[i]**2), whose c of some thousands cancel, so the original is off by 1e-12. Here one erf and
    the differences from it, each an integral of exp(-t**2) by Gauss: their rounding is small.
    """
    lambdas, coefficients = _gpc.LAMBDAS.ravel(), _gpc.COEFS.ravel()  # arrays [5, 1]
    centre = np.median(lambdas)
    own = _growth(spread, np.array([centre]))
    growth = _growth(spread, lambdas)
    near = op.div(constant(np.array([centre])), op.sqrt(own))
    slopes = op.div(constant(lambdas), op.sqrt(growth))
    gap = constant((lambdas - centre) * (lambdas + centre))
    apart = op.div(op.div(gap, op.mul(growth, own)), op.add(slopes, near))
    start, width = op.mul(mean, near), op.mul(mean, apart)
    area = op.mul(_mean_of_gaussian(start, width), width)
    total = op.matmul(area, constant(coefficients[:, None] / np.sqrt(np.pi)))
    both = op.mul(constant(0.5 * coefficients.sum()), op.add(constant(1.0), erf(start)))
    # Where rounding makes the spread negative the original answers NaN.
    return op.where(op.greater(spread, constant(0.0)), op.add(both, total), constant(np.nan))


def _growth(spread: Var, lambdas: Array) -> Var:
    return op.add(constant(1.0), op.mul(constant(2.0 * lambdas**2), spread))


POINTS = 12
"""Of Gauss's rule: enough for the short way between two of the lambdas."""


def _mean_of_gaussian(start: Var, width: Var) -> Var:
    """The mean of exp(-t**2) from `start` [rows, 1] to `start + width` [rows, k]."""
    points, weights = np.polynomial.legendre.leggauss(POINTS)
    last = constant([-1], np.int64)
    way = op.mul(op.unsqueeze(width, last), constant((points + 1) / 2))
    place = op.add(op.unsqueeze(start, last), way)
    value = op.exp(op.neg(op.mul(place, place)))
    return op.reduce_sum(op.mul(value, constant(weights / 2)), last, keepdims=0)
