"""Ridge regression and principal components on a kernel, and approximations of kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from sklearn.metrics.pairwise import KERNEL_PARAMS
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, regress
from converters.graph.kernel_choice import pairwise_kernel
from converters.graph.sums import row_sums
from converters.graph.table import Table, constant


def kernel_ridge(model: Any, table: Table) -> Answers:
    """KernelRidge: K @ dual_coef, one target or several."""
    kernel = pairwise_kernel(model.kernel, table.matrix(), model.X_fit_, _parameters(model))
    coef = np.asarray(model.dual_coef_, dtype=np.float64)
    if coef.ndim > 1:
        return Answers(predict=op.matmul(kernel, constant(coef)))
    return regress(op.matmul(kernel, constant(coef[:, None])))


def _parameters(model: Any) -> dict[str, Any]:
    gamma = getattr(model, "gamma_", model.gamma)  # KernelPCA keeps what its None means
    return {"gamma": gamma, "degree": model.degree, "coef0": model.coef0}


def kernel_pca(model: Any, table: Table) -> Answers:
    """KernelPCA: the centred kernel @ eigenvectors / sqrt(eigenvalues); null directions give 0."""
    kernel = pairwise_kernel(model.kernel, table.matrix(), model.X_fit_, _parameters(model))
    centred = _centred(model._centerer, kernel)  # noqa: SLF001 - no public name holds it
    scaled = np.zeros_like(model.eigenvectors_)
    nonzero = np.flatnonzero(model.eigenvalues_)
    scaled[:, nonzero] = model.eigenvectors_[:, nonzero] / np.sqrt(model.eigenvalues_[nonzero])
    return Answers(transform=Table.of(op.matmul(centred, constant(scaled)), scaled.shape[1]))


def kernel_centerer(model: Any, table: Table) -> Answers:
    """KernelCenterer: less the means of row and column, plus the mean of all."""
    return Answers(transform=Table.of(_centred(model, table.matrix()), table.width))


def _centred(centerer: Any, kernel: Var) -> Var:
    count = len(centerer.K_fit_rows_)
    mean = op.div(row_sums(kernel, count), constant(float(count)))
    shifted = op.sub(op.sub(kernel, constant(centerer.K_fit_rows_[None, :])), mean)
    return op.add(shifted, constant(float(centerer.K_fit_all_)))


def nystroem(model: Any, table: Table) -> Answers:
    """Nystroem: the kernel with the chosen rows @ the inverse root of theirs."""
    parameters = dict(model.kernel_params or {})
    for name in KERNEL_PARAMS.get(model.kernel, ()) if isinstance(model.kernel, str) else ():
        if getattr(model, name) is not None:
            parameters[name] = getattr(model, name)
    kernel = pairwise_kernel(model.kernel, table.matrix(), model.components_, parameters)
    value = op.matmul(kernel, constant(model.normalization_.T))
    return Answers(transform=Table.of(value, model.normalization_.shape[0]))


def rbf_sampler(model: Any, table: Table) -> Answers:
    """RBFSampler: sqrt(2 / n) * cos(X @ weights + offset)."""
    return _sampled(model, table.matrix(), (2.0 / model.n_components) ** 0.5)


def skewed_chi2_sampler(model: Any, table: Table) -> Answers:
    """SkewedChi2Sampler: the same of log(X + skewedness)."""
    logarithm = op.log(op.add(table.matrix(), constant(float(model.skewedness))))
    return _sampled(model, logarithm, np.sqrt(2.0) / np.sqrt(model.n_components))


def _sampled(model: Any, rows: Var, factor: float) -> Answers:
    product = op.matmul(rows, constant(model.random_weights_))
    projection = op.add(product, constant(model.random_offset_))
    value = op.mul(op.cos(projection), constant(factor))
    return Answers(transform=Table.of(value, model.random_weights_.shape[1]))


INTERVALS = {1: 0.8, 2: 0.5, 3: 0.4}
"""AdditiveChi2Sampler's interval for each number of steps, where none is given."""


def additive_chi2_sampler(model: Any, table: Table) -> Answers:
    """AdditiveChi2Sampler: blocks sqrt(x t), then cosine and sine of j t log(x) for each step j."""
    interval = model.sample_interval
    if interval is None:
        interval = INTERVALS[model.sample_steps]
    value = table.matrix()
    steps = np.arange(1, model.sample_steps, dtype=np.float64)
    zero = op.equal(value, constant(0.0))
    blocks = [op.sqrt(op.mul(value, constant(interval)))]
    if len(steps):
        blocks.append(_waves(value, zero, steps, float(interval), table.width))
    width = table.width * (2 * model.sample_steps - 1)
    return Answers(transform=Table.of(op.concat(blocks, axis=1), width))


def _waves(value: Var, zero: Var, steps: Array, interval: float, width: int) -> Var:
    """[rows, 2 * steps * width]: for each step the block of cosines, then that of sines."""
    axis = constant([1, 2], np.int64)
    safe = op.unsqueeze(op.where(zero, constant(1.0), value), axis)  # [rows, 1, 1, width]
    double = op.mul(op.mul(constant(2.0), op.unsqueeze(value, axis)), constant(interval))
    cosh = np.array([np.cosh(np.pi * j * interval) for j in steps])
    factor = op.sqrt(op.div(double, constant(cosh[:, None, None])))  # 0 where the value is 0
    angle = op.mul(constant(steps[:, None, None]), op.mul(constant(interval), op.log(safe)))
    both = op.concat([op.cos(angle), op.sin(angle)], axis=2)
    return op.reshape(op.mul(factor, both), constant([-1, 2 * len(steps) * width], np.int64))


def polynomial_count_sketch(model: Any, table: Table) -> Answers:
    """PolynomialCountSketch: inverse Fourier transform of the product of the sketches' transforms.

    A sketch is linear in the row, and so is its transform: one MatMul gives the transforms of all
    degrees, and one takes the product back.
    """
    cosine, sine = _fourier(model.n_components)
    half = cosine.shape[1]
    hashes = _hashes(model)  # [degree, columns, components]
    forward = np.concatenate([part for each in hashes for part in (each @ cosine, each @ sine)], 1)
    scaled = op.mul(constant(np.sqrt(model.gamma)), table.matrix())
    transforms = op.matmul(scaled, constant(forward[: table.width]))
    if model.coef0 != 0:
        transforms = op.add(transforms, constant(np.sqrt(model.coef0) * forward[table.width :]))
    parts = op.split(transforms, axis=1, num_outputs=2 * model.degree)
    real, imaginary = parts[:2]
    for re, im in zip(parts[2::2], parts[3::2], strict=True):
        real, imaginary = (
            op.sub(op.mul(real, re), op.mul(imaginary, im)),
            op.add(op.mul(real, im), op.mul(imaginary, re)),
        )
    # Each frequency but the first (and, of an even number, the middle one) stands for two.
    twice = np.full(half, 2.0)
    twice[0] = 1.0
    if model.n_components % 2 == 0:
        twice[-1] = 1.0
    back = np.concatenate([(cosine * twice).T, (sine * twice).T]) / model.n_components
    value = op.matmul(op.concat([real, imaginary], axis=1), constant(back))
    return Answers(transform=Table.of(value, model.n_components))


def _fourier(size: int) -> tuple[Array, Array]:
    """[size, size // 2 + 1]: the real and imaginary parts of exp(-2 pi i j k / size)."""
    turns = np.outer(np.arange(size), np.arange(size // 2 + 1)) % size
    return np.cos(2 * np.pi / size * turns), -np.sin(2 * np.pi / size * turns)


def _hashes(model: Any) -> Array:
    """[degree, columns, components]: the sign with which a column enters a sketch, and where."""
    hashes = np.zeros((*model.indexHash_.shape, model.n_components))
    degree, column = np.indices(model.indexHash_.shape)
    hashes[degree, column, model.indexHash_] = model.bitHash_
    return hashes
