"""One pipeline of the suite: fitted, converted, proven by every method that it has."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import sklearn
from hypothesis import HealthCheck, given, reject, settings
from packaging.version import parse
from sklearn.base import BaseEstimator, clone

from bundle.arrays import Arrays, Predict
from bundle.manifest import TargetVerdict
from converters.describe import describe
from converters.original import Original
from converters.outputs import METHODS
from converters.sklearn_to_onnx import sklearn_to_onnx
from isomorph.proving import draft_engine
from parity.compare import Scales, compare, scales
from parity.contradictions import Terms, settle
from parity.probes import make_probes
from parity.proof import TOLERANCE, ask_original, prove
from parity_tests.pipelines.datasets import DATASETS
from parity_tests.pipelines.rows import batches

ROWS = 1_000
"""Rows tried, at least."""
EXAMPLES = 15
"""Batches of rows that hypothesis makes."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """An estimator, not fitted, and the data set it is fitted on.

    `methods`: those to prove; by default all that the fitted model has. `tolerance` above 1e-12
    needs its cause in `because`.
    """

    name: str
    model: BaseEstimator
    on: str
    methods: tuple[str, ...] = ()
    tolerance: float = TOLERANCE
    because: str = ""


def since(version: str, make: Callable[[], Any]) -> Any:
    """What `make` makes, with scikit-learn of this version or newer; else None.

    A case whose model is None is left out.
    """
    return make() if parse(sklearn.__version__) >= parse(version) else None


@dataclass(frozen=True, kw_only=True)
class Result:
    """What the proof of a case found; `largest` is the largest difference of each output."""

    verdict: TargetVerdict
    largest: Mapping[str, float]
    seconds: float
    bytes: int


def fitted(case: Case) -> tuple[Any, Any]:
    """The model, fitted, and the rows it was fitted on."""
    X, y = DATASETS[case.on]()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of convergence: the function is what counts
        # Encoders of labels take them alone.
        return clone(case.model).fit(*((X,) if y is None else (X, y))), X


def run(case: Case) -> Result:
    """Fit, convert and prove; raise AssertionError where hypothesis finds a difference."""
    started = time.perf_counter()
    model, X = fitted(case)
    methods = case.methods or [method for method in METHODS if hasattr(model, method)]
    original, sample, task = describe(model, X, methods=methods)
    content = sklearn_to_onnx(model, original.signature, name="case")
    engine = draft_engine(content, original.signature, task)
    scale = scales(original.signature, original(sample))
    answered = ask_original(original, make_probes(original, sample, at_least=ROWS))
    proof = prove(original.signature, "onnx", engine.run, answered, scale, tolerance=case.tolerance)
    if proof.verdict.status == "pass":
        try_properties(case, original, engine.run, sample, scale)
    return Result(
        verdict=proof.verdict,
        largest=proof.largest,
        seconds=time.perf_counter() - started,
        bytes=len(content),
    )


def try_properties(
    case: Case, original: Original, backend: Predict, sample: Arrays, scale: Scales
) -> None:
    """Batches that hypothesis makes and shrinks: of 0, 1 and many rows. AssertionError."""

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(batches(original.signature, sample))
    def equal(rows: Arrays) -> None:
        try:
            expected = original(rows)
        except Exception:  # noqa: BLE001 - values it accepts apart, refused together: no answer
            reject()
        got = backend(rows)
        compared = compare(original.signature, expected, got, scale)
        terms = Terms(signature=original.signature, scales=scale, tolerance=case.tolerance)
        compared = settle(compared, rows, got, original, terms)
        assert not compared.labels_differ.any(), f"labels differ for {rows}"
        assert compared.worst.max(initial=0.0) <= case.tolerance, f"numbers differ for {rows}"

    equal()
