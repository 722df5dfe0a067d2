"""Kernels between the rows and rows kept from training (`sklearn.metrics.pairwise`).

Each answers [rows, n] for n kept rows, in the order of operations of scikit-learn's own function.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from sklearn.utils.extmath import row_norms
from spox import Var

from bundle.arrays import Array
from converters.graph.sums import in_order
from converters.graph.table import constant

Parameters = Mapping[str, Any]


def columns_first(rows: Var, kept: Array) -> tuple[Var, Var]:
    """[columns, rows, 1] and [columns, 1, n]: what is summed over columns is summed in order.

    onnxruntime adds up the first axis one column after another, as `scipy.spatial.distance` does.
    """
    left = op.unsqueeze(op.transpose(rows, perm=[1, 0]), constant([2], np.int64))
    return left, constant(kept.T[:, None, :])


def _linear(rows: Var, kept: Array, _: Parameters) -> Var:
    return op.matmul(rows, constant(kept.T))


def _polynomial(rows: Var, kept: Array, parameters: Parameters) -> Var:
    return _power(_scaled(rows, kept, parameters), parameters)


def _sigmoid(rows: Var, kept: Array, parameters: Parameters) -> Var:
    return op.tanh(_shifted(_scaled(rows, kept, parameters), parameters))


def _scaled(rows: Var, kept: Array, parameters: Parameters) -> Var:
    """Gamma * <x, y>."""
    gamma = constant(_gamma(kept.shape[1], parameters))
    return op.mul(op.matmul(rows, constant(kept.T)), gamma)


def _power(scaled: Var, parameters: Parameters) -> Var:
    """(scaled + coef0) ** degree."""
    degree = constant(float(parameters.get("degree", 3)))
    return op.pow(_shifted(scaled, parameters), degree)


def _shifted(scaled: Var, parameters: Parameters) -> Var:
    return op.add(scaled, constant(float(parameters.get("coef0", 1))))


def _rbf(rows: Var, kept: Array, parameters: Parameters) -> Var:
    return op.exp(
        op.mul(squared_euclidean(rows, kept), constant(-_gamma(kept.shape[1], parameters)))
    )


def _gamma(width: int, parameters: Parameters) -> float:
    gamma = parameters.get("gamma")
    return 1.0 / width if gamma is None else float(gamma)


def squared_euclidean(rows: Var, kept: Array) -> Var:
    """Euclidean_distances(squared=True): -2 x.y + x.x + y.y, not below 0.

    Doubling is exact, so -2 may go into the constant.
    """
    product = op.matmul(rows, constant(-2.0 * kept.T))
    own = op.reduce_sum(op.mul(rows, rows), constant([1], np.int64), keepdims=1)
    expanded = op.add(op.add(product, own), constant(row_norms(kept, squared=True)[None, :]))
    return op.max([expanded, constant(0.0)])


def _laplacian(rows: Var, kept: Array, parameters: Parameters) -> Var:
    distance = in_order(op.abs(op.sub(*columns_first(rows, kept))))
    return op.exp(op.mul(constant(-_gamma(kept.shape[1], parameters)), distance))


def _cosine(rows: Var, kept: Array, _: Parameters) -> Var:
    known = row_norms(kept)
    known = np.where(known < ALMOST_ZERO, 1.0, known)
    return op.matmul(_normalized(rows), constant((kept / known[:, None]).T))


ALMOST_ZERO = 10 * np.finfo(np.float64).eps
"""A row whose norm is below it is left as it is by `normalize`."""


def _normalized(rows: Var) -> Var:
    norm = op.sqrt(op.unsqueeze(_squares(rows), constant([1], np.int64)))
    return op.div(rows, op.where(op.less(norm, constant(ALMOST_ZERO)), constant(1.0), norm))


def _squares(rows: Var) -> Var:
    return op.reduce_sum(op.mul(rows, rows), constant([1], np.int64), keepdims=0)


def _additive_chi2(rows: Var, kept: Array, _: Parameters) -> Var:
    left, right = columns_first(rows, kept)
    off, total = op.sub(left, right), op.add(left, right)
    quotient = op.div(op.mul(off, off), total)
    # 0 + 0: the column adds nothing.
    term = op.where(op.equal(total, constant(0.0)), constant(0.0), quotient)
    return op.neg(in_order(term))


def _chi2(rows: Var, kept: Array, parameters: Parameters) -> Var:
    gamma = constant(float(parameters.get("gamma", 1.0)))
    return op.exp(op.mul(_additive_chi2(rows, kept, {}), gamma))


KERNELS: dict[str, Callable[[Var, Array, Parameters], Var]] = {
    "additive_chi2": _additive_chi2,
    "chi2": _chi2,
    "cosine": _cosine,
    "laplacian": _laplacian,
    "linear": _linear,
    "poly": _polynomial,
    "polynomial": _polynomial,
    "rbf": _rbf,
    "sigmoid": _sigmoid,
}
"""(rows, kept rows, parameters) -> [rows, n]: scikit-learn's PAIRWISE_KERNEL_FUNCTIONS."""


def with_itself(metric: str, rows: Var, width: int, parameters: Parameters) -> Var:
    """[rows], or what broadcasts to it: the kernel of each row with itself."""
    if metric in ("rbf", "laplacian", "chi2"):
        return constant([1.0])
    if metric == "additive_chi2":
        return constant([0.0])
    if metric == "cosine":
        return _squares(_normalized(rows))
    product = _squares(rows)
    if metric == "linear":
        return product
    scaled = op.mul(product, constant(_gamma(width, parameters)))
    if metric == "sigmoid":
        return op.tanh(_shifted(scaled, parameters))
    return _power(scaled, parameters)
