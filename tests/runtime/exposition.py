"""A strict reader of Prometheus's text format and of OpenMetrics, after their specifications."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\[\\"n])*"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{((?:{_LABEL})(?:,{_LABEL})*)\}})? ([^ ]+)")
_PAIR = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
_SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "counter": ("",), "gauge": ("",)}

Labels = tuple[tuple[str, str], ...]


@dataclass
class Family:
    kind: str
    samples: dict[tuple[str, Labels], float] = field(default_factory=dict)


def parse(text: str, *, openmetrics: bool = False) -> dict[str, Family]:
    """Families by name. AssertionError for whatever promtool or a scraper would refuse."""
    assert text.endswith("# EOF\n" if openmetrics else "\n")
    lines = text.removesuffix("# EOF\n").split("\n")
    assert lines.pop() == ""
    found: dict[str, Family] = {}
    for line in lines:
        if line.startswith("# HELP "):
            name = line.split(" ", 3)[2]
            assert name not in found, f"{name} stands twice"
            found[name] = Family("")
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name == list(found)[-1], f"the type of {name} is not behind its help"
            found[name].kind = kind
        else:
            name, family = list(found.items())[-1]
            _sample(name, family, line, openmetrics=openmetrics)
    for name, family in found.items():
        assert family.samples, f"{name} has no samples"
        if family.kind == "histogram":
            _check_histogram(family)
    return found


def _sample(name: str, family: Family, line: str, *, openmetrics: bool) -> None:
    matched = _SAMPLE.fullmatch(line)
    assert matched, f"not a sample: {line!r}"
    suffixes = (
        ("_total",)
        if openmetrics and family.kind == "counter"
        else _SUFFIXES.get(family.kind, ("",))
    )
    assert matched[1] in [name + each for each in suffixes], f"{line!r} below {name}"
    pairs = tuple(_PAIR.findall(matched[2] or ""))
    assert len({key for key, _ in pairs}) == len(pairs), f"a label stands twice: {line!r}"
    value = float(matched[3])
    assert math.isfinite(value)
    assert value >= 0 or family.kind == "gauge"
    key = (matched[1].removeprefix(name), tuple(sorted(pairs)))
    assert key not in family.samples, f"a sample stands twice: {line!r}"
    family.samples[key] = value


def _check_histogram(family: Family) -> None:
    """Buckets ascend, the last is +Inf and equals the count."""
    groups: dict[Labels, list[tuple[float, float]]] = {}
    for (suffix, labels), value in family.samples.items():
        if suffix == "_bucket":
            rest = tuple(pair for pair in labels if pair[0] != "le")
            groups.setdefault(rest, []).append((float(dict(labels)["le"]), value))
    assert groups
    for rest, buckets in groups.items():
        assert buckets == sorted(buckets), rest
        assert [value for _, value in buckets] == sorted(value for _, value in buckets), rest
        assert len({bound for bound, _ in buckets}) == len(buckets), rest
        assert buckets[-1] == (math.inf, family.samples["_count", rest]), rest
        assert ("_sum", rest) in family.samples


def value(families: dict[str, Family], name: str, suffix: str = "", **labels: str) -> float:
    """The sum of the samples that have these labels; 0 where there are none."""
    if name not in families:
        return 0
    wanted = set(labels.items())
    return sum(
        found
        for (ending, pairs), found in families[name].samples.items()
        if ending == suffix and wanted <= set(pairs)
    )
