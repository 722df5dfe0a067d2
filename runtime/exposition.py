"""The text formats of Prometheus and OpenMetrics.

Source: prometheus.io/docs/instrumenting/exposition_formats; github.com/prometheus/OpenMetrics, 1.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

TEXT = "text/plain; version=0.0.4; charset=utf-8"
OPENMETRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"

Labels = Mapping[str, str]
Sample = tuple[str, Labels, float]
"""Suffix of the name, labels, value."""


@dataclass(frozen=True)
class Family:
    """Samples of one name; a counter's own name ends with `_total`, or is another system's."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    samples: list[Sample] = field(default_factory=list)

    def add(self, value: float, suffix: str = "", **labels: str) -> None:
        """A sample."""
        self.samples.append((suffix, labels, value))

    def add_histogram(
        self, buckets: Iterable[tuple[float, int]], total: float, count: int, **labels: str
    ) -> None:
        """Samples of a histogram: upper bounds, each with how many are up to it."""
        for bound, up_to in buckets:
            self.add(up_to, "_bucket", **labels, le=number(float(bound)))
        self.add(count, "_bucket", **labels, le="+Inf")
        self.add(total, "_sum", **labels)
        self.add(count, "_count", **labels)


def written(families: Iterable[Family], *, openmetrics: bool) -> bytes:
    """The whole answer; a family without samples is left out."""
    lines = [
        line for each in families if each.samples for line in _lines(each, openmetrics=openmetrics)
    ]
    end = ["# EOF"] if openmetrics else []
    return "\n".join([*lines, *end, ""]).encode()


def _lines(family: Family, *, openmetrics: bool) -> Iterator[str]:
    name, kind = family.name, str(family.kind)
    if openmetrics and kind == "counter":
        # There, a counter's samples end with _total, and the family's name does not.
        name, kind = (
            (name.removesuffix("_total"), kind) if name.endswith("_total") else (name, "unknown")
        )
    yield f"# HELP {name} {_escaped(family.help, quotes=openmetrics)}"
    yield f"# TYPE {name} {kind}"
    for suffix, labels, value in family.samples:
        said = ",".join(f'{key}="{_escaped(text, quotes=True)}"' for key, text in labels.items())
        yield (
            f"{family.name}{suffix}{{{said}}} {number(value)}"
            if said
            else (f"{family.name}{suffix} {number(value)}")
        )


def number(value: float) -> str:
    """As both formats read it back to the same number."""
    return str(value) if isinstance(value, int) else repr(float(value))


@lru_cache(4096)  # a label stands in many lines
def _escaped(text: str, *, quotes: bool) -> str:
    escaped = text.replace("\\", "\\\\").replace("\n", "\\n")
    return escaped.replace('"', '\\"') if quotes else escaped
