"""Regressors of a transformed target, under that name or another."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn._loss import HalfSquaredError
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import StackingRegressor
from sklearn.preprocessing import FunctionTransformer

from converters.equivalents.fitted import regression, with_columns_of

_BACK: dict[str, Callable[[Any], tuple[Any, Any]]] = {
    "MaxAbsScaler": lambda scaler: (scaler.scale_, None),
    "MinMaxScaler": lambda scaler: (1 / scaler.scale_, -scaler.min_ / scaler.scale_),
    "RobustScaler": lambda scaler: (scaler.scale_, scaler.center_),
    "StandardScaler": lambda scaler: (scaler.scale_, scaler.mean_ if scaler.with_mean else None),
}
"""The factor and the summand of each scaler's `inverse_transform`; None where it has none."""


def rescaled_target(model: Any) -> Any:
    """A scaler's way back is linear: a regression stacked on the regressor."""
    back = _BACK.get(type(model.transformer_).__name__)
    if back is None or model._training_dim != 1:  # noqa: SLF001 - predict reads it
        return model
    factor, summand = back(model.transformer_)
    stack = StackingRegressor([("regressor", model.regressor_)])
    stack.estimators_ = [model.regressor_]
    stack.stack_method_ = ["predict"]
    stack.final_estimator_ = regression(
        None, 1.0 if factor is None else factor, 0.0 if summand is None else summand[0]
    )
    stack.final_estimator_.n_features_in_ = 1
    return stack


def exponential(model: Any) -> Any:
    """Its trees sum to a logarithm where the loss has a log link: a regression of log(y).

    Other losses have no link: the sum is the answer.
    """
    if model.loss not in ("gamma", "poisson"):
        return model
    sums = copy.copy(model)
    sums.loss, sums._loss = "squared_error", HalfSquaredError()  # noqa: SLF001 - predict reads it
    target = TransformedTargetRegressor(sums, func=np.log, inverse_func=np.exp)
    target.regressor_, target._training_dim = sums, 1  # noqa: SLF001 - predict reads it
    target.transformer_ = FunctionTransformer(np.log, np.exp)
    return with_columns_of(model, target)
