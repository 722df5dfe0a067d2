"""A manifest in words, for `isomorph inspect`."""

from __future__ import annotations

import json

from bundle.manifest import Manifest
from bundle.reader import Bundle
from bundle.signature import Column, Output


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


def describe_runs(bundle: Bundle, *, as_json: bool = False) -> str:
    """What runs of the bundle cost on this machine, and how a service would run it."""
    from runtime.engine import Engine  # noqa: PLC0415 - only who asks needs onnxruntime

    engine = Engine(bundle)
    engine.replay()
    engine.decide()
    told = engine.decided.told()
    if as_json:
        return json.dumps(told)
    costs = told.pop("costs_us")
    lines = [f"{rows:>6} rows {cost:12,.1f} us" for rows, cost in costs.items()]
    return "\n".join([*lines, *(f"{name.replace('_', ' ')}: {v}" for name, v in told.items())])


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
