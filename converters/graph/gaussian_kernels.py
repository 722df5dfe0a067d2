"""Kernels of Gaussian processes (`sklearn.gaussian_process.kernels`): k(X, Y), and its diagonal."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from scipy.special import gamma
from spox import Var

from bundle.arrays import Array
from converters.graph.kernels import KERNELS, columns_first, with_itself
from converters.graph.sums import in_order
from converters.graph.table import constant


def covariance(kernel: Any, rows: Var, kept: Array) -> Var:
    """[rows, n]: `kernel(rows, kept)`."""
    found = _covariance(kernel, rows, kept)
    if found.unwrap_tensor().shape != ():
        return found
    count = op.shape(rows, start=0, end=1)
    return op.expand(found, op.concat([count, constant([len(kept)], np.int64)], axis=0))


def _covariance(kernel: Any, rows: Var, kept: Array) -> Var:
    """[rows, n], or a scalar for a kernel that is the same everywhere."""
    found: Var = _found(COVARIANCES, kernel)(kernel, rows, kept)
    return found


def variance(kernel: Any, rows: Var, width: int) -> Var:
    """[rows], or what broadcasts to it: `kernel.diag(rows)`."""
    return _found(VARIANCES, kernel)(kernel, rows, width)


def _found(table: dict[str, Any], kernel: Any) -> Any:
    name = type(kernel).__name__
    if type(kernel).__module__ != "sklearn.gaussian_process.kernels" or name not in table:
        raise NotImplementedError(f"kernel={name}, which is code of its own")
    return table[name]


def _sum(kernel: Any, rows: Var, kept: Array) -> Var:
    parts = [each for each in (kernel.k1, kernel.k2) if type(each).__name__ != "WhiteKernel"]
    if not parts:
        return constant(0.0)
    found = [_covariance(each, rows, kept) for each in parts]
    return op.add(*found) if len(found) > 1 else found[0]


def _product(kernel: Any, rows: Var, kept: Array) -> Var:
    return op.mul(_covariance(kernel.k1, rows, kept), _covariance(kernel.k2, rows, kept))


def _exponentiation(kernel: Any, rows: Var, kept: Array) -> Var:
    return op.pow(_covariance(kernel.kernel, rows, kept), constant(float(kernel.exponent)))


def _constant(kernel: Any, *_: Any) -> Var:
    return constant(float(kernel.constant_value))


def _white(*_: Any) -> Var:
    return constant(0.0)  # noise belongs to a row of training, never to a new one


def _rbf(kernel: Any, rows: Var, kept: Array) -> Var:
    return op.exp(op.mul(constant(-0.5), _squared_distance(rows, kept, kernel.length_scale)))


def _squared_distance(rows: Var, kept: Array, scale: Any = None) -> Var:
    """cdist(X / scale, Y / scale, "sqeuclidean"): the differences themselves, squared."""
    if scale is not None:
        scale = np.squeeze(np.asarray(scale, dtype=np.float64))
        rows, kept = op.div(rows, constant(scale)), kept / scale
    off = op.sub(*columns_first(rows, kept))
    return in_order(op.mul(off, off))


def _matern(kernel: Any, rows: Var, kept: Array) -> Var:
    distance = op.sqrt(_squared_distance(rows, kept, kernel.length_scale))
    if kernel.nu == 0.5:
        return op.exp(op.neg(distance))
    if kernel.nu == 1.5:
        scaled = op.mul(distance, constant(math.sqrt(3)))
        return op.mul(op.add(constant(1.0), scaled), op.exp(op.neg(scaled)))
    if kernel.nu == 2.5:
        scaled = op.mul(distance, constant(math.sqrt(5)))
        third = op.div(op.mul(scaled, scaled), constant(3.0))
        factor = op.add(op.add(constant(1.0), scaled), third)
        return op.mul(factor, op.exp(op.neg(scaled)))
    if kernel.nu == np.inf:
        return op.exp(op.div(op.neg(op.mul(distance, distance)), constant(2.0)))
    return _matern_of_any_order(float(kernel.nu), distance)


STEP = 0.125
"""Of the trapezoid rule, whose error falls as exp(-c / STEP): below 1e-16 here."""


def _matern_of_any_order(nu: float, distance: Var) -> Var:
    """2**(1 - nu) / gamma(nu) * x**nu * K_nu(x), x = sqrt(2 nu) * distance.

    K_nu(x) is half the integral over all t of exp(nu t - x cosh t) (DLMF 10.32.9). With
    s = t + log x, x**nu K_nu(x) is half that of exp(nu s - exp(s) / 2 - x**2 exp(-s) / 2): over
    one grid of s for every x, a sum of Gaussians in x, all positive.
    """
    eps = np.finfo(np.float64).eps
    safe = op.where(op.equal(distance, constant(0.0)), constant(eps), distance)
    x = op.mul(constant(math.sqrt(2 * nu)), safe)
    grid = np.arange(-40.0 / min(nu, 1.0) - 10.0, 7.5, STEP)
    weight = 2 ** (1 - nu) / gamma(nu) * STEP / 2 * np.exp(nu * grid - np.exp(grid) / 2)
    kept = (weight > 1e-18 * weight.max()) | (grid > 0)
    exponent, weight = -np.exp(-grid[kept]) / 2, weight[kept]
    return _sum_of_gaussians(op.mul(x, x), exponent, weight)


TERMS = 32
"""Of the sum, taken at once: [rows, n, all terms] would be large."""


def _sum_of_gaussians(square: Var, exponent: Array, weight: Array) -> Var:
    """[rows, n]: the sum of weight[j] * exp(exponent[j] * square)."""
    missing = (0, -len(weight) % TERMS)  # padded by terms of weight 0
    exponents = constant(np.pad(exponent, missing).reshape(-1, 1, TERMS))
    weights = constant(np.pad(weight, missing).reshape(-1, TERMS, 1))
    each = op.unsqueeze(square, constant([-1], np.int64))

    def body(j: Var, _: Var, total: Var) -> list[Var]:
        terms = op.exp(op.mul(op.gather(exponents, j), each))
        return [constant(True, np.bool_), op.add(total, op.matmul(terms, op.gather(weights, j)))]  # noqa: FBT003

    turns = constant(-(-len(weight) // TERMS), np.int64)
    (total,) = op.loop(turns, v_initial=[op.mul(each, constant(0.0))], body=body)
    return op.reshape(total, op.shape(square))


def _rational_quadratic(kernel: Any, rows: Var, kept: Array) -> Var:
    divisor = constant(2 * kernel.alpha * kernel.length_scale**2)
    quotient = op.div(_squared_distance(rows, kept), divisor)
    return op.pow(op.add(constant(1.0), quotient), constant(-float(kernel.alpha)))


def _exp_sine_squared(kernel: Any, rows: Var, kept: Array) -> Var:
    distance = op.sqrt(_squared_distance(rows, kept))
    sine = op.sin(op.mul(constant(np.pi / kernel.periodicity), distance))
    ratio = op.div(sine, constant(float(kernel.length_scale)))
    return op.exp(op.mul(constant(-2.0), op.mul(ratio, ratio)))


def _dot_product(kernel: Any, rows: Var, kept: Array) -> Var:
    return op.add(op.matmul(rows, constant(kept.T)), constant(kernel.sigma_0**2))


def _pairwise(kernel: Any, rows: Var, kept: Array) -> Var:
    return KERNELS[_metric(kernel)](rows, kept, _pairwise_parameters(kernel))


def _metric(kernel: Any) -> str:
    if not isinstance(kernel.metric, str) or kernel.metric not in KERNELS:
        raise NotImplementedError(f"PairwiseKernel(metric={kernel.metric!r})")
    return kernel.metric


def _pairwise_parameters(kernel: Any) -> dict[str, Any]:
    return {"gamma": kernel.gamma} | (kernel.pairwise_kernels_kwargs or {})


def _pairwise_diagonal(kernel: Any, rows: Var, width: int) -> Var:
    return with_itself(_metric(kernel), rows, width, _pairwise_parameters(kernel))


COVARIANCES: dict[str, Callable[[Any, Var, Array], Var]] = {
    "ConstantKernel": _constant,
    "DotProduct": _dot_product,
    "ExpSineSquared": _exp_sine_squared,
    "Exponentiation": _exponentiation,
    "Matern": _matern,
    "PairwiseKernel": _pairwise,
    "Product": _product,
    "RBF": _rbf,
    "RationalQuadratic": _rational_quadratic,
    "Sum": _sum,
    "WhiteKernel": _white,
}


def _constant_diagonal(kernel: Any, *_: Any) -> Var:
    return constant([float(kernel.constant_value)])


def _white_diagonal(kernel: Any, *_: Any) -> Var:
    return constant([float(kernel.noise_level)])


def _one(*_: Any) -> Var:
    return constant([1.0])


def _dot_product_diagonal(kernel: Any, rows: Var, _: int) -> Var:
    squares = op.reduce_sum(op.mul(rows, rows), constant([1], np.int64), keepdims=0)
    return op.add(squares, constant(kernel.sigma_0**2))


def _sum_diagonal(kernel: Any, rows: Var, width: int) -> Var:
    return op.add(variance(kernel.k1, rows, width), variance(kernel.k2, rows, width))


def _product_diagonal(kernel: Any, rows: Var, width: int) -> Var:
    return op.mul(variance(kernel.k1, rows, width), variance(kernel.k2, rows, width))


def _exponentiation_diagonal(kernel: Any, rows: Var, width: int) -> Var:
    return op.pow(variance(kernel.kernel, rows, width), constant(float(kernel.exponent)))


VARIANCES: dict[str, Callable[[Any, Var, int], Var]] = {
    "ConstantKernel": _constant_diagonal,
    "DotProduct": _dot_product_diagonal,
    "ExpSineSquared": _one,
    "Exponentiation": _exponentiation_diagonal,
    "Matern": _one,
    "PairwiseKernel": _pairwise_diagonal,
    "Product": _product_diagonal,
    "RBF": _one,
    "RationalQuadratic": _one,
    "Sum": _sum_diagonal,
    "WhiteKernel": _white_diagonal,
}
