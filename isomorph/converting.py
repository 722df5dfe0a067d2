"""`convert`: load, describe, export, prove, write; nothing is written that is not proven."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from bundle.errors import NotEqualError, SourceError
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
    progress: Say | None = None,
) -> Bundle:
    """Convert a fitted model, prove the result equal to it, and write artifacts/<name>/<version>.

    `model`: an estimator, or the path of a .joblib, .pkl, .skops file or an MLflow model
    directory. `sample`: rows like those of training, as a DataFrame, a 2-D array, or the path of
    a CSV or Parquet file. `version` defaults to the next integer. `methods`: the methods of the
    model to answer (`predict`, `predict_proba`, `decision_function`, `score_samples`,
    `transform`), by default those of its task.

    Raises SourceError (model or sample), ConversionError (a step has no exact ONNX form; `where`
    names it), NotEqualError (its `verdict` says what differs); nothing is written then. A PMML
    that cannot be made or is not equal is left out, and the verdict says why.
    """
    from isomorph.proving import draft, finish, make_onnx, make_pmml, proven  # noqa: PLC0415

    _named(name, formats)
    say = progress or _silent
    made = draft(model, sample, say=say, precision=precision, methods=methods)
    say("exporting ONNX")
    made = make_onnx(made, name=name)
    say("proving ONNX")
    made = proven(made, "onnx")
    if "pmml" in formats:
        say("exporting and proving PMML")
        made = make_pmml(made)
    _refuse_unequal(made)
    chosen = version if version is not None else max(versions(artifacts, name), default=0) + 1
    say("writing the bundle")
    manifest, files = finish(made, name=name, version=chosen)
    return Bundle(write_bundle(artifacts, manifest, files))


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
        failed = next(each for each in verdict.targets if each.status == "fail")
        raise NotEqualError(
            f"the {failed.target.upper()} is not the original's function: {failed.reason}",
            where=type(made.original.model).__name__,
            mend="Nothing was written. Please report the pipeline and this row",
            verdict=verdict,
            worst=made.worst,
        )


def _silent(_: str) -> None:
    """Say nothing."""
