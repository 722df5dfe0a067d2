"""A verdict as a report: JSON for programs, JUnit XML for CI, HTML for people.

Every function takes the bundle's manifest (or a title), the verdict, the worst differences
and the versions of what was run, and returns the file's bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import numpy as np

from bundle.arrays import MISSING_TEXT
from bundle.manifest import Manifest, TargetVerdict, Tried, Verdict
from parity.difference import Difference
from parity.page import as_html, title_of

__all__ = ["as_html", "as_json", "as_junit"]

# XML 1.0 has no way to write these, escaped or not.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_json(
    subject: Manifest | str,
    verdict: Verdict,
    worst: Sequence[Difference] = (),
    versions: Mapping[str, str] | None = None,
) -> bytes:
    """The report as one JSON document; a missing value is `null`."""
    document = {
        "subject": title_of(subject),
        "passed": verdict.passed,
        "verdict": verdict,
        "worst": [_plain(msgspec.structs.asdict(each)) for each in worst],
        "versions": dict(versions or {}),
    }
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def as_junit(
    subject: Manifest | str,
    verdict: Verdict,
    worst: Sequence[Difference] = (),
    versions: Mapping[str, str] | None = None,
) -> bytes:
    """The report as JUnit XML: a suite for each target, a case for each kind of row."""
    root = ET.Element("testsuites", name=_text(title_of(subject)))
    for target in verdict.targets:
        suite = ET.SubElement(root, "testsuite", name=target.target)
        _properties(suite, versions or {})
        for tried in target.tried:
            _case(suite, target, tried, worst)
        _whole(suite, target)
        _count(suite)
    _count(root)
    ET.indent(root)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True)) + b"\n"


def differs(target: TargetVerdict, tried: Tried) -> bool:
    """Whether this kind of row showed that the target is not the original's function."""
    # "not <=" so that NaN, which no comparison holds for, counts as a difference.
    return tried.labels_differ > 0 or not tried.max_relative <= target.tolerance


def _case(
    suite: ET.Element, target: TargetVerdict, tried: Tried, worst: Sequence[Difference]
) -> None:
    case = ET.SubElement(suite, "testcase", classname=target.target, name=_text(tried.kind))
    if target.status != "fail" or not differs(target, tried):
        return
    message = (
        f"{tried.labels_differ} of {tried.rows} labels differ, the largest relative difference "
        f"is {tried.max_relative:.3g}, the tolerance {target.tolerance:.3g}"
    )
    failure = ET.SubElement(case, "failure", message=message, type="NotEqual")
    here = [each for each in worst if (each.target, each.kind) == (target.target, tried.kind)]
    failure.text = _text("\n".join([target.reason or message, *map(_line, here)]))


def _whole(suite: ET.Element, target: TargetVerdict) -> None:
    """A case of its own for what no kind of row shows: not made, or failed as a whole."""
    shown = suite.find("testcase/failure") is not None
    if target.status == "pass" or (target.status == "fail" and shown):
        return
    case = ET.SubElement(suite, "testcase", classname=target.target, name="verdict")
    reason = _text(target.reason or "no reason was given")
    ET.SubElement(case, "skipped" if target.status == "absent" else "failure", message=reason)


def _properties(suite: ET.Element, versions: Mapping[str, str]) -> None:
    if versions:
        properties = ET.SubElement(suite, "properties")
        for name, version in versions.items():
            ET.SubElement(properties, "property", name=_text(name), value=_text(version))


def _count(element: ET.Element) -> None:
    element.set("tests", str(len(list(element.iter("testcase")))))
    element.set("failures", str(len(list(element.iter("failure")))))
    element.set("errors", "0")
    element.set("skipped", str(len(list(element.iter("skipped")))))


def _line(difference: Difference) -> str:
    return (
        f"{difference.output}: expected {difference.expected!r}, got {difference.got!r}, "
        f"for {difference.row!r}"
    )


def _text(value: str) -> str:
    return _NOT_XML.sub("\ufffd", value)


def _plain(value: Any) -> Any:
    """NumPy values as Python's, missing ones as None, keys as text."""
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not np.isfinite(value):
        return None if np.isnan(value) else str(value)
    return None if value == MISSING_TEXT else value
