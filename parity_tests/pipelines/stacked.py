"""Linear models of one kind inside another estimator, which one product answers for."""

from __future__ import annotations

from sklearn.calibration import CalibratedClassifierCV
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    BaggingRegressor,
)
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from parity_tests.pipelines.case import Case, since

LOGISTIC = LogisticRegression(C=0.5)
MARGIN = LinearSVC(random_state=0)

CASES = [
    Case(name="stacked one-vs-rest", model=OneVsRestClassifier(MARGIN), on="iris_floats"),
    Case(
        name="stacked one-vs-rest, discriminants",
        model=OneVsRestClassifier(LinearDiscriminantAnalysis()),
        on="iris",
    ),
    Case(
        name="stacked one-vs-rest, labels",
        model=OneVsRestClassifier(LOGISTIC),
        on="multilabel",
    ),
    Case(
        name="stacked one-vs-rest, many classes",
        model=make_pipeline(StandardScaler(), OneVsRestClassifier(LOGISTIC)),
        on="positive",
    ),
    Case(
        name="stacked one-vs-one",
        model=OneVsOneClassifier(RidgeClassifier()),
        on="blobs",
    ),
    Case(
        name="stacked output code",
        model=OutputCodeClassifier(MARGIN, code_size=2, random_state=0),
        on="iris_array",
    ),
    Case(
        name="stacked targets, classes alike",
        model=MultiOutputClassifier(LOGISTIC),
        on="multilabel",
    ),
    Case(
        name="stacked targets, names",
        model=MultiOutputClassifier(LOGISTIC),
        on="multioutput_text",
    ),
    Case(
        name="stacked targets, numbers of classes differ",
        model=MultiOutputClassifier(LOGISTIC),
        on="multioutput_classes",
    ),
    Case(
        name="stacked targets, regression",
        model=MultiOutputRegressor(Ridge()),
        on="multi_regression",
    ),
    Case(
        name="stacked votes, boosted",
        model=since(  # before, its default asks for probabilities, which a ridge has not
            "1.6",
            lambda: AdaBoostClassifier(RidgeClassifier(), n_estimators=6, random_state=0),
        ),
        on="iris_floats",
    ),
    Case(
        name="stacked votes, feature subsets",
        model=BaggingClassifier(MARGIN, n_estimators=5, max_features=2, random_state=0),
        on="iris",
    ),
    Case(
        name="stacked bag, columns twice",
        model=BaggingClassifier(LOGISTIC, n_estimators=4, bootstrap_features=True, random_state=0),
        on="iris_binary",
    ),
    Case(
        name="stacked bag, two classes, feature subsets",
        model=BaggingClassifier(LOGISTIC, n_estimators=5, max_features=0.5, random_state=0),
        on="iris_binary",
    ),
    Case(
        name="stacked bag, columns that no estimator sees",
        model=BaggingClassifier(LOGISTIC, n_estimators=2, max_features=1, random_state=1),
        on="iris",
    ),
    Case(
        name="stacked bag, regression on whole numbers",
        model=BaggingRegressor(Ridge(), n_estimators=5, random_state=0),
        on="millimetres",
    ),
    *(
        Case(
            name=f"stacked folds, {method}, {on}",
            model=CalibratedClassifierCV(estimator, method=method, cv=3),
            on=on,
        )
        for method in ("sigmoid", "isotonic")
        for estimator, on in ((MARGIN, "iris_bools"), (LOGISTIC, "iris_floats"))
    ),
]
