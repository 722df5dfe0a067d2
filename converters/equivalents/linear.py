"""Linear models under names that JPMML's converter does not have."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.linear_model import PoissonRegressor
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from converters.equivalents.fitted import logistic, regression, with_columns_of


def linear_regression(model: Any) -> Any:
    """X @ coef_ + intercept_ whatever was minimized in training."""
    if np.size(model.intercept_) != 1:
        return model
    return regression(model, model.coef_, np.ravel(model.intercept_)[0])


def centred_linear_regression(model: Any) -> Any:
    """Partial least squares takes its mean from X, then is linear."""
    if not getattr(model, "_predict_1d", False):
        return model
    mean = np.asarray(model._x_mean)  # noqa: SLF001 - predict reads it
    centre = with_columns_of(model, StandardScaler(with_std=False), mean_=mean, scale_=None)
    return Pipeline(
        [("centre", centre), ("linear", regression(model, model.coef_, model.intercept_[0]))]
    )


def by_link(model: Any) -> Any:
    """Linear under the identity, of which a log link is the exponential function.

    JPMML's converter takes the link from the power alone, which `link` overrules.
    """
    link = type(model._base_loss.link).__name__  # noqa: SLF001 - predict reads it
    if link == "IdentityLink":
        return linear_regression(model)
    if link != "LogLink":
        return model
    return with_columns_of(
        model,
        PoissonRegressor(),
        coef_=model.coef_,
        intercept_=model.intercept_,
        _base_loss=model._base_loss,  # noqa: SLF001 - predict reads it
    )


def logistic_regression(model: Any) -> Any:
    """The class of the largest score: LogisticRegression.predict is the same code.

    JPMML's own documents take the logistic function of each score first, where scores above 37
    are all 1 and the largest is no more to be seen. A model with probabilities stays: they are
    another function of the scores than these.
    """
    rows = 1 if len(model.classes_) == 2 else len(model.classes_)
    if hasattr(model, "predict_proba") or np.atleast_2d(model.coef_).shape[0] != rows:
        return model
    return logistic(model, model.coef_, model.intercept_)
