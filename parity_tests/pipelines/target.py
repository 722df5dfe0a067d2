"""TransformedTargetRegressor: functions and transformers of the target."""

from __future__ import annotations

import numpy as np
from scipy import special
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import RandomForestRegressor, VotingRegressor
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    PowerTransformer,
    QuantileTransformer,
    RobustScaler,
    StandardScaler,
)

from parity_tests.pipelines.case import Case
from parity_tests.pipelines.inside import PENGUINS, RIDGE

REGRESSION_FOREST = RandomForestRegressor(7, max_depth=4, random_state=0)

FUNCTIONS = (
    (np.log1p, np.expm1),
    (np.log, np.exp),
    (np.sqrt, np.square),
    (np.square, np.sqrt),
    (np.log2, np.exp2),
    (np.negative, np.negative),
)
OF_FORESTS = (
    *FUNCTIONS,
    (np.expm1, np.log1p),
    (np.exp2, np.log2),
    (np.reciprocal, np.reciprocal),
    (np.positive, np.cbrt),
    (np.positive, np.log10),
    (np.positive, np.tanh),
    (np.positive, np.absolute),
    (np.reciprocal, special.expit),
    (np.reciprocal, special.logit),
)
"""The function of the target, and the one that is taken for its inverse."""

CASES = [
    Case(name="target", model=TransformedTargetRegressor(RIDGE), on="diabetes"),
    Case(name="target, default regressor", model=TransformedTargetRegressor(), on="linnerud"),
    *(
        Case(
            name=f"target, {func.__name__} and {inverse.__name__}, {name}",
            model=TransformedTargetRegressor(
                model, func=func, inverse_func=inverse, check_inverse=False
            ),
            on="diabetes",
        )
        for name, model, pairs in (
            ("ridge", RIDGE, FUNCTIONS),
            ("forest", REGRESSION_FOREST, OF_FORESTS),
        )
        for func, inverse in pairs
    ),
    Case(
        name="target, log1p, on a frame with text",
        model=TransformedTargetRegressor(
            make_pipeline(PENGUINS, Ridge()), func=np.log1p, inverse_func=np.expm1
        ),
        on="penguins_mass",
    ),
    Case(
        name="target, log, three",
        model=TransformedTargetRegressor(RIDGE, func=np.log, inverse_func=np.exp),
        on="linnerud",
    ),
    *(
        Case(
            name=f"target by {name}, {on}",
            model=TransformedTargetRegressor(model, transformer=transformer),
            on=on,
        )
        for name, transformer in (
            ("standard", StandardScaler()),
            ("standard without mean", StandardScaler(with_mean=False)),
            ("standard without scale", StandardScaler(with_std=False)),
            ("robust", RobustScaler()),
            ("min-max", MinMaxScaler((-1, 2))),
            ("max-abs", MaxAbsScaler()),
            ("yeo-johnson", PowerTransformer()),
            ("box-cox", PowerTransformer("box-cox", standardize=False)),
            ("quantiles", QuantileTransformer(n_quantiles=20)),
            ("normal quantiles", QuantileTransformer(n_quantiles=20, output_distribution="normal")),
            ("function", FunctionTransformer(np.log1p, np.expm1)),
            ("identity", FunctionTransformer()),
            (
                "pipeline",
                make_pipeline(FunctionTransformer(np.sqrt, np.square), StandardScaler()),
            ),
        )
        for model, on in ((RIDGE, "linnerud"), (REGRESSION_FOREST, "diabetes"))
    ),
    Case(
        name="target, tree, one column of two dimensions",
        model=TransformedTargetRegressor(RIDGE, transformer=StandardScaler()),
        on="diabetes_column",
    ),
    Case(
        name="target in a search in a pipeline",
        model=make_pipeline(
            StandardScaler(),
            GridSearchCV(
                TransformedTargetRegressor(RIDGE, transformer=PowerTransformer()),
                {"regressor__alpha": [0.1, 1]},
                cv=2,
            ),
        ),
        on="diabetes_array",
    ),
    Case(
        name="target of a voting regressor of targets",
        model=VotingRegressor(
            [
                ("a", TransformedTargetRegressor(RIDGE, func=np.log, inverse_func=np.exp)),
                (
                    "b",
                    TransformedTargetRegressor(
                        REGRESSION_FOREST, transformer=QuantileTransformer(n_quantiles=30)
                    ),
                ),
            ]
        ),
        on="diabetes",
    ),
]
