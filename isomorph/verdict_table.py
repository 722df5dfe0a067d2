"""A verdict as a table for the eye: colours on a terminal, plain text in a pipe."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bundle.manifest import TargetVerdict, Tried, Verdict

HEADS = ("target", "rows tried", "rows", "labels differ", "ties", "max absolute", "max relative")
_WORDS = {"pass": "PASS", "fail": "FAIL", "absent": "NOT MADE"}
_COLOURS = {"pass": "bold green", "fail": "bold red", "absent": "dim"}


def show(verdict: Verdict) -> None:
    """Print the verdict on stdout; rich draws it on a terminal where it is installed."""
    if sys.stdout.isatty() and _rich(verdict):
        return
    print(plain(verdict))  # noqa: T201 - the command's output


def plain(verdict: Verdict) -> str:
    """The table in aligned plain text, then a line for each target: PASS, or why not."""
    rows = [HEADS, *(row for target in verdict.targets for row in rows_of(target))]
    widths = [max(len(row[position]) for row in rows) for position in range(len(HEADS))]
    lines = [_aligned(row, widths) for row in rows]
    return "\n".join([*lines, "", *map(conclusion, verdict.targets)])


def rows_of(target: TargetVerdict) -> list[tuple[str, ...]]:
    """The table's rows for one target: one a kind of row, then the whole."""
    kinds = [_row(target.target, each) for each in target.tried]
    if not kinds:
        return []
    whole = Tried(
        kind="all",
        rows=target.rows,
        labels_differ=target.labels_differ,
        ties=sum(each.ties for each in target.tried),
        max_absolute=target.max_absolute,
        max_relative=target.max_relative,
    )
    return [*kinds, _row(target.target, whole)]


def conclusion(target: TargetVerdict) -> str:
    """One line: the target, PASS or FAIL or NOT MADE, and the reason or the tolerance."""
    reason = target.reason or f"equal within {target.tolerance:.3g} on {target.rows:,} rows"
    return f"{target.target}: {_WORDS[target.status]} ({reason})"


def _row(target: str, tried: Tried) -> tuple[str, ...]:
    return (
        target,
        tried.kind,
        f"{tried.rows:,}",
        f"{tried.labels_differ:,}",
        f"{tried.ties:,}",
        f"{tried.max_absolute:.3g}",
        f"{tried.max_relative:.3g}",
    )


def _aligned(row: Sequence[str], widths: Sequence[int]) -> str:
    names = [cell.ljust(width) for cell, width in zip(row[:2], widths[:2], strict=True)]
    numbers = [cell.rjust(width) for cell, width in zip(row[2:], widths[2:], strict=True)]
    return "  ".join([*names, *numbers]).rstrip()


def _rich(verdict: Verdict) -> bool:
    try:
        from rich.console import Console  # noqa: PLC0415 - not in the runtime extra
        from rich.table import Table  # noqa: PLC0415
        from rich.text import Text  # noqa: PLC0415
    except ModuleNotFoundError:
        return False
    table = Table(box=None, header_style="dim", pad_edge=False)
    for position, head in enumerate(HEADS):
        table.add_column(head, justify="left" if position < 2 else "right")
    for target in verdict.targets:
        for row in rows_of(target):
            style = _COLOURS[target.status] if row[1] == "all" else ""
            table.add_row(*map(Text, row), style=style)
    console = Console()
    console.print(table)
    for target in verdict.targets:
        console.print(Text(conclusion(target), style=_COLOURS[target.status]))
    return True
