"""docs/benchmarks.md: sections that scripts replace, each its own; plots lie beside it."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Iterable, Sequence
from importlib.metadata import version
from pathlib import Path

from servers import CHECKOUT

PAGE = CHECKOUT / "docs" / "benchmarks.md"
PLOTS = CHECKOUT / "docs" / "benchmarks"
TITLE = "# Benchmarks\n\nMade by `make bench` and `make bench-peers`; do not edit.\n"
ORDER = ("Beside a bare server", "Start and memory", "Scaling", "Gathering", "Peers")
PACKAGES = ("uvicorn", "uvloop", "httptools", "fastapi", "onnxruntime", "numpy", "orjson")


_DRAWN: dict[str, str] = {}
"""Plots by name, until their section is written."""


def write(heading: str, text: str) -> None:
    """Replace the section of this heading, or add it where it belongs; and write its plots."""
    PLOTS.mkdir(exist_ok=True)
    while _DRAWN:
        name, svg = _DRAWN.popitem()
        (PLOTS / f"{name}.svg").write_text(svg)
    page = PAGE.read_text() if PAGE.is_file() else TITLE
    sections = dict(_section(each) for each in page.split("\n## ")[1:])
    sections[heading] = text
    known = [name for name in ORDER if name in sections]
    PAGE.write_text(TITLE + "".join(f"\n## {name}\n\n{sections[name].strip()}\n" for name in known))


def _section(text: str) -> tuple[str, str]:
    heading, _, rest = text.partition("\n")
    return heading, rest


def plot(name: str, svg: str, alternative: str) -> str:
    """The line that shows it; it is written with the page, so that both are of one run."""
    _DRAWN[name] = svg
    return f"![{alternative}](benchmarks/{name}.svg)"


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Markdown; the first column is text, the others numbers."""
    lines = [header, ["---"] + ["--:"] * (len(header) - 1), *rows]
    return "\n".join(f"| {' | '.join(map(str, each))} |" for each in lines)


def made_by(command: str) -> str:
    """What was run, where, when and with which versions."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    return f"`{command}`, {time.strftime('%Y-%m-%d')}, {machine()}, {packages}."


def machine() -> str:
    """Processor, how many, system, Python."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text().splitlines() if cpu.is_file() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    model = names[0] if names else platform.machine()
    system = f"{platform.system()} {platform.release().partition('-')[0]}"
    return f"{os.cpu_count()} x {model}, {system}, Python {platform.python_version()}"
