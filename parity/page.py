"""The verdict as a page: one file that needs nothing else, for people who open it in a browser."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from string import Template
from typing import Any

from bundle.arrays import MISSING_TEXT
from bundle.manifest import Manifest, TargetVerdict, Tried, Verdict
from parity.difference import Difference
from parity.plot import plot
from parity.style import CSS

_SHOWN = 20  # rows of a target: enough to see a pattern, few enough to read
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f]")  # no HTML text may hold them
_WORDS = {"pass": "PASS", "fail": "FAIL", "absent": "NOT MADE"}

# No script and no address: the page opens the same from a disk, a mail or a CI artifact.
_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>$title: $word</title>
<style>$css</style>
</head>
<body>
<main>
<header>
<p class="eyebrow">isomorph report</p>
<h1>$title</h1>
<p class="lead"><span class="badge $status">$word</span> $lead</p>
</header>
$targets
<section>
<h2>What was run</h2>
$facts
</section>
</main>
</body>
</html>
""")


def as_html(
    subject: Manifest | str,
    verdict: Verdict,
    worst: Sequence[Difference] = (),
    versions: Mapping[str, str] | None = None,
) -> bytes:
    """The report as one self-contained HTML page; every value in it is escaped."""
    status = "pass" if verdict.passed else "fail"
    page = _PAGE.substitute(
        title=escape(title_of(subject)),
        word=_WORDS[status],
        status=status,
        css=CSS,
        lead=_lead(verdict),
        targets="\n".join(_target(each, worst) for each in verdict.targets),
        facts=_facts(subject, versions or {}),
    )
    return _CONTROL.sub("\ufffd", page).encode("utf-8", errors="replace")


def title_of(subject: Manifest | str) -> str:
    """What the report is about: `name/version`, or the title as given."""
    return subject if isinstance(subject, str) else f"{subject.name}/{subject.version}"


def _lead(verdict: Verdict) -> str:
    rows = sum(each.rows for each in verdict.targets)
    if verdict.passed:
        return f"Every target made answered as the original did, on {rows:,} rows tried."
    if not any(each.tried for each in verdict.targets):
        return "No target could be compared with the original."
    return f"At least one target is not the original's function; {rows:,} rows were tried."


def _target(target: TargetVerdict, worst: Sequence[Difference]) -> str:
    reason = f'<p class="reason">{escape(target.reason)}</p>' if target.reason else ""
    here = [each for each in worst if each.target == target.target][:_SHOWN]
    badge = f'<span class="badge {target.status}">{_WORDS[target.status]}</span>'
    parts = [
        f"<h2>{escape(target.target.upper())} {badge}</h2>",
        reason,
        plot(target) if target.tried else "",
        _tried(target) if target.tried else "",
        _worst(here) if here else "",
    ]
    return f"<section>{''.join(parts)}</section>"


def _tried(target: TargetVerdict) -> str:
    heads = ("kind of row", "rows", "labels differ", "ties", "max absolute", "max relative")
    rows = [_tried_row(each) for each in target.tried]
    total = (
        f"all, tolerance {target.tolerance:.3g}",
        f"{target.rows:,}",
        f"{target.labels_differ:,}",
        f"{sum(each.ties for each in target.tried):,}",
        f"{target.max_absolute:.3g}",
        f"{target.max_relative:.3g}",
    )
    return _table(heads, rows, total, numbers=True)


def _tried_row(tried: Tried) -> tuple[str, ...]:
    return (
        tried.kind,
        f"{tried.rows:,}",
        f"{tried.labels_differ:,}",
        f"{tried.ties:,}",
        f"{tried.max_absolute:.3g}",
        f"{tried.max_relative:.3g}",
    )


def _worst(worst: Sequence[Difference]) -> str:
    heads = ("kind of row", "output", "original", "target", "relative", "the row")
    rows = [
        (
            each.kind,
            each.output,
            _value(each.expected),
            _value(each.got),
            f"{each.relative:.3g}",
            ", ".join(f"{name} = {_value(value)}" for name, value in each.row.items()),
        )
        for each in worst
    ]
    return f"<h3>The rows that differ most</h3>{_table(heads, rows)}"


def _facts(subject: Manifest | str, versions: Mapping[str, str]) -> str:
    facts = {} if isinstance(subject, str) else _described(subject)
    facts |= versions
    rows = [(name, value) for name, value in facts.items() if value]
    return _table(("what", "which"), rows) if rows else "<p>Nothing was recorded.</p>"


def _described(manifest: Manifest) -> dict[str, str]:
    return {
        "task": manifest.task,
        "original": manifest.source.estimator,
        "read from": manifest.source.path or "memory",
        "its SHA-256": manifest.source.sha256 or "",
        "precision": manifest.precision,
        "created": manifest.created,
    }


def _table(
    heads: Sequence[str],
    rows: Sequence[Sequence[str]],
    total: Sequence[str] = (),
    *,
    numbers: bool = False,
) -> str:
    head = "".join(f'<th scope="col">{escape(each)}</th>' for each in heads)
    body = "".join(_row(each) for each in rows)
    foot = f"<tfoot>{_row(total)}</tfoot>" if total else ""
    kind = ' class="numbers"' if numbers else ""
    return (
        f'<div class="wide"><table{kind}><thead><tr>{head}</tr></thead>'
        f"<tbody>{body}</tbody>{foot}</table></div>"
    )


def _row(cells: Sequence[str]) -> str:
    return f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in cells)}</tr>"


def _value(value: Any) -> str:
    plain = value.tolist() if hasattr(value, "tolist") else value
    # Only NaN differs from itself.
    if plain is None or plain == MISSING_TEXT or plain != plain:  # noqa: PLR0124
        return "missing"
    return repr(plain)
