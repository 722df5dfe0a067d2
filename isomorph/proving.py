"""From a trained model to a proven draft of a bundle, step by step, all in memory."""

from __future__ import annotations

import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any, Literal

import msgspec
import numpy as np
import onnx

from bundle import golden
from bundle.arrays import Array, Arrays, Predict
from bundle.errors import BundleError, ConversionError
from bundle.manifest import Manifest, Source, TargetName, TargetVerdict, Verdict
from bundle.reader import Bundle as Stored
from bundle.signature import Signature, Task
from converters.baseline import baseline
from converters.describe import describe
from converters.graph.term_counts import counted_by_operator
from converters.load import Loaded, digest, load
from converters.original import Original
from converters.sklearn_to_onnx import sklearn_to_onnx, with_precision
from isomorph.tables import read_sample
from parity.columns import stack, take
from parity.compare import Scales, scales
from parity.difference import Difference
from parity.probes import AT_LEAST, make_probes
from parity.proof import TOLERANCE, Answered, Proof, ask_original, prove
from parity.report import as_html, as_json
from runtime.differences import differences
from runtime.engine import Engine

FLOAT32_TOLERANCE = 1e-3
"""Float32 is a choice whose measured error the verdict states."""
FLOAT32_SHARE = 0.01
"""Of ordinary rows, those that may differ by a label or by more; beyond it is another function."""
RECORDED = ("scikit-learn", "numpy", "pandas", "onnx", "onnxruntime", "spox", "sklearn2pmml")
GOLDEN_ROWS = 8
"""Rows of each kind that are recorded."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is known of a bundle before it is written."""

    loaded: Loaded
    sample_path: str | None
    original: Original
    sample: Arrays
    task: Task
    precision: Literal["float64", "float32"]
    answered: tuple[Answered, ...]
    scales: Scales
    files: dict[str, bytes]
    verdicts: tuple[TargetVerdict, ...] = ()
    worst: tuple[Difference, ...] = ()

    def backend(self, target: TargetName) -> Predict:
        """Run one target of the draft."""
        return _backend(self, target)

    @property
    def signature(self) -> Signature:
        """The signature of the bundle, whose number blocks have the precision asked for."""
        return with_precision(self.original.signature, self.precision)


def draft(
    model: Any,
    sample: Any,
    *,
    say: Callable[[str], None],
    precision: Literal["float64", "float32"] = "float64",
    methods: Sequence[str] = (),
    at_least: int = AT_LEAST,
) -> Draft:
    """Load, describe, make the rows to try and record what the original answers to them."""
    say("loading the model")
    loaded = load(model)
    path = str(sample) if isinstance(sample, str | Path) else None
    table = read_sample(Path(path)) if path else sample
    say("describing it")
    original, rows, task = describe(loaded.model, table, methods=methods)
    say("making rows to try, and asking the original")
    answered = tuple(ask_original(original, make_probes(original, rows, at_least=at_least)))
    return Draft(
        loaded=loaded,
        sample_path=path,
        original=original,
        sample=rows,
        task=task,
        precision=precision,
        answered=answered,
        scales=scales(original.signature, original(rows)),
        files={},
    )


def make_onnx(made: Draft, *, name: str, single: bool = False) -> Draft:
    """Add model.onnx. Raises ConversionError naming the step."""
    content = sklearn_to_onnx(made.loaded.model, made.signature, name=name, single=single)
    return replace(made, files={**made.files, "model.onnx": content})


def proven_onnx(made: Draft, *, name: str) -> Draft:
    """Add model.onnx and its verdict.

    In float32 all is computed in it, which is the smallest; where that is another function, only
    the inputs are float32.
    """
    if made.precision == "float32":
        try:
            tried = proven(make_onnx(made, name=name, single=True), "onnx")
        except (BundleError, RuntimeError, onnx.checker.ValidationError):
            tried = None  # an operator that has no float32 form in onnxruntime
        if tried is not None and tried.verdicts[-1].status == "pass":
            return tried
    return proven(make_onnx(made, name=name), "onnx")


def proven(made: Draft, target: TargetName) -> Draft:
    """Add the verdict on `target`, run as it will be: ONNX by the engine that serves it."""
    tolerance, share = allowed(made.precision, target)
    proof = prove(
        made.original.signature,
        target,
        _backend(made, target),
        made.answered,
        made.scales,
        tolerance=tolerance,
        share=share,
    )
    return _with(made, proof)


def allowed(precision: str, target: TargetName) -> tuple[float, float]:
    """How far numbers may be off, and the share of ordinary rows that may be off by more."""
    single = precision == "float32" and target == "onnx"
    return (FLOAT32_TOLERANCE, FLOAT32_SHARE) if single else (TOLERANCE, 0.0)


def make_pmml(made: Draft) -> Draft:
    """Add model.pmml by the first way that gives an equal one; else the reasons why none does."""
    refused = []
    for way in PMML_WAYS:
        tried = pmml_by(way, made)
        if tried.verdicts[-1].status == "pass":
            return tried
        refused.append(tried)
    # The last way takes nearly every model: its rows and its reason count most.
    reasons = [
        f"by {way}: {tried.verdicts[-1].reason}"
        for way, tried in zip(PMML_WAYS, refused, strict=True)
    ]
    verdict = msgspec.structs.replace(refused[-1].verdicts[-1], reason="; ".join(reversed(reasons)))
    return replace(refused[-1], verdicts=(*made.verdicts, verdict))


def pmml_by(way: str, made: Draft) -> Draft:
    """With model.pmml made in this way where it is equal; else without, its verdict `absent`."""
    try:
        tried = proven(_self_proving(_with_pmml(made, PMML_WAYS[way](made))), "pmml")
    except ConversionError as error:
        return _with(made, Proof(verdict=_absent(str(error)), worst=()))
    verdict = tried.verdicts[-1]
    if verdict.status == "pass":
        return tried
    # Unequal PMML is never published; what it showed stays in the verdict and in the report.
    reason = f"refused, because it is not the same function: {verdict.reason}"
    refused = msgspec.structs.replace(verdict, status="absent", reason=reason)
    return replace(tried, files=made.files, verdicts=(*made.verdicts, refused))


def _self_proving(made: Draft) -> Draft:
    """Let model.pmml carry golden rows, before the proof: what is published is what was proven.

    Rows that it does not answer are not among them; the proof finds those and says how they
    differ, where a document that contradicts itself would only be refused.
    """
    from converters.pmml_document import Recorded, self_proving  # noqa: PLC0415

    rows, answers = golden_rows(made)
    zero = {name: TOLERANCE * scale for name, scale in made.scales.items()}
    recorded = Recorded(rows=rows, answers=answers, zero=zero).repeated(made.backend("pmml")(rows))
    content = self_proving(made.files["model.pmml"], made.original.signature, recorded)
    return _with_pmml(made, content)


def _with_pmml(made: Draft, content: bytes) -> Draft:
    return replace(made, files={**made.files, "model.pmml": content})


def _by_converter(made: Draft) -> bytes:
    """The model in PMML's own elements."""
    from converters.sklearn_to_pmml import sklearn_to_pmml  # noqa: PLC0415

    _speakable(made.original.signature)
    return sklearn_to_pmml(made.loaded.model, made.original.signature)


def _by_expansion(made: Draft) -> bytes:
    """The graph in PMML's expressions, always from float64."""
    from converters.onnx_to_pmml import onnx_to_pmml  # noqa: PLC0415

    signature = made.original.signature
    content = made.files.get("model.onnx", b"")
    reads_text = any(column.kind == "text" for column in signature.columns)
    if made.precision != "float64" or not content or reads_text:
        with counted_by_operator():
            content = sklearn_to_onnx(made.loaded.model, signature, name="model")
    return onnx_to_pmml(content, signature)


def _speakable(signature: Signature) -> None:
    """Raise ConversionError where an output has no place in what JPMML's converter writes."""
    other = [
        output.name
        for output in signature.outputs
        if output.name not in ("label", "prediction", "probabilities")
        or (output.width is not None and output.names is None)
    ]
    if other:
        raise ConversionError(f"it does not write the output {', '.join(other)}", where="PMML")


PMML_WAYS: dict[str, Callable[[Draft], bytes]] = {
    "JPMML's converter": _by_converter,
    "expansion of the graph": _by_expansion,
}
"""How model.pmml is made, the more readable way first."""


def finish(made: Draft, *, name: str, version: int) -> tuple[Manifest, dict[str, bytes]]:
    """Return the manifest and the files of the bundle."""
    manifest = Manifest(
        name=name,
        version=version,
        task=made.task,
        precision=made.precision,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        signature=made.signature,
        verdict=Verdict(targets=made.verdicts),
        source=_source(made),
        versions=library_versions(),
        files={},
    )
    report = (manifest, manifest.verdict, made.worst, manifest.versions)
    files = {
        **made.files,
        "golden.json": golden.encode(made.original.signature, *golden_rows(made)),
        "parity.json": as_json(*report),
        "report.html": as_html(*report),
        "baseline.json": baseline(made.original.signature, made.sample),
    }
    return manifest, files


def golden_rows(made: Draft) -> tuple[Arrays, Arrays]:
    """A few rows of each kind and what the original answered, all finite, for `golden.json`."""
    rows, answers = [], []
    for each in made.answered:
        finite = np.all(
            [
                np.isfinite(block).reshape(len(block), -1).all(axis=1)
                for block in each.expected.values()
                if block.dtype.kind == "f"
            ]
            or [np.ones(len(next(iter(each.expected.values()))), dtype=bool)],
            axis=0,
        )
        usable = _repeated(made, each, np.flatnonzero(finite))
        if len(usable):
            chosen = usable[np.linspace(0, len(usable) - 1, GOLDEN_ROWS).astype(int)]
            rows.append(take(each.probe.rows, chosen))
            answers.append(take(each.expected, chosen))
    if not rows:  # no answer of the model is finite: no rows, of the blocks' shapes
        first, none = made.answered[0], np.array([], dtype=np.intp)
        return take(first.probe.rows, none), take(first.expected, none)
    return stack(rows), stack(answers)


def _repeated(made: Draft, each: Answered, usable: Array) -> Array:
    """Of the rows, some that the service repeats when it starts; all of them in float64."""
    if made.precision == "float64" or not len(usable):
        return usable
    some = usable[np.unique(np.linspace(0, len(usable) - 1, 20 * GOLDEN_ROWS).astype(int))]
    expected, got = take(each.expected, some), made.backend("onnx")(take(each.probe.rows, some))
    same = [
        differences(take(expected, [row]), take(got, [row]), tolerance=FLOAT32_TOLERANCE) is None
        for row in range(len(some))
    ]
    return np.asarray(some[same])


def library_versions() -> dict[str, str]:
    """Versions of Python and of the libraries that had a part in the bundle."""
    found = {"python": platform.python_version()}
    for name in RECORDED:
        try:
            found[name] = installed(name)
        except PackageNotFoundError:
            continue
    return found


def _backend(made: Draft, target: TargetName) -> Predict:
    if target == "pmml":
        from parity.jpmml import pmml_backend  # noqa: PLC0415 - needs the extra `pmml`

        return pmml_backend(made.files["model.pmml"], made.original.signature)
    return draft_engine(made.files["model.onnx"], made.signature, made.task).run


def draft_engine(content: bytes, signature: Signature, task: Task) -> Engine:
    """The engine that serves, over a model.onnx that stands in no bundle yet."""
    manifest = Manifest(
        name="draft",
        version=1,
        task=task,
        created="",
        signature=signature,
        verdict=Verdict(targets=()),
        source=Source(estimator="", format="memory"),
        versions={},
        files={},
    )
    files = {"model.onnx": content}
    return Engine(Stored(path=Path("draft"), manifest=manifest, files=files, digest=""))


def _with(made: Draft, proof: Proof) -> Draft:
    return replace(
        made, verdicts=(*made.verdicts, proof.verdict), worst=(*made.worst, *proof.worst)
    )


def _absent(reason: str) -> TargetVerdict:
    return TargetVerdict(target="pmml", status="absent", tolerance=TOLERANCE, reason=reason)


def _source(made: Draft) -> Source:
    model = made.loaded.model
    return Source(
        estimator=f"{type(model).__module__}.{type(model).__qualname__}",
        format=made.loaded.format,
        path=made.loaded.path,
        sha256=made.loaded.sha256,
        sample_path=made.sample_path,
        sample_sha256=digest(Path(made.sample_path)) if made.sample_path else None,
    )
