"""Linear classifiers, and linear detectors of outliers."""

from __future__ import annotations

from sklearn import linear_model as lm
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from parity_tests.pipelines.case import Case
from parity_tests.pipelines.linear import ENCODED, MIXED, deprecated

LOSSES = (
    "hinge",
    "log_loss",
    "modified_huber",
    "squared_hinge",
    "perceptron",
    "squared_error",
    "huber",
    "epsilon_insensitive",
    "squared_epsilon_insensitive",
)

CASES = [
    Case(name="LinearSVC", model=LinearSVC(random_state=0), on="iris"),
    Case(name="LinearSVC, two classes", model=LinearSVC(random_state=0), on="iris_bools"),
    Case(
        name="LinearSVC, crammer-singer",
        model=LinearSVC(multi_class="crammer_singer", random_state=0),
        on="iris_array",
    ),
    Case(
        name="LinearSVC, crammer-singer, two classes",
        model=LinearSVC(multi_class="crammer_singer", random_state=0),
        on="iris_binary",
    ),
    Case(
        name="LinearSVC, no intercept, mixed",
        model=make_pipeline(ENCODED, LinearSVC(fit_intercept=False, random_state=0)),
        on="penguins_complete",
    ),
    Case(name="LogisticRegression", model=lm.LogisticRegression(), on="iris"),
    Case(name="LogisticRegression, two classes", model=lm.LogisticRegression(), on="iris_binary"),
    Case(name="LogisticRegression, bools", model=lm.LogisticRegression(), on="iris_bools"),
    Case(name="LogisticRegression, floats", model=lm.LogisticRegression(), on="iris_floats"),
    Case(
        name="LogisticRegression, integers",
        model=lm.LogisticRegression(solver="newton-cg"),
        on="iris_integers",
    ),
    Case(
        name="LogisticRegression, liblinear",
        model=lm.LogisticRegression(solver="liblinear", intercept_scaling=2.0),
        on="iris_binary",
    ),
    Case(
        name="LogisticRegression, l1, no intercept",
        model=lm.LogisticRegression(
            solver="saga", l1_ratio=1.0, fit_intercept=False, random_state=0
        ),
        on="iris_array",
    ),
    Case(
        name="LogisticRegression, balanced, mixed",
        model=make_pipeline(MIXED, lm.LogisticRegression(class_weight="balanced")),
        on="penguins",
    ),
    Case(name="LogisticRegression, digits", model=lm.LogisticRegression(C=0.01), on="positive"),
    Case(name="LogisticRegressionCV", model=lm.LogisticRegressionCV(Cs=3, cv=3), on="iris"),
    Case(
        name="LogisticRegressionCV, two classes",
        model=lm.LogisticRegressionCV(Cs=3, cv=3, scoring="accuracy"),
        on="iris_binary",
    ),
    Case(
        name="PassiveAggressiveClassifier",
        model=deprecated(lm.PassiveAggressiveClassifier, random_state=0),
        on="iris",
    ),
    Case(
        name="PassiveAggressiveClassifier, two classes",
        model=deprecated(lm.PassiveAggressiveClassifier, loss="squared_hinge", random_state=0),
        on="iris_bools",
    ),
    Case(name="Perceptron", model=lm.Perceptron(random_state=0), on="iris_floats"),
    Case(
        name="Perceptron, two classes, scaled",
        model=make_pipeline(StandardScaler(), lm.Perceptron(penalty="l2", random_state=0)),
        on="iris_binary",
    ),
    Case(name="RidgeClassifier", model=lm.RidgeClassifier(), on="iris"),
    Case(name="RidgeClassifier, two classes", model=lm.RidgeClassifier(), on="iris_bools"),
    Case(name="RidgeClassifier, several labels", model=lm.RidgeClassifier(), on="multilabel"),
    Case(
        name="RidgeClassifier, mixed",
        model=make_pipeline(ENCODED, lm.RidgeClassifier(class_weight="balanced")),
        on="penguins_complete",
    ),
    Case(name="RidgeClassifierCV", model=lm.RidgeClassifierCV(), on="iris_array"),
    Case(name="RidgeClassifierCV, several labels", model=lm.RidgeClassifierCV(), on="multilabel"),
    *(
        Case(
            name=f"SGDClassifier, {loss}",
            model=make_pipeline(StandardScaler(), lm.SGDClassifier(loss=loss, random_state=0)),
            on="iris",
        )
        for loss in LOSSES
    ),
    Case(
        name="SGDClassifier, log_loss, two classes",
        model=lm.SGDClassifier(loss="log_loss", random_state=0),
        on="iris_binary",
    ),
    Case(
        name="SGDClassifier, log_loss, no scaling",
        model=lm.SGDClassifier(loss="log_loss", random_state=0),
        on="iris_array",
    ),
    Case(
        name="SGDClassifier, modified_huber, two classes",
        model=lm.SGDClassifier(loss="modified_huber", random_state=0),
        on="iris_bools",
    ),
    Case(
        name="SGDClassifier, modified_huber, no scaling",
        model=lm.SGDClassifier(loss="modified_huber", average=True, random_state=0),
        on="iris_integers",
    ),
    Case(
        name="SGDClassifier, elastic net, mixed",
        model=make_pipeline(
            ENCODED, lm.SGDClassifier(loss="log_loss", penalty="elasticnet", random_state=0)
        ),
        on="penguins_complete",
    ),
    Case(name="SGDOneClassSVM", model=lm.SGDOneClassSVM(random_state=0), on="iris_array"),
    Case(
        name="SGDOneClassSVM, scaled",
        model=make_pipeline(StandardScaler(), lm.SGDOneClassSVM(nu=0.2, random_state=0)),
        on="diabetes",
    ),
    Case(
        name="SGDOneClassSVM, no intercept, averaged",
        model=lm.SGDOneClassSVM(fit_intercept=False, average=True, random_state=0),
        on="blobs",
    ),
]
