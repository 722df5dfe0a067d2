"""Plots as SVG files: bars in panels, and lines. They follow the reader's light or dark theme."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 760
COLOURS = 5
_STYLE = """<style>
svg { --ink: #1f2328; --soft: #656d76; --line: #d8dee4; --s0: #0969da; --s1: #bc4c00;
  --s2: #1a7f37; --s3: #8250df; --s4: #9a6700; --other: #afb8c1; }
@media (prefers-color-scheme: dark) { svg { --ink: #e6edf3; --soft: #8d96a0; --line: #30363d;
  --s0: #58a6ff; --s1: #f0883e; --s2: #3fb950; --s3: #bc8cff; --s4: #d29922; --other: #6e7681; } }
text { font: 12px system-ui, sans-serif; fill: var(--ink); } .soft { fill: var(--soft); }
.end { text-anchor: end; } .middle { text-anchor: middle; } .head { font-weight: 600; }
.grid { stroke: var(--line); } .ours { fill: var(--s0); } .other { fill: var(--other); }
polyline { fill: none; stroke-width: 2; } .dashed { stroke-dasharray: 5 4; }
.proportion { stroke: var(--soft); stroke-dasharray: 2 4; }
</style>"""
_NAMES, _BAR, _STEP = 170, 480, 24


def _svg(height: float, label: str, marks: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
        f'width="{WIDTH}" height="{height:g}" role="img" aria-label="{escape(label)}">'
        f"{_STYLE}\n{marks}\n</svg>\n"
    )


def bars(label: str, panels: Mapping[str, Mapping[str, float]], ours: Sequence[str]) -> str:
    """Horizontal bars, a scale for each panel; `ours` names those that stand out."""
    y, marks = 4.0, []
    for title, values in panels.items():
        marks.append(_text(0, y + 14, title, "head"))
        most = max(values.values())
        for row, (name, value) in enumerate(values.items()):
            marks.append(_bar(y + 26 + _STEP * row, name, value, most, ours=name in ours))
        y += 26 + _STEP * len(values) + 14
    return _svg(y, label, "\n".join(marks))


def _bar(y: float, name: str, value: float, most: float, *, ours: bool) -> str:
    width = _BAR * value / most
    return (
        _text(_NAMES - 8, y + 14, name, "end")
        + f'<rect class="{"ours" if ours else "other"}" x="{_NAMES}" y="{y + 1:g}" '
        f'width="{width:.1f}" height="18" rx="2"/>'
        + _text(_NAMES + width + 6, y + 14, shown(value), "soft")
    )


@dataclass(frozen=True, kw_only=True)
class Series:
    """A line: its points, which colour (0 to COLOURS - 1), whether it is dashed."""

    points: Sequence[tuple[float, float]]
    colour: int = 0
    dashed: bool = False


@dataclass(frozen=True)
class _Scale:
    """Values to pixels."""

    low: float
    high: float
    start: float
    end: float
    log: bool

    def __call__(self, value: float) -> float:
        low, high, at = (math.log(x) if self.log else x for x in (self.low, self.high, value))
        return self.start + (self.end - self.start) * (at - low) / (high - low)

    def ticks(self) -> list[float]:
        """Round values, about six."""
        if self.log:
            first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
            steps = (1, 2, 5) if last - first < 3 else (1,)
            found = [step * 10.0**power for power in range(first, last + 1) for step in steps]
        else:
            rough = (self.high - self.low) / 5
            unit = 10.0 ** math.floor(math.log10(rough))
            step = next(unit * each for each in (1, 2, 5, 10) if unit * each >= rough)
            found = [step * each for each in range(math.ceil(self.high / step) + 1)]
        slack = 1e-9 * self.high
        return [each for each in found if self.low - slack <= each <= self.high + slack]


_LEFT, _RIGHT, _TOP, _BOTTOM, _LEGEND = 64, 560, 24, 320, 576


def lines(
    x_label: str,
    y_label: str,
    series: Mapping[str, Series],
    *,
    log_x: bool = False,
    log_y: bool = True,
    proportion: bool = False,
) -> str:
    """Lines over each other; `proportion` adds, from each line's start, what y = c x would be."""
    points = [point for each in series.values() for point in each.points if finite(point)]
    x = _scale([x for x, _ in points], _LEFT, _RIGHT, log=log_x)
    y = _scale([y for _, y in points], _BOTTOM, _TOP, log=log_y)
    marks = [_axes(x, y), _text(_LEFT, 14, y_label, "soft")]
    marks.append(_text((_LEFT + _RIGHT) / 2, _BOTTOM + 38, x_label, "soft middle"))
    for place, (name, each) in enumerate(series.items()):
        marks += [_line(each, x, y), _legend(place, name, each)]
        if proportion:
            marks.append(_proportion(each, x, y))
    if proportion:
        marks.append(_legend(len(series), "in proportion", None))
    return _svg(_BOTTOM + 48, f"{y_label} against {x_label}", "\n".join(marks))


def finite(point: tuple[float, float]) -> bool:
    """Whether it can be drawn."""
    return all(map(math.isfinite, point))


def _scale(values: Sequence[float], start: float, end: float, *, log: bool) -> _Scale:
    if log:
        return _Scale(min(values) / 1.15, max(values) * 1.15, start, end, log=True)
    return _Scale(0.0, max(values) * 1.05, start, end, log=False)


def _axes(x: _Scale, y: _Scale) -> str:
    marks = []
    for value in x.ticks():
        at = x(value)
        marks.append(_rule(at, _TOP, at, _BOTTOM) + _text(at, _BOTTOM + 16, shown(value), "middle"))
    for value in y.ticks():
        at = y(value)
        marks.append(_rule(_LEFT, at, _RIGHT, at) + _text(_LEFT - 6, at + 4, shown(value), "end"))
    return "\n".join(marks)


def _line(series: Series, x: _Scale, y: _Scale) -> str:
    places = [(x(a), y(b)) for a, b in series.points if finite((a, b))]
    path = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
    colour = f"var(--s{series.colour})"
    dots = "".join(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in places)
    return f'<polyline {_stroke(series)} points="{path}"/>{dots}'


def _stroke(series: Series) -> str:
    return f'class="{"dashed" if series.dashed else ""}" stroke="var(--s{series.colour})"'


def _proportion(series: Series, x: _Scale, y: _Scale) -> str:
    """From the first point as far as the axes go."""
    (left, bottom), right = series.points[0], series.points[-1][0]
    right = min(right, left * y.high / bottom)
    ends = f'x2="{x(right):.1f}" y2="{y(bottom * right / left):.1f}"'
    return f'<line class="proportion" x1="{x(left):.1f}" y1="{y(bottom):.1f}" {ends}/>'


def _legend(place: int, name: str, series: Series | None) -> str:
    at = _TOP + 8 + 22 * place
    style = 'class="proportion"' if series is None else _stroke(series) + ' stroke-width="2"'
    line = f'<line {style} x1="{_LEGEND}" y1="{at}" x2="{_LEGEND + 24}" y2="{at}"/>'
    return line + _text(_LEGEND + 30, at + 4, name, "")


def _rule(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line class="grid" x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"/>'


def _text(x: float, y: float, said: str, classes: str) -> str:
    return f'<text class="{classes}" x="{x:.1f}" y="{y:.1f}">{escape(said)}</text>'


def shown(value: float) -> str:
    """Three digits that count, thousands apart."""
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"
