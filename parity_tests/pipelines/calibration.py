"""CalibratedClassifierCV: every method, one classifier and many, two classes and more."""

from __future__ import annotations

from functools import partial

from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from parity_tests.pipelines.case import Case, since
from parity_tests.pipelines.datasets import iris, iris_binary, penguins
from parity_tests.pipelines.inside import BOOSTING, FOREST, SCALED, TREE, WHOLE, frozen

PAIRS = OneVsOneClassifier(LogisticRegression())

CASES = [
    Case(
        name=f"calibrated by {method}: {name}",
        model=since(
            max(version, "1.6") if ensemble == "auto" else version,
            partial(CalibratedClassifierCV, model, method=method, cv=3, ensemble=ensemble),
        ),
        on=on,
    )
    for method, version in (("sigmoid", "1.5"), ("isotonic", "1.5"), ("temperature", "1.8"))
    for name, model, ensemble, on in (
        ("scores of three", SCALED, True, "iris"),
        ("one of three", SCALED, False, "iris_floats"),
        ("scores of two", SCALED, True, "iris_binary"),
        ("one of two", SCALED, False, "iris_bools"),
        ("probabilities of three", FOREST, "auto", "iris_missing"),
        ("probabilities of two", FOREST, True, "iris_binary"),
        ("one forest of two", FOREST, False, "iris_bools"),
        ("boosting", BOOSTING, True, "blobs"),
        ("pairs", PAIRS, False, "blobs"),
        ("a pipeline on a frame with text", WHOLE, True, "penguins"),
        ("one pipeline of two classes", WHOLE, False, "penguins_binary"),
    )
] + [
    Case(
        name="calibrated, frozen",
        model=since("1.6", lambda: CalibratedClassifierCV(frozen(SCALED, iris), method="isotonic")),
        on="iris",
    ),
    Case(
        name="calibrated, frozen tree of two",
        model=since(
            "1.6", lambda: CalibratedClassifierCV(frozen(TREE, iris_binary), method="sigmoid")
        ),
        on="iris_binary",
    ),
    Case(
        name="calibrated, frozen pipeline",
        model=since("1.6", lambda: CalibratedClassifierCV(frozen(WHOLE, penguins), cv=2)),
        on="penguins",
    ),
    Case(
        name="calibrated after scaling",
        model=make_pipeline(StandardScaler(), CalibratedClassifierCV(LogisticRegression(), cv=2)),
        on="iris_integers",
    ),
    Case(
        name="one-vs-rest of calibrated",
        model=OneVsRestClassifier(
            CalibratedClassifierCV(LogisticRegression(), method="isotonic", cv=2)
        ),
        on="iris",
    ),
]
