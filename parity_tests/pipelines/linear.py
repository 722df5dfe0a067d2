"""Linear models."""

from __future__ import annotations

from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression, Ridge

from parity_tests.pipelines.case import Case

CASES = [
    Case(name="linear", model=LinearRegression(), on="diabetes"),
    Case(name="linear, two targets", model=LinearRegression(), on="multi_regression"),
    Case(name="lasso", model=Lasso(alpha=0.1), on="diabetes_array"),
    Case(name="ridge", model=Ridge(fit_intercept=False), on="diabetes"),
    Case(name="logistic", model=LogisticRegression(), on="iris"),
    Case(name="logistic, two classes", model=LogisticRegression(), on="iris_binary"),
    Case(name="logistic, bools", model=LogisticRegression(), on="iris_bools"),
    Case(name="logistic, floats", model=LogisticRegression(), on="iris_floats"),
]
