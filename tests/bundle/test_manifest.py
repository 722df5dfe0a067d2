"""The published schema is the code's, and a manifest keeps to it."""

import json
from pathlib import Path

import jsonschema

from bundle.manifest import Manifest, TargetVerdict, Tried, Verdict, encode, schema

SCHEMA = Path(__file__).parents[2] / "bundle" / "manifest.schema.json"


def test_the_schema_in_the_tree_is_current() -> None:
    mend = (
        "Run python -c 'import sys; from bundle.manifest import schema; "
        "sys.stdout.buffer.write(schema())' > bundle/manifest.schema.json"
    )
    assert SCHEMA.read_bytes() == schema(), mend


def test_a_manifest_keeps_to_the_schema(manifest: Manifest) -> None:
    jsonschema.validate(json.loads(encode(manifest)), json.loads(SCHEMA.read_bytes()))


def test_a_target_is_summed_over_its_kinds() -> None:
    tried = (
        Tried(kind="sample", rows=3, labels_differ=1, max_absolute=0.5, max_relative=0.1),
        Tried(kind="splits", rows=4, max_absolute=0.1, max_relative=0.2),
    )
    target = TargetVerdict(target="onnx", status="fail", tolerance=1e-12, tried=tried)

    assert (target.rows, target.labels_differ) == (7, 1)
    assert (target.max_absolute, target.max_relative) == (0.5, 0.2)


def test_a_verdict_passes_only_with_a_target_made_and_none_failed() -> None:
    good = TargetVerdict(target="onnx", status="pass", tolerance=1e-12)
    bad = TargetVerdict(target="pmml", status="fail", tolerance=1e-12)
    absent = TargetVerdict(target="pmml", status="absent", tolerance=1e-12)

    assert Verdict(targets=(good, absent)).passed
    assert not Verdict(targets=(good, bad)).passed
    assert not Verdict(targets=(absent,)).passed
    assert not Verdict(targets=()).passed
