"""The plot of one target: how many rows were tried, and how near the tolerance they came."""

from __future__ import annotations

import math
from html import escape

from bundle.manifest import TargetVerdict, Tried

_WIDTH, _STEP, _TOP = 860, 28, 40
_NAMES, _BARS, _BARS_END = 150, 160, 360
_AXIS, _AXIS_END = 470, 840
_FLOOR = -18  # 1e-18: below the distance of neighbouring float64 near 1, so it stands for "0"


def plot(target: TargetVerdict) -> str:
    """An inline SVG: a bar of rows for each kind, and its largest relative difference (log)."""
    height = _TOP + _STEP * len(target.tried) + 30
    most = max(1, *(each.rows for each in target.tried))
    top = _top(target)
    marks = [_kind(row, each, target, most, top) for row, each in enumerate(target.tried)]
    label = escape(f"{target.target}: rows tried and largest relative difference by kind of row")
    return (
        f'<svg viewBox="0 0 {_WIDTH} {height}" role="img" aria-label="{label}">'
        f'<text class="soft" x="{_BARS}" y="16">rows tried</text>'
        f'<text class="soft" x="{_AXIS}" y="16">largest relative difference</text>'
        f"{_grid(height, top)}{''.join(marks)}{_tolerance(target, height, top)}</svg>"
    )


def _top(target: TargetVerdict) -> int:
    """The exponent at the right end: room for the tolerance and for the largest difference."""
    finite = [each.max_relative for each in target.tried if math.isfinite(each.max_relative)]
    largest = max([*finite, target.tolerance, 1e-9])
    return min(308, math.ceil(math.log10(largest)) + 1)


def _kind(row: int, tried: Tried, target: TargetVerdict, most: int, top: int) -> str:
    y = _TOP + _STEP * row
    width = (_BARS_END - _BARS) * tried.rows / most
    x = _place(tried.max_relative, top)
    good = tried.labels_differ == 0 and tried.max_relative <= target.tolerance
    tone = "good" if good else "bad"
    said = f"{tried.max_relative:.3g}"
    if tried.labels_differ:
        said += f", {tried.labels_differ:,} labels differ"
    return (
        f"<g><title>{escape(tried.kind)}: {tried.rows:,} rows, {said}</title>"
        f'<text class="end" x="{_NAMES}" y="{y + 4}">{escape(_short(tried.kind))}</text>'
        f'<rect class="rows" x="{_BARS}" y="{y - 8}" width="{width:.1f}" height="16" rx="3"/>'
        f'<text class="soft" x="{_BARS + width + 6:.1f}" y="{y + 4}">{tried.rows:,}</text>'
        f'<line class="{tone}" x1="{_AXIS}" y1="{y}" x2="{x:.1f}" y2="{y}"/>'
        f'<circle class="{tone}" cx="{x:.1f}" cy="{y}" r="5"/></g>'
    )


def _grid(height: int, top: int) -> str:
    # At most about six lines, so that their names never touch.
    step = max(3, math.ceil((top - _FLOOR) / 6))
    lines = []
    for exponent in range(_FLOOR, top + 1, step):
        x = _place(10.0**exponent, top)
        name = "0" if exponent == _FLOOR else f"1e{exponent}"
        lines.append(
            f'<line class="grid" x1="{x:.1f}" y1="24" x2="{x:.1f}" y2="{height - 28}"/>'
            f'<text class="soft middle" x="{x:.1f}" y="{height - 12}">{name}</text>'
        )
    return "".join(lines)


def _tolerance(target: TargetVerdict, height: int, top: int) -> str:
    x = _place(target.tolerance, top)
    return (
        f'<line class="tolerance" x1="{x:.1f}" y1="24" x2="{x:.1f}" y2="{height - 28}"/>'
        f'<text class="soft middle" x="{x:.1f}" y="{height - 1}">tolerance '
        f"{target.tolerance:.3g}</text>"
    )


def _place(value: float, top: int) -> float:
    if not math.isfinite(value):
        return float(_AXIS_END)
    exponent = math.log10(value) if value > 0 else _FLOOR
    share = (min(max(exponent, _FLOOR), top) - _FLOOR) / (top - _FLOOR)
    return _AXIS + (_AXIS_END - _AXIS) * share


def _short(kind: str) -> str:
    return kind if len(kind) <= 22 else kind[:21] + "…"
