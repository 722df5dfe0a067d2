"""Scalers, and what else changes each number alone or each row by its own size."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.answers import Answers
from converters.graph.elementary import expm1, log1p
from converters.graph.sparse import Sparse
from converters.graph.table import Table, constant
from converters.installed import scikit_learn_since


def standard_scaler(model: Any, table: Table) -> Answers:
    """StandardScaler: (X - mean) / scale, in that order, so the bits are the original's."""
    return _scaled(
        table, model.mean_ if model.with_mean else None, model.scale_ if model.with_std else None
    )


def robust_scaler(model: Any, table: Table) -> Answers:
    """RobustScaler: (X - center) / scale."""
    return _scaled(
        table,
        model.center_ if model.with_centering else None,
        model.scale_ if model.with_scaling else None,
    )


def _scaled(table: Table, center: Any, scale: Any) -> Answers:
    if center is not None:
        table = Table.of(op.sub(table.matrix(), constant(center)), table.width)
    return Answers(transform=table if scale is None else table.over(scale))


def min_max_scaler(model: Any, table: Table) -> Answers:
    """MinMaxScaler: X * scale + min, clipped to feature_range where asked."""
    value = op.add(op.mul(table.matrix(), constant(model.scale_)), constant(model.min_))
    if model.clip:
        low, high = model.feature_range
        value = op.clip(value, constant(float(low)), constant(float(high)))
    return Answers(transform=Table.of(value, table.width))


def max_abs_scaler(model: Any, table: Table) -> Answers:
    """MaxAbsScaler: X / scale, clipped to [-1, 1] where asked."""
    table = table.over(model.scale_)
    if getattr(model, "clip", False):  # since scikit-learn 1.9
        table = table.with_stored(op.clip(table.stored(), constant(-1.0), constant(1.0)))
    return Answers(transform=table)


def normalizer(model: Any, table: Table) -> Answers:
    """Normalizer: each row over its norm; a norm near 0 counts as 1 (`_handle_zeros_in_scale`).

    In a sparse matrix only one that is 0 does (`inplace_csr_row_normalize_l2`).
    """
    if isinstance(table, Sparse):
        norm = row_norm(table, model.norm)
        norm = op.where(op.equal(norm, constant(0.0)), constant(1.0), norm)
        return Answers(transform=table.with_stored(op.div(table.stored(), norm)))
    value = table.matrix()
    norm = _NORMS[model.norm](value)
    tiny = op.cast(op.less(norm, constant(10 * np.finfo(np.float64).eps)), to=np.float64)
    # The larger of a norm and 1 where it is tiny, else 0; a Where takes as long as both.
    return Answers(transform=Table.of(op.div(value, op.max([norm, tiny])), table.width))


_COLUMNS = np.array([1])
_NORMS = {
    "l1": lambda value: op.reduce_l1(value, constant(_COLUMNS, np.int64), keepdims=1),
    "l2": lambda value: op.reduce_l2(value, constant(_COLUMNS, np.int64), keepdims=1),
    "max": lambda value: op.reduce_max(op.abs(value), constant(_COLUMNS, np.int64), keepdims=1),
}


def row_norm(table: Table, norm: str) -> Var:
    """The norm of each row, to be reckoned with the stored numbers."""
    value = table.stored()
    if norm == "l2":
        return op.sqrt(table.row_sums(op.mul(value, value)))
    size = op.abs(value)
    return table.row_sums(size) if norm == "l1" else table.row_max(size)


def binarizer(model: Any, table: Table) -> Answers:
    """Binarizer: 1 where X is over the threshold."""
    return Answers(transform=binarized(table, float(model.threshold)))


def binarized(table: Table, threshold: float) -> Table:
    """1 where a number is over the threshold, else 0; sparse ones only have thresholds of 0 on."""
    over = op.greater(table.stored(), constant(threshold))
    return table.with_stored(op.cast(over, to=np.float64))


def power_transformer(model: Any, table: Table) -> Answers:
    """PowerTransformer: Box-Cox or Yeo-Johnson with each column's lambda, then standardized."""
    power = {"box-cox": _box_cox, "yeo-johnson": _yeo_johnson}[model.method]
    result = Table.of(power(table.matrix(), np.asarray(model.lambdas_)), table.width)
    if model.standardize:
        return standard_scaler(model._scaler, result)  # noqa: SLF001 - no public name holds it
    return Answers(transform=result)


def _yeo_johnson(x: Var, power: Any) -> Var:
    """`scipy.stats.yeojohnson`: expm1(p * log1p(|x|)) / p, p = lambda for x >= 0, else 2 - lambda.

    A side whose p is 0 is its limit, log1p(|x|). The sign of x is that of the answer. Before
    1.9, scikit-learn has a formula of its own: ((|x| + 1) ** p - 1) / p.
    """
    negative = op.less(x, constant(0.0))
    eps = np.finfo(np.float64).eps
    zero, two = np.abs(power) < eps, np.abs(power - 2) <= eps
    size = log1p(op.abs(x))
    exponent = op.where(negative, constant(2 - power), constant(power))
    if scikit_learn_since("1.9"):
        grown = expm1(op.mul(exponent, size))
    else:
        one = constant(1.0)
        grown = op.sub(op.pow(op.add(op.abs(x), one), exponent), one)
    grown = op.div(grown, exponent)
    if zero.any() or two.any():
        limit = op.where(negative, constant(two, np.bool_), constant(zero, np.bool_))
        grown = op.where(limit, size, grown)
    return op.where(negative, op.neg(grown), grown)


def _box_cox(x: Var, power: Any) -> Var:
    """`scipy.special.boxcox`: expm1(p * log(x)) / p; log(x) where p is 0."""
    logarithm = op.log(x)
    zero = np.abs(power) < 1e-19
    safe = np.where(zero, 1.0, power)
    exponent = op.mul(logarithm, constant(safe))
    # Where exp would overflow but not its quotient by p, the logarithm of p goes inside.
    large = op.sub(
        op.mul(
            op.exp(op.sub(exponent, constant(np.log(np.abs(safe))))), constant(np.copysign(1, safe))
        ),
        constant(1 / safe),
    )
    grown = op.where(
        op.less(exponent, constant(709.78)), op.div(expm1(exponent), constant(safe)), large
    )
    if zero.any():
        grown = op.where(constant(zero, np.bool_), logarithm, grown)
    return grown
