"""A manifest in words, for `isomorph inspect`."""

from __future__ import annotations

from bundle.errors import BundleError
from bundle.manifest import Manifest
from bundle.reader import Bundle
from bundle.signature import Column, Output
from runtime.engine import Engine


def describe(manifest: Manifest) -> str:
    """What the bundle is, what it takes and what it gives, line by line."""
    source = manifest.source
    lines = [
        f"{manifest.name}/{manifest.version}: {manifest.task}, {manifest.precision}",
        f"source: {source.estimator} from {source.path or 'memory'} ({source.format})",
        f"created: {manifest.created}",
        "",
        "takes",
        *(f"  {_column(each)}" for each in manifest.signature.columns),
        "gives",
        *(f"  {_output(each)}" for each in manifest.signature.outputs),
        "files",
        *(f"  {name} ({entry.bytes:,} bytes)" for name, entry in manifest.files.items()),
        "",
    ]
    return "\n".join(lines)


def decided(bundle: Bundle) -> str:
    """How the engine would run it on this machine, where it has a choice; empty where not."""
    try:
        found = getattr(Engine(bundle), "decided", None) or {}
    except BundleError:  # it does not load here, which `isomorph check` explains
        return ""
    lines = [f"  {name}: {value}" for name, value in found.items()]
    return "\n".join(["runs here", *lines, "", ""]) if lines else ""


def _column(column: Column) -> str:
    said = [f"{column.name}: {column.kind} ({column.dtype})"]
    if column.nullable:
        said.append("may be missing")
    if column.minimum is not None and column.maximum is not None:
        said.append(f"{column.minimum:.6g} to {column.maximum:.6g} in the sample")
    if column.categories is not None:
        word = "only" if column.closed else "knows"
        said.append(f"{word} {_few(column.categories)}")
    return ", ".join(said)


def _output(output: Output) -> str:
    shape = "" if output.width is None else f"[{output.width}]"
    names = f": {_few(output.names)}" if output.names else ""
    return f"{output.name} {output.datatype}{shape}{names}"


def _few(values: tuple[object, ...]) -> str:
    shown = ", ".join(repr(value) for value in values[:10])
    return shown if len(values) <= 10 else f"{shown} and {len(values) - 10} more"
