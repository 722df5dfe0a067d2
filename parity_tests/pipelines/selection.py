"""Feature selection."""

from __future__ import annotations

from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import (
    RFE,
    RFECV,
    GenericUnivariateSelect,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    SequentialFeatureSelector,
    VarianceThreshold,
    chi2,
    f_regression,
)
from sklearn.linear_model import Lasso, LinearRegression, LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.tree import DecisionTreeClassifier

from parity_tests.pipelines.case import Case

CASES = [
    Case(
        name="generic univariate select",
        model=GenericUnivariateSelect(mode="k_best", param=2),
        on="iris",
    ),
    Case(name="select k best", model=SelectKBest(k=2), on="iris_array"),
    Case(name="select k best, chi2", model=SelectKBest(chi2, k=5), on="positive"),
    Case(
        name="select k best in a pipeline",
        model=make_pipeline(
            PolynomialFeatures(2), StandardScaler(), SelectKBest(k=6), LogisticRegression()
        ),
        on="iris_bools",
    ),
    Case(
        name="select k best after one-hot, sparse",
        model=make_pipeline(
            OneHotEncoder(handle_unknown="ignore"), SelectKBest(chi2, k=4), LogisticRegression()
        ),
        on="shirts_text",
    ),
    Case(
        name="select percentile",
        model=SelectPercentile(f_regression, percentile=40),
        on="diabetes",
    ),
    Case(name="select fdr", model=SelectFdr(f_regression), on="diabetes_array"),
    Case(name="select fpr", model=SelectFpr(f_regression, alpha=0.01), on="diabetes"),
    Case(
        name="select fwe, pandas out",
        model=SelectFwe(f_regression).set_output(transform="pandas"),
        on="diabetes",
    ),
    Case(
        name="select from model",
        model=SelectFromModel(RandomForestClassifier(5, random_state=0)),
        on="iris",
    ),
    Case(
        name="select from model, at most, in a pipeline",
        model=make_pipeline(
            SelectFromModel(Lasso(alpha=0.1), threshold="0.5*mean", max_features=4),
            LinearRegression(),
        ),
        on="diabetes",
    ),
    Case(
        name="select from model, missing",
        model=SelectFromModel(DecisionTreeClassifier(random_state=0)),
        on="iris_missing",
    ),
    Case(
        name="sequential selector",
        model=SequentialFeatureSelector(LinearRegression(), n_features_to_select=2, cv=3),
        on="diabetes_array",
    ),
    Case(
        name="sequential selector, backward",
        model=make_pipeline(
            SequentialFeatureSelector(
                DecisionTreeClassifier(max_depth=3, random_state=0), direction="backward", cv=2
            ),
            LogisticRegression(),
        ),
        on="iris_binary",
    ),
    Case(name="variance threshold", model=VarianceThreshold(0.3), on="iris"),
    Case(name="variance threshold, missing", model=VarianceThreshold(0.5), on="iris_missing"),
    Case(
        name="variance threshold, constant column",
        model=make_pipeline(VarianceThreshold(), StandardScaler()),
        on="iris_constant",
    ),
    Case(name="rfe, classes", model=RFE(LogisticRegression(), n_features_to_select=2), on="iris"),
    Case(
        name="rfe, two classes",
        model=RFE(LogisticRegression(), n_features_to_select=3),
        on="iris_bools",
    ),
    Case(
        name="rfe, regression",
        model=RFE(LinearRegression(), n_features_to_select=0.5, step=2),
        on="diabetes",
    ),
    Case(
        name="rfe, forest, missing",
        model=RFE(RandomForestClassifier(5, random_state=0), n_features_to_select=2),
        on="iris_missing",
    ),
    Case(
        name="rfe as a step",
        model=make_pipeline(
            StandardScaler(),
            RFE(LinearRegression(), n_features_to_select=3),
            LinearRegression(),
        ),
        on="diabetes_array",
    ),
    Case(name="rfecv", model=RFECV(LogisticRegression(), cv=3), on="iris_array"),
    Case(
        name="rfecv, regression",
        model=RFECV(Lasso(alpha=0.05), cv=3, min_features_to_select=2),
        on="diabetes_array",
    ),
]
