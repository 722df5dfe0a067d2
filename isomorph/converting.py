"""`convert`: load, describe, export, prove, write; nothing is written that is not proven."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bundle.errors import SourceError
from bundle.manifest import TargetName, Verdict
from bundle.writer import versions, write_bundle
from isomorph.bundles import Bundle

if TYPE_CHECKING:
    from isomorph.proving import Draft

Say = Callable[[str], None]


def convert(
    model: Any,
    sample: Any,
    *,
    name: str,
    version: int | None = None,
    artifacts: Path | str = "artifacts",
    formats: Sequence[TargetName] = ("onnx", "pmml"),
    precision: Literal["float64", "float32"] = "float64",
    methods: Sequence[str] = (),
    report: Path | str | None = None,
    progress: Say | None = None,
) -> Bundle:
    """Convert a fitted model, prove the result equal to it, and write artifacts/<name>/<version>.

    `model`: an estimator, or the path of a .joblib, .pkl, .skops file or an MLflow model
    directory. `sample`: rows like those of training, as a DataFrame, a 2-D array, or the path of
    a CSV or Parquet file. `version` defaults to the next integer. `methods`: the methods of the
    model to answer (`predict`, `predict_proba`, `decision_function`, `score_samples`,
    `transform`), by default those of its task. `report`: a .html, .json or .xml file to write what
    was found to, also where the conversion is refused.

    Raises SourceError (model or sample), ConversionError (a step has no exact ONNX form; `where`
    names it), NotEqualError (its `verdict` says what differs); nothing is written then. A PMML
    that cannot be made or is not equal is left out, and the verdict says why.
    """
    from isomorph.proving import draft, finish  # noqa: PLC0415

    _named(name, formats)
    if report is None:
        keep: Any = nullcontext()
    else:
        from isomorph.reports import kept_refusal, report_writer  # noqa: PLC0415

        report_writer(Path(report))  # a wrong suffix is said before the proof, not after it
        keep = kept_refusal(Path(report), name)
    say = progress or _silent
    with keep:
        made = draft(model, sample, say=say, precision=precision, methods=methods)
        made = _proven(made, name=name, formats=formats, say=say)
    chosen = version if version is not None else max(versions(artifacts, name), default=0) + 1
    say("writing the bundle")
    manifest, files = finish(made, name=name, version=chosen)
    written = Bundle(write_bundle(artifacts, manifest, files))
    if report is not None:
        from isomorph.reports import save_report  # noqa: PLC0415

        save_report(Path(report), manifest, manifest.verdict, made.worst, manifest.versions)
    return written


def _proven(made: Draft, *, name: str, formats: Sequence[str], say: Say) -> Draft:
    from isomorph.proving import make_pmml, proven_onnx  # noqa: PLC0415

    say("exporting and proving ONNX")
    made = proven_onnx(made, name=name)
    if "pmml" in formats:
        say("exporting and proving PMML")
        made = make_pmml(made)
    _refuse_unequal(made)
    return made


def _named(name: str, formats: Sequence[str]) -> None:
    import re  # noqa: PLC0415

    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", name):
        raise SourceError(
            f"{name!r} is not a name for a bundle",
            mend="Use letters, digits, '.', '_' and '-', at most 64, the first a letter or digit",
        )
    if "onnx" not in formats:
        raise SourceError(
            "every bundle holds ONNX, which is what is served",
            mend="Give formats onnx, or onnx,pmml",
        )


def _refuse_unequal(made: Draft) -> None:
    verdict = Verdict(targets=made.verdicts)
    if not verdict.passed:
        from isomorph.refusing import refusal  # noqa: PLC0415 - only where it is needed

        raise refusal(made, next(each for each in verdict.targets if each.status == "fail"))


def _silent(_: str) -> None:
    """Say nothing."""
