"""Linear regressors."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from sklearn import linear_model as lm
from sklearn.base import BaseEstimator
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVR

from parity_tests.pipelines.case import Case

NUMBERS = make_column_selector(dtype_include="number")
TEXT = make_column_selector(dtype_exclude="number")

MIXED = ColumnTransformer(
    [
        ("numbers", make_pipeline(SimpleImputer(), StandardScaler()), NUMBERS),
        (
            "text",
            make_pipeline(
                SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
            ),
            TEXT,
        ),
    ]
)
"""Number and text columns with missing values, as most pipelines of practice begin."""

ENCODED = ColumnTransformer(
    [
        ("numbers", StandardScaler(), NUMBERS),
        ("text", OneHotEncoder(handle_unknown="ignore"), TEXT),
    ]
)
"""The same where nothing is missing."""


def deprecated(kind: type[BaseEstimator], **options: Any) -> BaseEstimator:
    """An estimator that is going to leave scikit-learn, and is in use as long as it is there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        return kind(**options)


CASES = [
    Case(name="ARDRegression", model=lm.ARDRegression(), on="diabetes"),
    Case(
        name="ARDRegression, scaled",
        model=make_pipeline(StandardScaler(), lm.ARDRegression(fit_intercept=False)),
        on="diabetes_array",
    ),
    Case(name="BayesianRidge", model=lm.BayesianRidge(), on="diabetes_array"),
    Case(
        name="BayesianRidge, mixed",
        model=make_pipeline(MIXED, lm.BayesianRidge()),
        on="penguins_mass",
    ),
    Case(name="ElasticNet", model=lm.ElasticNet(alpha=0.1), on="diabetes_array"),
    Case(
        name="ElasticNet, positive, two targets",
        model=lm.ElasticNet(alpha=0.1, positive=True),
        on="multi_regression",
    ),
    Case(name="ElasticNet, integers", model=lm.ElasticNet(alpha=0.01), on="millimetres"),
    Case(name="ElasticNetCV", model=lm.ElasticNetCV(cv=3), on="diabetes"),
    Case(name="GammaRegressor", model=lm.GammaRegressor(alpha=0.01), on="amounts"),
    Case(
        name="GammaRegressor, scaled, no intercept",
        model=make_pipeline(StandardScaler(), lm.GammaRegressor(fit_intercept=False)),
        on="amounts",
    ),
    Case(name="HuberRegressor", model=lm.HuberRegressor(), on="diabetes_array"),
    Case(
        name="HuberRegressor, scaled",
        model=make_pipeline(StandardScaler(), lm.HuberRegressor(epsilon=1.1)),
        on="diabetes",
    ),
    Case(name="Lars", model=lm.Lars(n_nonzero_coefs=4), on="diabetes"),
    Case(name="Lars, two targets", model=lm.Lars(), on="multi_regression"),
    Case(name="LarsCV", model=lm.LarsCV(cv=3), on="diabetes"),
    Case(name="Lasso", model=lm.Lasso(alpha=0.1), on="diabetes_array"),
    Case(name="Lasso, three targets", model=lm.Lasso(alpha=0.5), on="linnerud"),
    Case(name="Lasso, mixed", model=make_pipeline(MIXED, lm.Lasso()), on="penguins_mass"),
    Case(name="LassoCV", model=lm.LassoCV(cv=3), on="diabetes"),
    Case(name="LassoLars", model=lm.LassoLars(alpha=0.1), on="diabetes"),
    Case(name="LassoLars, two targets", model=lm.LassoLars(alpha=0.1), on="multi_regression"),
    Case(name="LassoLarsCV", model=lm.LassoLarsCV(cv=3), on="diabetes_array"),
    Case(name="LassoLarsIC", model=lm.LassoLarsIC(criterion="bic"), on="diabetes"),
    Case(name="LinearRegression", model=lm.LinearRegression(), on="diabetes"),
    Case(name="LinearRegression, two targets", model=lm.LinearRegression(), on="multi_regression"),
    Case(
        name="LinearRegression, positive",
        model=lm.LinearRegression(positive=True),
        on="diabetes_array",
    ),
    Case(
        name="LinearRegression, one target in a column",
        model=lm.LinearRegression(),
        on="diabetes_column",
    ),
    Case(
        name="LinearRegression, imputed",
        model=make_pipeline(SimpleImputer(), MinMaxScaler(), lm.LinearRegression()),
        on="diabetes_missing",
    ),
    Case(name="LinearSVR", model=LinearSVR(random_state=0), on="diabetes"),
    Case(
        name="LinearSVR, scaled, no intercept",
        model=make_pipeline(
            StandardScaler(),
            LinearSVR(fit_intercept=False, loss="squared_epsilon_insensitive", random_state=0),
        ),
        on="diabetes_array",
    ),
    Case(
        name="MultiTaskElasticNet", model=lm.MultiTaskElasticNet(alpha=0.1), on="multi_regression"
    ),
    Case(name="MultiTaskElasticNetCV", model=lm.MultiTaskElasticNetCV(cv=3), on="linnerud"),
    Case(name="MultiTaskLasso", model=lm.MultiTaskLasso(alpha=0.1), on="linnerud"),
    Case(name="MultiTaskLassoCV", model=lm.MultiTaskLassoCV(cv=3), on="multi_regression"),
    Case(
        name="OrthogonalMatchingPursuit",
        model=lm.OrthogonalMatchingPursuit(n_nonzero_coefs=3),
        on="diabetes",
    ),
    Case(
        name="OrthogonalMatchingPursuit, two targets",
        model=lm.OrthogonalMatchingPursuit(),
        on="multi_regression",
    ),
    Case(
        name="OrthogonalMatchingPursuitCV",
        model=lm.OrthogonalMatchingPursuitCV(cv=3),
        on="diabetes_array",
    ),
    Case(
        name="PassiveAggressiveRegressor",
        model=deprecated(lm.PassiveAggressiveRegressor, random_state=0),
        on="diabetes",
    ),
    Case(name="PoissonRegressor", model=lm.PoissonRegressor(), on="counts"),
    Case(
        name="PoissonRegressor, mixed",
        model=make_pipeline(MIXED, lm.PoissonRegressor()),
        on="penguins_mass",
    ),
    Case(
        name="QuantileRegressor",
        model=lm.QuantileRegressor(quantile=0.8, alpha=0.01),
        on="diabetes_array",
    ),
    Case(name="RANSACRegressor", model=lm.RANSACRegressor(random_state=0), on="diabetes_array"),
    Case(
        name="RANSACRegressor of Ridge, two targets",
        model=lm.RANSACRegressor(lm.Ridge(), min_samples=20, random_state=0),
        on="multi_regression",
    ),
    Case(
        name="RANSACRegressor of a pipeline",
        model=lm.RANSACRegressor(
            make_pipeline(StandardScaler(), lm.Ridge()), min_samples=20, random_state=0
        ),
        on="diabetes",
    ),
    Case(name="Ridge", model=lm.Ridge(fit_intercept=False), on="diabetes"),
    Case(
        name="Ridge, three targets", model=lm.Ridge(alpha=np.array([0.1, 1.0, 10.0])), on="linnerud"
    ),
    Case(name="Ridge, mixed", model=make_pipeline(MIXED, lm.Ridge()), on="penguins_mass"),
    Case(name="RidgeCV", model=lm.RidgeCV(), on="diabetes_array"),
    Case(
        name="RidgeCV, two targets", model=lm.RidgeCV(alpha_per_target=True), on="multi_regression"
    ),
    Case(
        name="SGDRegressor",
        model=make_pipeline(StandardScaler(), lm.SGDRegressor(random_state=0)),
        on="diabetes_array",
    ),
    Case(
        name="SGDRegressor, averaged, epsilon-insensitive",
        model=lm.SGDRegressor(average=True, loss="epsilon_insensitive", random_state=0),
        on="diabetes",
    ),
    Case(
        name="TheilSenRegressor",
        model=lm.TheilSenRegressor(max_subpopulation=60, random_state=0),
        on="diabetes_array",
    ),
    Case(name="TweedieRegressor, power 0", model=lm.TweedieRegressor(power=0), on="counts"),
    Case(
        name="TweedieRegressor, power 0, log",
        model=lm.TweedieRegressor(power=0, link="log"),
        on="counts",
    ),
    Case(name="TweedieRegressor, power 1", model=lm.TweedieRegressor(power=1), on="counts"),
    Case(
        name="TweedieRegressor, power 1, identity",
        model=lm.TweedieRegressor(power=1, link="identity"),
        on="amounts",
    ),
    Case(
        name="TweedieRegressor, power 1.5",
        model=lm.TweedieRegressor(power=1.5, alpha=0.01),
        on="counts",
    ),
    Case(
        name="TweedieRegressor, power 2, log",
        model=lm.TweedieRegressor(power=2, link="log"),
        on="amounts",
    ),
    Case(
        name="TweedieRegressor, power 3",
        model=make_pipeline(StandardScaler(), lm.TweedieRegressor(power=3)),
        on="amounts",
    ),
]
