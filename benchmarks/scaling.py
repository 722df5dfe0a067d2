"""How cost grows with ten times the rows, columns, trees and models.

    python benchmarks/scaling.py [--quick] [--write]

One client that waits for each answer, so that nothing but the request itself is measured. Models
are made once and kept under .build/. --write puts tables and plots into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import shutil
import struct
import sys
from collections import defaultdict
from copy import copy
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import page
from charts import Series, lines, shown
from closed_loop import Request, closed, scratch
from quiet import SECONDS, Quiet
from servers import CORE, Server, running
from serving import uvicorn

ROWS = (1, 10, 100, 1_000, 10_000)
COLUMNS = (3, 30, 300, 3_000)
TREES = (10, 100, 1_000)
MODELS = (1, 10, 100)
BARE = "columns_30/1"
DIFFERENT = 64
"""Rows that take turns: a forest asked for one row again and again finds it in the cache."""

WHY = (
    "From 1 MB of JSON to 8 MB (10,000 named rows of 30 columns, or 100 of 3,000) a row costs "
    "more, most likely because the text and the 300,000 numbers that are made of it, about 30 MB, "
    "no longer fit the processor's cache (its misses cannot be counted here): in process, reading "
    "takes about twice as long a row, nearly all of it in user time, and the bare app shows the "
    "same. Tensors of numbers (V2 binary) do not."
)

Lines = dict[str, dict[int, float]]
"""By name, then by size."""


@dataclass(frozen=True)
class Growth:
    """One plot and table: what grows, in which unit it is measured."""

    name: str
    unit: str
    lines: Lines


def main() -> None:
    """Measure, print; write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args()
    place = scratch() / "scaling"
    rows = make(place)
    rounds = 1 if options.quick else 2
    quiet = Quiet(0 if options.quick else SECONDS)
    with serve(place / "sizes") as ours, uvicorn("bare:bare", place / "sizes" / BARE) as bare:
        found = sizes(ours, bare, rows, rounds=rounds, quiet=quiet)
    found += models(place, rows, rounds, quiet)
    text = section(found, rounds, quiet)
    print(text)
    if options.write:
        page.write("Scaling", text)


def make(place: Path) -> dict[str, Any]:
    """Convert the models, unless they are there. Rows for each: a frame."""
    import pandas as pd  # noqa: PLC0415 - with scikit-learn it takes a second
    from sklearn.datasets import make_classification  # noqa: PLC0415
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415

    wanted: dict[str, tuple[Any, int]] = {
        **{f"columns_{n}": (LogisticRegression(), n) for n in COLUMNS},
        **{f"trees_{n}": (RandomForestClassifier(n, random_state=0), 30) for n in TREES},
    }
    rows = {}
    for name, (model, columns) in wanted.items():
        values, labels = make_classification(
            2_000, columns, n_informative=3, n_redundant=0, flip_y=0.1, random_state=0
        )
        rows[name] = pd.DataFrame(values, columns=[f"c{at}" for at in range(columns)])
        if not (place / "sizes" / name).is_dir():
            _write(place / "sizes", name, model.fit(rows[name], labels), rows[name][:200])
    for count in MODELS:
        for each in range(count):
            source = place / "sizes" / "columns_30"
            _copy(source, place / f"models_{count}", f"model_{each}")
    return rows


def _write(place: Path, name: str, model: Any, sample: Any) -> None:
    from unproven import write  # noqa: PLC0415 - only where there is something to convert

    small = None
    if name.startswith("trees"):  # to describe a forest it is asked hundreds of times
        small = copy(model)
        small.estimators_ = model.estimators_[:1]
    write(place, name, model, sample, small)


def _copy(source: Path, place: Path, name: str) -> None:
    """The same bundle by another name."""
    if not (place / name).is_dir():
        shutil.copytree(source, place / name)
        for file in (place / name).glob("*/manifest.json"):
            content = json.loads(file.read_bytes())
            file.write_text(json.dumps(content | {"name": name}))


def serve(place: Path) -> Any:
    """The service of these models, on the servers' processor."""
    command = [sys.executable, "-m", "isomorph", "serve", place, "--port", "{port}"]
    return running(command, probe="/v2/health/ready", core=CORE)


def sizes(
    ours: Server, bare: Server, rows: dict[str, Any], *, rounds: int, quiet: Quiet
) -> list[Growth]:
    """Request times in milliseconds."""
    thirty = rows["columns_30"]
    asked: dict[str, dict[str, dict[int, Request]]] = {
        "rows": {
            "named rows": {n: native("columns_30", thirty, n) for n in ROWS},
            "bare app": {n: native("columns_30", thirty, n) for n in ROWS},
            "V2 binary": {n: binary("columns_30", thirty, n) for n in ROWS},
        },
        "columns": {
            _title(count): {n: native(f"columns_{n}", rows[f"columns_{n}"], count) for n in COLUMNS}
            for count in (1, 100)
        },
        "trees": {
            _title(count): {n: native(f"trees_{n}", rows[f"trees_{n}"], count) for n in TREES}
            for count in (1, 100)
        },
    }
    servers = defaultdict(lambda: ours, {"bare app": bare})
    return [
        Growth(
            name,
            "ms",
            {line: _times(servers[line], each, rounds, quiet) for line, each in found.items()},
        )
        for name, found in asked.items()
    ]


def _times(
    server: Server, requests: dict[int, Request], rounds: int, quiet: Quiet
) -> dict[int, float]:
    """Median milliseconds by size; the sizes take turns."""
    found: dict[int, list[float]] = {size: [] for size in requests}
    for _ in range(rounds):
        for size, request in requests.items():
            found[size].append(quiet(partial(_time, server, request)))
    return {size: median(each) for size, each in found.items()}


def _time(server: Server, request: Request) -> float:
    return closed(server.port, request, 1, connections=1).p50


def models(place: Path, rows: dict[str, Any], rounds: int, quiet: Quiet) -> list[Growth]:
    """Start-to-ready, memory and request time of a service of many models."""
    request = native("model_0", rows["columns_30"], 1)
    found: dict[int, list[tuple[float, float, float]]] = {count: [] for count in MODELS}
    for _ in range(rounds):
        for count in MODELS:
            one = partial(_started, place / f"models_{count}", request)
            found[count].append(quiet(one))
    names = ("1 row, ms", "ready, s", "MB")
    medians = {count: map(median, zip(*each, strict=True)) for count, each in found.items()}
    columns = zip(*medians.values(), strict=True)
    growing = (dict(zip(MODELS, each, strict=True)) for each in columns)
    return [Growth("models", "ms, s or MB", dict(zip(names, growing, strict=True)))]


def _started(place: Path, request: Request) -> tuple[float, float, float]:
    with serve(place) as server:
        return _time(server, request), server.ready_seconds, server.memory_mb()


def native(name: str, frame: Any, count: int) -> Request:
    """Named records; of one row, different ones in turn."""
    rows = frame.to_dict("records")
    many = [rows[at % len(rows)] for at in range(count)]
    bodies: list[Any] = rows[:DIFFERENT] if count == 1 else [many]
    first, *others = (json.dumps(each).encode() for each in bodies)
    return Request(f"/models/{name}/predict", first, others=tuple(others))


def binary(name: str, frame: Any, count: int) -> Request:
    """A V2 tensor as bytes."""
    values = [float(x) for at in range(count) for x in frame.iloc[at % len(frame)]]
    blob = struct.pack(f"<{len(values)}d", *values)
    tensor = {"name": "numbers", "datatype": "FP64", "shape": [count, frame.shape[1]]}
    tensor["parameters"] = {"binary_data_size": len(blob)}
    head = json.dumps({"inputs": [tensor], "parameters": {"binary_data_output": True}}).encode()
    length = {"Inference-Header-Content-Length": str(len(head))}
    return Request(f"/v2/models/{name}/infer", head + blob, "application/octet-stream", length)


def section(found: list[Growth], rounds: int, quiet: Quiet) -> str:
    """The page's."""
    return "\n\n".join(
        [
            page.made_by("python benchmarks/scaling.py --write"),
            "One worker on one processor, one connection that waits for each answer (wrk on the "
            f"others): the median time of a request, {rounds} rounds of 1 s. Rows and columns: "
            "logistic regression, of 30 columns where rows grow, named rows in JSON unless it says "
            f"otherwise. Trees: random forests of 30 columns. Models: that of 30 columns by other "
            "names; a start uses all that the processor has. Behind each figure: how many times "
            f"the one before it. {quiet.told()}",
            *(f"{_plot(each)}\n\n{_table(each)}" for each in found),
            _more(found),
        ]
    )


def _title(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _plot(growth: Growth) -> str:
    series = {
        name: Series(points=list(line.items()), colour=colour)
        for colour, (name, line) in enumerate(growth.lines.items())
    }
    svg = lines(growth.name, growth.unit, series, log_x=True, log_y=True, proportion=True)
    return page.plot(f"scaling-{growth.name}", svg, f"Cost against {growth.name}")


def _table(growth: Growth) -> str:
    sizes = list(next(iter(growth.lines.values())))
    cells = {name: _cells(line) for name, line in growth.lines.items()}
    rows = [(f"{size:,}", *(each[size] for each in cells.values())) for size in sizes]
    return page.table((growth.name, *(_with_unit(name, growth) for name in cells)), rows)


def _with_unit(name: str, growth: Growth) -> str:
    return f"{name}, {growth.unit}" if growth.unit == "ms" else name


def _cells(line: dict[int, float]) -> dict[int, str]:
    found = {size: shown(value) for size, value in line.items()}
    for before, size in pairwise(line):
        found[size] += f" (x {line[size] / line[before]:.1f})"
    return found


def _more(found: list[Growth]) -> str:
    """What grew more than in proportion."""
    steps = [
        f"{name}, from {before:,} to {size:,} {growth.name}: {line[size] / line[before]:.1f} times"
        for growth in found
        for name, line in growth.lines.items()
        for before, size in pairwise(line)
        if line[size] / line[before] > size / before
    ]
    return f"More than in proportion: {'; '.join(steps) or 'nothing'}. {WHY}"


if __name__ == "__main__":
    main()
