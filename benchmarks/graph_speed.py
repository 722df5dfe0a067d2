"""Speed and size of the graphs, beside skl2onnx's float32 graphs of the same models.

One thread, one run: both graphs take turns, so that a noisy machine slows them alike; then
scikit-learn itself. Prints a table and the medians; --write puts them into docs/speed.md.
"""

from __future__ import annotations

import argparse
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import onnxruntime
from sklearn import (
    calibration,
    cluster,
    compose,
    datasets,
    decomposition,
    discriminant_analysis,
    ensemble,
    gaussian_process,
    linear_model,
    mixture,
    multiclass,
    multioutput,
    naive_bayes,
    neighbors,
    neural_network,
    pipeline,
    preprocessing,
    svm,
    tree,
)
from sklearn.base import is_classifier

from converters.describe import describe
from converters.sklearn_to_onnx import sklearn_to_onnx

X, LABELS = datasets.make_classification(2_000, 20, n_informative=10, n_classes=3, random_state=0)
TARGET = X[:, 0] * 3 + np.sin(X[:, 1]) + X[:, 2] * X[:, 3]

MODELS: dict[str, tuple[Any, Any]] = {
    "LogisticRegression": (linear_model.LogisticRegression(), LABELS),
    "Ridge": (linear_model.Ridge(), TARGET),
    "SGDClassifier": (linear_model.SGDClassifier(random_state=0), LABELS),
    "PoissonRegressor": (linear_model.PoissonRegressor(), np.abs(TARGET)),
    "LinearDiscriminantAnalysis": (discriminant_analysis.LinearDiscriminantAnalysis(), LABELS),
    "QuadraticDiscriminantAnalysis": (
        discriminant_analysis.QuadraticDiscriminantAnalysis(reg_param=0.1),
        LABELS,
    ),
    "GaussianNB": (naive_bayes.GaussianNB(), LABELS),
    "MLPClassifier": (neural_network.MLPClassifier((50,), max_iter=30, random_state=0), LABELS),
    "MLPRegressor": (
        neural_network.MLPRegressor(hidden_layer_sizes=(50,), max_iter=30, random_state=0),
        TARGET,
    ),
    "DecisionTreeClassifier": (tree.DecisionTreeClassifier(max_depth=10, random_state=0), LABELS),
    "RandomForestClassifier": (
        ensemble.RandomForestClassifier(100, max_depth=10, random_state=0),
        LABELS,
    ),
    "RandomForestRegressor": (
        ensemble.RandomForestRegressor(100, max_depth=10, random_state=0),
        TARGET,
    ),
    "ExtraTreesClassifier": (
        ensemble.ExtraTreesClassifier(100, max_depth=10, random_state=0),
        LABELS,
    ),
    "GradientBoostingClassifier": (
        ensemble.GradientBoostingClassifier(n_estimators=50, random_state=0),
        LABELS,
    ),
    "GradientBoostingRegressor": (
        ensemble.GradientBoostingRegressor(n_estimators=100, random_state=0),
        TARGET,
    ),
    "AdaBoostClassifier": (ensemble.AdaBoostClassifier(n_estimators=30, random_state=0), LABELS),
    "BaggingClassifier": (ensemble.BaggingClassifier(n_estimators=10, random_state=0), LABELS),
    "IsolationForest": (ensemble.IsolationForest(n_estimators=50, random_state=0), None),
    "VotingClassifier": (
        ensemble.VotingClassifier(
            [("lr", linear_model.LogisticRegression()), ("nb", naive_bayes.GaussianNB())],
            voting="soft",
            flatten_transform=False,
        ),
        LABELS,
    ),
    "StackingRegressor": (
        ensemble.StackingRegressor(
            [("ridge", linear_model.Ridge()), ("tree", tree.DecisionTreeRegressor(max_depth=5))]
        ),
        TARGET,
    ),
    "CalibratedClassifierCV": (
        calibration.CalibratedClassifierCV(linear_model.LogisticRegression(), cv=3),
        LABELS,
    ),
    "OneVsRestClassifier": (
        multiclass.OneVsRestClassifier(linear_model.LogisticRegression()),
        LABELS,
    ),
    "MultiOutputRegressor": (
        multioutput.MultiOutputRegressor(linear_model.Ridge()),
        np.column_stack([TARGET, X[:, 4]]),
    ),
    "SVC": (svm.SVC(), LABELS),
    "SVR": (svm.SVR(), TARGET),
    "KNeighborsClassifier": (neighbors.KNeighborsClassifier(), LABELS),
    "KNeighborsRegressor": (neighbors.KNeighborsRegressor(), TARGET),
    "GaussianProcessRegressor": (
        gaussian_process.GaussianProcessRegressor(gaussian_process.kernels.RBF(5.0), alpha=0.1),
        TARGET[:200],
    ),
    "GaussianMixture": (mixture.GaussianMixture(3, random_state=0), None),
    "KMeans": (cluster.KMeans(8, n_init=1, random_state=0), None),
    "PCA": (decomposition.PCA(5), None),
    "TruncatedSVD": (decomposition.TruncatedSVD(5, random_state=0), None),
    "StandardScaler": (preprocessing.StandardScaler(), None),
    "MinMaxScaler": (preprocessing.MinMaxScaler(), None),
    "Normalizer": (preprocessing.Normalizer(), None),
    "PolynomialFeatures": (preprocessing.PolynomialFeatures(2), None),
    "KBinsDiscretizer": (preprocessing.KBinsDiscretizer(5, encode="ordinal"), None),
    "PowerTransformer": (preprocessing.PowerTransformer(), None),
    "Pipeline": (
        pipeline.make_pipeline(
            preprocessing.StandardScaler(),
            decomposition.PCA(10),
            linear_model.LogisticRegression(),
        ),
        LABELS,
    ),
    "ColumnTransformer": (
        pipeline.make_pipeline(
            compose.ColumnTransformer(
                [
                    ("standard", preprocessing.StandardScaler(), slice(0, 10)),
                    ("min-max", preprocessing.MinMaxScaler(), slice(10, 20)),
                ]
            ),
            linear_model.LogisticRegression(),
        ),
        LABELS,
    ),
}
"""A model of each family, and its target: of all rows of X, or of the first."""

PAGE = Path(__file__).parents[1] / "docs" / "speed.md"


@dataclass(frozen=True, kw_only=True)
class Speed:
    """Microseconds a call of ours, of skl2onnx's graph and of scikit-learn, and bytes."""

    one: tuple[float, float, float]
    many: tuple[float, float, float]
    size: tuple[int, int]


def main() -> int:
    """Measure every model that both can convert."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write docs/speed.md")
    parser.add_argument("names", nargs="*", help="models; all by default")
    asked = parser.parse_args()
    warnings.simplefilter("ignore")
    found: dict[str, Speed] = {}
    skipped: dict[str, str] = {}
    for name in asked.names or MODELS:
        print(f"{name} ...", end="\r", file=sys.stderr)
        try:
            found[name] = _measured(*MODELS[name])
        except Exception as error:  # noqa: BLE001 - a converter that cannot is part of the answer
            skipped[name] = f"{type(error).__name__}: {error}"[:120]
    page = _page(found, skipped)
    print(page)
    if asked.write:
        PAGE.write_text(page)
    return 0


def _measured(model: Any, target: Any) -> Speed:
    import skl2onnx  # noqa: PLC0415

    model.fit(X if target is None else X[: len(target)], target)
    original, _, _ = describe(model, X[:50])
    ours = sklearn_to_onnx(model, original.signature, name="speed")
    theirs = skl2onnx.to_onnx(
        model,
        X[:1].astype(np.float32),
        options={id(model): {"zipmap": False}} if is_classifier(model) else None,
        # The newest that every converter of skl2onnx knows.
        target_opset={"": skl2onnx.__max_supported_opset__, "ai.onnx.ml": 3},
    ).SerializeToString()
    method = model.predict if hasattr(model, "predict") else model.transform
    graphs, many = (_run(ours), _run(theirs)), np.tile(X, (5, 1))
    return Speed(
        # The original by itself: who came after it would find the processor's caches taken.
        one=(*_times(graphs, X[:1], seconds=0.3), *_times((method,), X[:1], seconds=0.1)),
        many=(*_times(graphs, many, seconds=0.6), *_times((method,), many, seconds=0.1)),
        size=(len(ours), len(theirs)),
    )


def _run(content: bytes) -> Callable[[Any], Any]:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(content, options)
    name = session.get_inputs()[0].name
    dtype = {"tensor(double)": np.float64}.get(session.get_inputs()[0].type, np.float32)
    cast: dict[int, Any] = {}

    def run(rows: Any) -> Any:
        if len(rows) not in cast:
            cast[len(rows)] = {name: rows.astype(dtype)}
        return session.run(None, cast[len(rows)])

    return run


def _times(calls: Any, rows: Any, *, seconds: float) -> tuple[float, ...]:
    """Median microseconds of each call; they take turns, in small batches."""
    for call in calls:
        call(rows)
    started = time.perf_counter()
    calls[0](rows)
    batch = max(1, int(0.002 / (time.perf_counter() - started)))
    taken: list[list[float]] = [[] for _ in calls]
    until = time.perf_counter() + seconds
    while time.perf_counter() < until or len(taken[0]) < 3:
        for call, times in zip(calls, taken, strict=True):
            started = time.perf_counter()
            for _ in range(batch):
                call(rows)
            times.append((time.perf_counter() - started) / batch * 1e6)
    return tuple(median(times) for times in taken)


def _page(found: dict[str, Speed], skipped: dict[str, str]) -> str:
    lines = [
        "# Speed of the graphs",
        "",
        "Made by `make bench-graphs`; do not edit. Float64 graphs of ours beside float32 graphs "
        "of skl2onnx, one thread, one run, 20 columns; microseconds a call (median).",
        "",
        "| model | 1 row | skl2onnx | ratio | 10,000 rows | skl2onnx | ratio | "
        "scikit-learn / ours, 1 row | bytes | skl2onnx | ratio |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
        *(_line(name, speed) for name, speed in found.items()),
        "",
        *_medians(list(found.values())),
    ]
    if skipped:
        lines += ["", "Not compared:", ""]
        lines += [f"- {name}: {reason}" for name, reason in skipped.items()]
    return "\n".join(lines) + "\n"


def _line(name: str, speed: Speed) -> str:
    one, many, size = speed.one, speed.many, speed.size
    cells = [
        *(f"{one[0]:.1f}", f"{one[1]:.1f}", f"{one[0] / one[1]:.2f}"),
        *(f"{many[0]:.0f}", f"{many[1]:.0f}", f"{many[0] / many[1]:.2f}"),
        f"{one[2] / one[0]:.0f}",
        *(str(size[0]), str(size[1]), f"{size[0] / size[1]:.2f}"),
    ]
    return f"| {name} | " + " | ".join(cells) + " |"


def _medians(found: list[Speed]) -> list[str]:
    if not found:
        return []
    one = [s.one[0] / s.one[1] for s in found]
    many = [s.many[0] / s.many[1] for s in found]
    size = [s.size[0] / s.size[1] for s in found]
    original = [s.one[2] / s.one[0] for s in found]
    return [
        f"Median ratio to skl2onnx: {median(one):.2f} at 1 row (largest {max(one):.2f}), "
        f"{median(many):.2f} at 10,000 rows (largest {max(many):.2f}); size {median(size):.2f} "
        f"(largest {max(size):.2f}). At 1 row {median(original):.0f} times as fast as "
        "scikit-learn in the median."
    ]


if __name__ == "__main__":
    sys.exit(main())
