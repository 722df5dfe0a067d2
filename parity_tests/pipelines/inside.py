"""Estimators that the tables of meta-estimators put inside others."""

from __future__ import annotations

from typing import Any

from sklearn.base import clone
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

PENGUINS = ColumnTransformer(
    [
        (
            "numbers",
            make_pipeline(SimpleImputer(), StandardScaler()),
            make_column_selector(dtype_include="number"),
        ),
        (
            "text",
            make_pipeline(
                SimpleImputer(strategy="most_frequent"), OneHotEncoder(handle_unknown="ignore")
            ),
            make_column_selector(dtype_exclude="number"),
        ),
    ]
)
LOGISTIC = LogisticRegression()
SCALED = make_pipeline(StandardScaler(), LogisticRegression(C=0.5))
TREE = DecisionTreeClassifier(max_depth=3, random_state=0)
STUMP = DecisionTreeClassifier(max_depth=1, random_state=0)
FOREST = RandomForestClassifier(7, max_depth=4, random_state=0)
BOOSTING = GradientBoostingClassifier(n_estimators=6, random_state=0)
WHOLE = make_pipeline(PENGUINS, LogisticRegression())
WHOLE_FOREST = make_pipeline(PENGUINS, FOREST)
RIDGE = Ridge()
REGRESSION_TREE = DecisionTreeRegressor(max_depth=3, random_state=0)


def frozen(model: Any, data: Any) -> Any:
    """Fitted already: a case is cloned before it is fitted, what is frozen is not."""
    from sklearn.frozen import FrozenEstimator  # noqa: PLC0415 - scikit-learn 1.6 and newer

    return FrozenEstimator(clone(model).fit(*data()))
