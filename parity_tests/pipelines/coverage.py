"""docs/coverage.md and docs/coverage.json: what each estimator's conversion was measured to be.

`python -m parity_tests.pipelines.coverage` proves every case again, measures skl2onnx beside it,
and writes both files; with `--missing`, only what they do not hold yet.
"""

from __future__ import annotations

import math
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import Executor, ProcessPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
from sklearn.base import BaseEstimator
from sklearn.utils import all_estimators

from converters.graph.steps import ESTIMATORS, REFUSED
from converters.original import method_of
from converters.outputs import METHODS
from isomorph.proving import library_versions
from parity_tests.found import ROOT
from parity_tests.pipelines import peer_pmml
from parity_tests.pipelines.case import run
from parity_tests.pipelines.peer import Peer, measure
from parity_tests.pipelines.pmml import NO_PMML, Documents, Made, measured
from parity_tests.pipelines.tables import CASES, subject

JSON, PAGE = ROOT / "docs" / "coverage.json", ROOT / "docs" / "coverage.md"
ABOUT = """*Differences* are the largest of all the pipelines about the estimator, relative to the
output's scale; a label or cluster differs or not, and 0 means that none does. *skl2onnx* is the
same measurement of skl2onnx's graph of the first of them, in float32 (its default) and in
float64, on the sample, uniform rows, missing values and unknown categories."""


PMML_PEER = "sklearn2pmml"


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A case: whether it passed, rows tried, and the largest relative difference by output."""

    status: str
    rows: int
    ties: int
    largest: dict[str, float]
    estimators: tuple[str, ...]
    subject: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """An estimator: what converts it or why nothing does, and skl2onnx's own result."""

    converter: str = ""
    reason: str = ""
    peers: dict[str, str] = {}


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """The whole measurement."""

    versions: dict[str, str]
    estimators: dict[str, Row]
    cases: dict[str, Measured]
    pmml: dict[str, Documents] = {}


def new_row_estimators() -> list[str]:
    """The estimators of scikit-learn that answer new rows, by name."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            name
            for name, kind in all_estimators()
            if any(hasattr(kind, method) for method in ("predict", "transform", "score_samples"))
        ]


def contained(model: Any) -> tuple[str, ...]:
    """The names of all estimator classes in a model."""
    values = [model, *model.get_params(deep=True).values()]
    return tuple(sorted({type(v).__name__ for v in values if isinstance(v, BaseEstimator)}))


def prove_case(number: int) -> Measured:
    """Run one case; by its number, because a case that holds a function cannot be sent."""
    case = CASES[number]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            result = run(case)
        except Exception as error:  # noqa: BLE001 - the page says what happened
            status, rows, ties, largest = f"{type(error).__name__}: {error}"[:300], 0, 0, {}
        else:
            status, rows = result.verdict.status, result.verdict.rows
            ties = sum(tried.ties for tried in result.verdict.tried)
            largest = {name: float(f"{value:.1e}") for name, value in result.largest.items()}
    return Measured(
        status=status,
        rows=rows,
        ties=ties,
        largest=largest,
        estimators=contained(case.model),
        subject=subject(case.model),
    )


def pmml_of_case(number: int) -> Documents:
    """PMML of one case, by its number."""
    return measured(CASES[number])


def pmml_peer(number: int) -> str:
    """sklearn2pmml's result on one case, by its number."""
    return _outcome(peer_pmml.measure(CASES[number]))


def measure_all(known: Coverage | None = None) -> Coverage:
    """Prove every case, and measure the peers on the first case of each estimator.

    What `known` holds, by the names of cases and estimators, is not measured again.
    """
    cases = {} if known is None else dict(known.cases)
    pmml = {} if known is None else dict(known.pmml)
    peers = {} if known is None else {n: dict(row.peers) for n, row in known.estimators.items()}
    plain = {subject(case.model): number for number, case in reversed(list(enumerate(CASES)))}
    with ProcessPoolExecutor() as pool:
        _measure(pool, prove_case, cases)
    with ProcessPoolExecutor() as pool:  # each process with a JVM of its own
        _measure(pool, pmml_of_case, pmml)
        due = [name for name in plain if PMML_PEER not in peers.setdefault(name, {})]
        outcomes = pool.map(pmml_peer, [plain[name] for name in due])
        for name, outcome in zip(due, _progress(outcomes, len(due)), strict=True):
            peers[name][PMML_PEER] = outcome
    import skl2onnx  # noqa: F401, PLC0415 - seconds, once for all the processes that follow

    for name, number in plain.items():
        for precision in ("float32", "float64"):
            if precision not in peers[name]:
                peers[name][precision] = _outcome(measure(CASES[number], precision))
    return Coverage(
        versions=library_versions(),
        estimators={
            name: Row(
                converter=ESTIMATORS.get(name, ""),
                reason=REFUSED.get(name, ""),
                peers=peers.get(name, {}),
            )
            for name in new_row_estimators()
        },
        cases={case.name: cases[case.name] for case in CASES},
        pmml={case.name: pmml[case.name] for case in CASES},
    )


def _measure(pool: Executor, function: Callable[[int], Any], found: dict[str, Any]) -> None:
    """Add what the function gives for each case that is not among those found."""
    due = [number for number, case in enumerate(CASES) if case.name not in found]
    names = [CASES[number].name for number in due]
    found |= dict(zip(names, _progress(pool.map(function, due), len(due)), strict=True))


def _progress(results: Iterable[Any], total: int) -> Iterable[Any]:
    started = time.monotonic()
    for count, result in enumerate(results, start=1):
        if count % 20 == 0:
            print(f"{count}/{total} {time.monotonic() - started:.0f} s", file=sys.stderr)
        yield result


def _outcome(peer: Peer) -> str:
    if peer.outcome != "runs":
        return peer.outcome
    wrong = f"{peer.labels_differ} of {peer.rows} labels wrong, " if peer.labels_differ else ""
    if math.isinf(peer.largest):
        return f"{wrong}rows without an answer"
    return f"{wrong}{peer.largest:.0e}"


def page(coverage: Coverage) -> str:
    """docs/coverage.md."""
    lines = [
        "# Coverage",
        "",
        "Made by `make coverage`; do not edit. "
        + ", ".join(f"{name} {version}" for name, version in coverage.versions.items())
        + ".",
        "",
        *_summary(coverage),
        "",
        ABOUT,
        "",
        "| estimator | converter | pipelines | rows | "
        + " | ".join(f"`{method}`" for method in METHODS)
        + " | skl2onnx float32 | float64 | PMML | sklearn2pmml |",
        "|---|---|--:|--:|" + "--:|" * len(METHODS) + "---|---|---|---|",
    ]
    lines += [_line(coverage, name, row) for name, row in coverage.estimators.items()]
    failing = {name: case for name, case in coverage.cases.items() if case.status != "pass"}
    if failing:
        lines += ["", "## Pipelines that do not pass", ""]
        lines += [f"- {name}: {case.status}" for name, case in failing.items()]
    return "\n".join(lines) + "\n"


def _summary(coverage: Coverage) -> list[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        predictors = {name for name, kind in all_estimators() if hasattr(kind, "predict")}
    exact = {name for name, row in coverage.estimators.items() if _exact(coverage, name, row)}
    predicting = predictors & set(coverage.estimators)
    passed = sum(case.status == "pass" for case in coverage.cases.values())
    rows = sum(case.rows for case in coverage.cases.values())
    reasons = sum(bool(row.reason) for row in coverage.estimators.values())
    return [
        (
            f"**{len(exact)} of {len(coverage.estimators)}** estimators that answer new rows are "
            f"exact in float64, {reasons} cannot be; of the {len(predicting)} that predict, "
            f"{len(predicting & exact)}. {passed} of {len(coverage.cases)} pipelines pass, on "
            f"{rows:,} rows."
        ),
        "",
        _pmml_summary(coverage),
    ]


def _exact(coverage: Coverage, name: str, row: Row) -> bool:
    cases = [case for case in coverage.cases.values() if name in case.estimators]
    return bool(row.converter and cases) and all(case.status == "pass" for case in cases)


def _line(coverage: Coverage, name: str, row: Row) -> str:
    cases = [case for case in coverage.cases.values() if name in case.estimators]
    mine = [case for case in cases if case.subject == name]
    largest: dict[str, float] = defaultdict(lambda: -1.0)
    for case in mine:
        for output, value in case.largest.items():
            method, _ = method_of(output)
            largest[method] = max(largest[method], value)
    numbers = [f"{largest[m]:.0e}".replace("0e+00", "0") if m in largest else "" for m in METHODS]
    converter = f"`{row.converter}`" if row.converter else f"none: {row.reason or 'missing'}"
    rows = sum(case.rows for case in cases)
    peers = [row.peers.get(peer, "") for peer in ("float32", "float64")]
    peers += [_pmml(coverage, name), row.peers.get(PMML_PEER, "")]
    return (
        f"| {name} | {converter} | {len(cases)} | {rows:,} | "
        + " | ".join([*numbers, *peers])
        + " |"
    )


def _pmml(coverage: Coverage, name: str) -> str:
    """How many of the pipelines about an estimator have a PMML, and the largest difference."""
    names = [case for case, found in coverage.cases.items() if found.subject == name]
    found = [coverage.pmml[case].best for case in names if case in coverage.pmml]
    passed = [each for each in found if each.status == "pass"]
    if not passed:
        return f"none: {_cause(found[0].status)}" if found else ""
    largest = f"{max(each.largest for each in passed):.0e}".replace("0e+00", "0")
    return f"{len(passed)} of {len(found)}, {largest}"


def _cause(status: str) -> str:
    return next((cause for said, cause in NO_PMML.items() if said in status), "not equal")


def _pmml_summary(coverage: Coverage) -> str:
    """How many predictors, and pipelines, have a PMML."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kinds = {
            kind: set(coverage.estimators).intersection(
                name for name, _ in all_estimators(type_filter=kind)
            )
            for kind in ("classifier", "regressor", "cluster", "transformer")
        }
    first = {case.subject: name for name, case in reversed(coverage.cases.items())}
    made = {name for name, found in coverage.pmml.items() if found.best.status == "pass"}
    exact = {name for name, case in first.items() if case in made}
    counts = [f"{len(exact & names)} of {len(names)} {k}s" for k, names in kinds.items()]
    documents = [each for found in coverage.pmml.values() for each in _documents(found)]
    return (
        f"PMML: the first pipeline of {', '.join(counts)} is exact in JPMML; {len(made)} of "
        f"{len(coverage.pmml)} pipelines. Of {len(documents)} documents that passed, further rows "
        f"found {sum(bool(each.wrong) for each in documents)} wrong; "
        f"{sum(each.apart for each in documents)} rows answered differently by the ONNX."
    )


def _documents(found: Documents) -> list[Made]:
    every = [*found.usual.values(), found.all_methods]
    return [each for each in every if each.status == "pass"]


def recorded() -> Coverage:
    """The measurement in the tree."""
    return msgspec.json.decode(JSON.read_bytes(), type=Coverage)


def main() -> int:
    """Measure, write both files; 1 if a pipeline does not pass.

    With --missing, only what the files do not hold yet.
    """
    coverage = measure_all(recorded() if "--missing" in sys.argv[1:] else None)
    Path(JSON).write_bytes(msgspec.json.format(msgspec.json.encode(coverage), indent=1) + b"\n")
    Path(PAGE).write_text(page(coverage))
    return 0 if all(case.status == "pass" for case in coverage.cases.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
