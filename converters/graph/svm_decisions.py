"""The decisions of support vector machines: weighted sums of kernels.

onnxruntime's SVMClassifier and SVMRegressor compute in float32, so all is built from the kernel.
Where matrix products are known to round to the same answer they are taken (`kernel_rounding.py`);
else differences, kernels and their sum follow libsvm's order.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.fitted import dense
from converters.graph.kernel_choice import called_kernel
from converters.graph.kernel_rounding import Expanded, expanded
from converters.graph.linear import affine
from converters.graph.sums import in_order
from converters.graph.table import constant


def decisions(model: Any, rows: Var, weights: Array, intercept: Array) -> Var:
    """[rows, k]: sum of weights [n, k] * K(row, support vector), plus the intercept."""
    if model.kernel == "rbf":
        way = expanded(dense(model.support_vectors_), _gamma(model), weights, intercept)
        if way is not None:
            return _expanded(rows, way, weights, intercept)
    return _summed(_kernel(model, rows), weights, intercept)


def _gamma(model: Any) -> float:
    return float(model._gamma)  # noqa: SLF001 - what "scale" and "auto" mean


UNDERFLOWN = 1e6
"""An exponent whose exp is 0 by far."""


def _expanded(rows: Var, way: Expanded, weights: Array, intercept: Array) -> Var:
    """From exp(gamma * (2 x.s - |x|**2)), which exp(-gamma * |s|**2) in the weights completes."""
    vectors, gamma = way.vectors, way.gamma
    if way.centre is not None:
        rows = op.sub(rows, constant(way.centre))
    # Farther rows are as good as infinitely far, and their squares might overflow.
    far = float(np.sqrt(UNDERFLOWN / gamma) + 2 * np.abs(vectors).max())
    rows = op.clip(rows, constant(-far), constant(far))
    weights = weights * np.exp(-gamma * np.sum(vectors**2, axis=1))[:, None]
    squares = op.reduce_sum_square(rows, constant([1], np.int64), keepdims=int(not way.in_order))
    squares = op.mul(squares, constant([-gamma]))
    if way.in_order:
        product = op.gemm(constant(2 * gamma * vectors), rows, squares, transB=1)
        return _summed(op.exp(product), weights, intercept)
    product = op.gemm(rows, constant(2 * gamma * vectors.T), squares)
    return affine(op.exp(product), weights, intercept)


def _summed(kernel: Var, weights: Array, intercept: Array) -> Var:
    """The same of a kernel [n, rows]; the terms are rounded and added one after another."""
    one = weights.shape[1] == 1
    # Beside a term of weight 0, so that more than one number is left to each sum.
    weights = np.pad(weights, ((0, 0), (0, 1))) if one else weights
    terms = op.mul(op.unsqueeze(kernel, constant([1], np.int64)), constant(weights[:, :, None]))
    total = op.add(in_order(terms), constant(np.resize(intercept, (weights.shape[1], 1))))
    if one:
        total = op.gather(total, constant(0, np.int64), axis=0)
        return op.reshape(total, constant([-1, 1], np.int64))
    # onnxruntime moves one Transpose to another, and the sums between to axes without this order.
    return op.einsum([total], equation="ij->ji")


IN_ORDER = 16
"""Products of fewer columns are summed in order by OpenBLAS's ddot, which libsvm calls."""


def _kernel(model: Any, rows: Var) -> Var:
    """[support vectors, rows]: Kernel::k_function of svm.cpp."""
    if callable(model.kernel):
        fitted = dense(model._BaseLibSVM__Xfit)  # noqa: SLF001 - a callable's rows have no public name
        return _transposed(called_kernel(model.kernel, rows, fitted[model.support_]))
    if model.kernel == "precomputed":
        return _transposed(op.gather(rows, constant(model.support_, np.int64), axis=1))
    vectors = dense(model.support_vectors_)
    if model.kernel == "rbf":
        off = op.sub(*_by_feature(rows, vectors))
        return op.exp(op.mul(constant(-_gamma(model)), in_order(op.mul(off, off))))
    product = _product(rows, vectors)
    if model.kernel == "linear":
        return product
    shifted = op.add(op.mul(product, constant(_gamma(model))), constant(float(model.coef0)))
    return op.tanh(shifted) if model.kernel == "sigmoid" else _powi(shifted, int(model.degree))


def _transposed(matrix: Var) -> Var:
    return op.transpose(matrix, perm=[1, 0])


def _by_feature(rows: Var, vectors: Array) -> tuple[Var, Var]:
    """[features, 1, rows] and [features, n, 1]: the sum over features takes them in order."""
    return (
        op.unsqueeze(_transposed(rows), constant([1], np.int64)),
        constant(vectors.T[:, :, None]),
    )


def _product(rows: Var, vectors: Array) -> Var:
    if vectors.shape[1] < IN_ORDER:
        return in_order(op.mul(*_by_feature(rows, vectors)))
    return op.gemm(constant(vectors), rows, transB=1)


def _powi(value: Var, degree: int) -> Var:
    """By repeated squaring, as libsvm's powi."""
    found = None
    while degree > 0:
        if degree % 2:
            found = value if found is None else op.mul(found, value)
        value, degree = op.mul(value, value), degree // 2
    return op.add(op.mul(value, constant(0.0)), constant(1.0)) if found is None else found
