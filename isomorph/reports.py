"""Writes the report of a check, in the form its suffix names."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bundle.errors import InputError
from bundle.reader import open_bundle
from parity import report


def write_report(path: Path, bundle: Path, checked: Any) -> None:
    """Write what `checked` found of `bundle` to `path`. Raises InputError if it cannot."""
    manifest = open_bundle(bundle).manifest
    content = report_writer(path)(manifest, checked.verdict, checked.worst, manifest.versions)
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
