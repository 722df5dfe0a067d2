"""Writes the report of a check, in the form its suffix names."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bundle.errors import ConversionError, InputError, NotEqualError
from bundle.manifest import Manifest, TargetVerdict, Verdict
from bundle.reader import open_bundle
from parity import report


def write_report(path: Path, bundle: Path, checked: Any) -> None:
    """Write what `checked` found of `bundle` to `path`. Raises InputError if it cannot."""
    manifest = open_bundle(bundle).manifest
    save_report(path, manifest, checked.verdict, checked.worst, manifest.versions)


@contextmanager
def kept_refusal(path: Path, name: str) -> Iterator[None]:
    """Write what refused the conversion to `path`, and let the error go on."""
    try:
        yield
    except NotEqualError as error:
        save_report(path, name, error.verdict, error.worst, _installed())
        raise
    except ConversionError as error:
        absent = TargetVerdict(target="onnx", status="absent", tolerance=0.0, reason=str(error))
        save_report(path, name, Verdict(targets=(absent,)), (), _installed())
        raise


def _installed() -> dict[str, str]:
    from isomorph.proving import library_versions  # noqa: PLC0415 - which is heavy

    return library_versions()


def save_report(
    path: Path,
    subject: Manifest | str,
    verdict: Verdict,
    worst: Sequence[Any],
    versions: dict[str, str],
) -> None:
    """Write a report of `verdict` to `path`. Raises InputError if it cannot."""
    content = report_writer(path)(subject, verdict, worst, versions)
    try:
        path.write_bytes(content)
    except OSError as error:
        raise InputError(f"the report {str(path)!r} cannot be written: {error}") from error


def report_writer(path: Path) -> Callable[..., bytes]:
    """What makes the report that `path` names. Raises InputError for another suffix."""
    writers = {".html": report.as_html, ".json": report.as_json, ".xml": report.as_junit}
    if path.suffix.lower() not in writers:
        raise InputError(
            f"no report is written as {path.suffix!r}",
            mend="Name a .html, .json or .xml file",
        )
    return writers[path.suffix.lower()]
