"""PMML of the cases: what each way of making it gives, in JPMML, beside the same run's ONNX."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import msgspec
import numpy as np

from bundle.arrays import Arrays, Predict
from bundle.errors import ConversionError
from converters.outputs import METHODS
from isomorph.proving import PMML_WAYS, Draft, draft, make_onnx, pmml_by
from parity.compare import compare
from parity.contradictions import Terms, settle
from parity_tests.pipelines.case import ROWS, Case, fitted, try_properties

CONVERTER, EXPANSION = PMML_WAYS
NO_PMML = {
    "the operator Loop": "iterates until it stops by itself",
    "the operator If": "nearest neighbours: ties are settled by replaying a heap",
    "the operator Compress": "nearest neighbours: ties are settled by replaying a heap",
    "for its hashes": "PMML has no hash function",
    "values a row": "larger than an engine could hold",
    "smallest of": "larger than an engine could hold",
    "the remainder of a division": "PMML's modulo rounds",
    "float32 arithmetic": "PMML counts in float64",
}
"""Why graphs have no form in PMML: what the refusal says, and the cause."""
UNEQUAL = {
    "RBFSampler": "cosines of 1e30: a fused multiplication in the original decides, PMML has none",
    "Birch": "distances by cancelling squares: the original's own order of sums in BLAS decides",
    "empirical priors": "the same, at columns of 1e8",
    "ComplementNB, norm": "the same, at columns of 1e15",
    "DotProduct": "terms cancel: the ONNX, too, is allowed more than 1e-12 there",
    "SVR, linear": "terms of 1e8 cancel, in libsvm's order of sums",
    "np.reciprocal": "1 / -0: JPMML has no negative zero",
    "array API": "1 / -0, likewise",
    "function, tidy": "1 / -0, likewise",
    "frame, totals": "a variance at 1e30, in NumPy's pairwise order of sums",
    "function, rounded": "1e30 as an integer, which wraps in NumPy",
    "no smoothing": "0 * -inf, which an engine refuses",
    "no spread": "0 / 0, likewise",
}
"""Pipelines whose expansion is refused by the proof: part of the name, and the cause."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """One document: `pass`, or why there is none; the largest relative difference of its numbers.

    `wrong`: what rows of hypothesis found in a document that had passed. `apart`: rows tried in
    which it is further from the ONNX than the tolerance.
    """

    status: str
    rows: int = 0
    largest: float = 0.0
    bytes: int = 0
    wrong: str = ""
    apart: int = 0


class Documents(msgspec.Struct, frozen=True, kw_only=True):
    """A case's documents: of the model's usual answers, and of all its methods."""

    usual: dict[str, Made]
    all_methods: Made

    @property
    def best(self) -> Made:
        """That of the usual answers, if there is one; else why there is none of any."""
        found = [*self.usual.values(), self.all_methods]
        return next((each for each in found if each.status == "pass"), found[-1])


def run_pmml(case: Case, ways: Sequence[str] = (CONVERTER, EXPANSION)) -> Documents:
    """Fit, convert to ONNX and in these ways to PMML, and prove each."""
    model, X = fitted(case)

    def made(methods: Sequence[str]) -> Draft:
        found = draft(model, X, say=lambda _: None, methods=methods, at_least=ROWS)
        return make_onnx(found, name="case")

    full = made(case.methods or [method for method in METHODS if hasattr(model, method)])
    everything = _document(case, full, EXPANSION)
    if case.methods:
        return Documents(usual={}, all_methods=everything)
    usual = made(())
    if usual.signature == full.signature:
        others = [way for way in ways if way != EXPANSION]
        found = {way: _document(case, usual, way) for way in others} | {EXPANSION: everything}
        return Documents(usual=found, all_methods=everything)
    return Documents(
        usual={way: _document(case, usual, way) for way in ways}, all_methods=everything
    )


def _document(case: Case, made: Draft, way: str) -> Made:
    tried = pmml_by(way, made)
    verdict = tried.verdicts[-1]
    if verdict.status != "pass":
        return Made(status=(verdict.reason or verdict.status)[:300], rows=verdict.rows)
    run = tried.backend("pmml")
    return Made(
        status="pass",
        rows=verdict.rows,
        largest=float(f"{verdict.max_relative:.1e}"),
        bytes=len(tried.files["model.pmml"]),
        wrong=_wrong(case, made, run),
        apart=_apart(case, tried, run),
    )


def _wrong(case: Case, made: Draft, run: Predict) -> str:
    try:
        try_properties(case, made.original, run, made.sample, made.scales)
    except (AssertionError, ConversionError) as error:
        return str(error)[:300]
    return ""


def _apart(case: Case, made: Draft, run: Predict) -> int:
    """Rows for which the two files do not say the same."""
    onnx, found = made.backend("onnx"), 0
    terms = Terms(signature=made.original.signature, scales=made.scales, tolerance=case.tolerance)
    for each in made.answered:
        rows: Arrays = each.probe.rows
        one, other = onnx(rows), run(rows)
        compared = compare(terms.signature, one, other, terms.scales)
        compared = settle(compared, rows, other, made.original, terms)
        found += int(np.sum(compared.labels_differ | (compared.worst > case.tolerance)))
    return found


def measured(case: Case) -> Documents:
    """The case's documents; an error is part of the answer."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return run_pmml(case)
        except Exception as error:  # noqa: BLE001 - the page says what happened
            failed = Made(status=f"{type(error).__name__}: {error}"[:300])
            return Documents(usual={}, all_methods=failed)
