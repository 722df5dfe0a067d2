"""TransformedTargetRegressor: the regressor's prediction, transformed back."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.answers import Answers, flat
from converters.graph.elementary import log1p
from converters.graph.erf import erf
from converters.graph.function_transformer import as_array, as_table
from converters.graph.interpolation import Line, interpolate
from converters.graph.responses import asked, column, pick, side_by_side
from converters.graph.steps import answer
from converters.graph.table import Table, constant
from converters.graph.tracing import trace


def transformed_target(model: Any, table: Table) -> Answers:
    """The inverse of the transformer that the target went through."""
    found = answer(model.regressor_, table, where="regressor_")
    one = model._training_dim == 1  # noqa: SLF001 - no public name says the shape of the target
    value = asked(found, "predict")
    # A regressor may answer [rows] to a target of one column.
    value = column(value) if one or model.transformer_.n_features_in_ == 1 else value
    value = inverse(model.transformer_, value)
    return Answers(predict=flat(value) if one else value)


def inverse(model: Any, value: Var) -> Var:
    """[rows, k]: `inverse_transform` of a fitted transformer."""
    name = type(model).__name__
    if name not in INVERSES:
        raise NotImplementedError(f"the inverse of {name}")
    return INVERSES[name](model, value)


def _pipeline(model: Any, value: Var) -> Var:
    for _, step in reversed(model.steps):
        if step is not None and not isinstance(step, str):
            value = inverse(step, value)
    return value


def _standard_scaler(model: Any, value: Var) -> Var:
    if model.with_std:
        value = op.mul(value, constant(model.scale_))
    return op.add(value, constant(model.mean_)) if model.with_mean else value


def _robust_scaler(model: Any, value: Var) -> Var:
    if model.with_scaling:
        value = op.mul(value, constant(model.scale_))
    return op.add(value, constant(model.center_)) if model.with_centering else value


def _min_max_scaler(model: Any, value: Var) -> Var:
    return op.div(op.sub(value, constant(model.min_)), constant(model.scale_))


def _max_abs_scaler(model: Any, value: Var) -> Var:
    return op.mul(value, constant(model.scale_))


def _function(model: Any, value: Var) -> Var:
    if model.inverse_func is None:
        return value
    given = as_array(Table.of(value, model.n_features_in_))
    return as_table(trace(model.inverse_func, given, **(model.inv_kw_args or {}))).matrix()


def _power_transformer(model: Any, value: Var) -> Var:
    if model.standardize:
        value = _standard_scaler(model._scaler, value)  # noqa: SLF001 - no public name holds it
    back = _back_from_box_cox if model.method == "box-cox" else _back_from_yeo_johnson
    return side_by_side(
        [back(pick(value, [i]), float(power)) for i, power in enumerate(model.lambdas_)]
    )


def _back_from_box_cox(value: Var, power: float) -> Var:
    """`scipy.special.inv_boxcox`."""
    if power == 0:
        return op.exp(value)
    scaled = log1p(op.mul(constant(power), value))
    return op.exp(op.div(scaled, constant(power)))


def _back_from_yeo_johnson(value: Var, power: float) -> Var:
    """PowerTransformer._yeo_johnson_inverse_transform."""
    one = constant(1.0)
    if abs(power) < np.spacing(1.0):
        above = op.sub(op.exp(value), one)
    else:
        base = op.add(op.mul(value, constant(power)), one)
        above = op.sub(op.pow(base, constant(1 / power)), one)
    if abs(power - 2) > np.spacing(1.0):
        base = op.add(op.mul(constant(-(2 - power)), value), one)
        below = op.sub(one, op.pow(base, constant(1 / (2 - power))))
    else:
        below = op.sub(one, op.exp(op.neg(value)))
    return op.where(op.greater_or_equal(value, constant(0.0)), above, below)


def _quantile_transformer(model: Any, value: Var) -> Var:
    """QuantileTransformer._transform_col, inverse: what lies beyond [0, 1] is at its ends."""
    if model.output_distribution == "normal":
        # The normal distribution function; the ends below are further off than its rounding.
        scaled = op.mul(value, constant(math.sqrt(0.5)))
        value = op.mul(constant(0.5), op.add(constant(1.0), erf(scaled)))
    quantiles = np.asarray(model.quantiles_, dtype=np.float64)
    references = np.asarray(model.references_, dtype=np.float64)
    back = interpolate(value, [Line(references, column) for column in quantiles.T])
    if model.output_distribution != "normal":
        return back
    # Within 1e-7 of an end, the end itself.
    low = op.less(op.sub(value, constant(BOUNDS_THRESHOLD)), constant(0.0))
    high = op.greater(op.add(value, constant(BOUNDS_THRESHOLD)), constant(1.0))
    back = op.where(high, constant(quantiles[-1]), back)
    return op.where(low, constant(quantiles[0]), back)


BOUNDS_THRESHOLD = 1e-7
"""That of `sklearn.preprocessing._data`."""

INVERSES = {
    "FunctionTransformer": _function,
    "MaxAbsScaler": _max_abs_scaler,
    "MinMaxScaler": _min_max_scaler,
    "Pipeline": _pipeline,
    "PowerTransformer": _power_transformer,
    "QuantileTransformer": _quantile_transformer,
    "RobustScaler": _robust_scaler,
    "StandardScaler": _standard_scaler,
}
"""(model, [rows, k]) -> [rows, k]: the inverse transform, by the name of the transformer."""
