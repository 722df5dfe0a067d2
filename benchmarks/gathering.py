"""Requests that share a run against requests that do not; a small model beside a busy big one.

    python benchmarks/gathering.py [--seconds 4] [--rounds 3] [--write]

A forest of 500 trees, made and kept under .build/. 32 clients send one row each, as fast as they
are answered; both servers are up at once and take turns, since the machine may be busy otherwise.
Then a small model is asked at a fixed rate, alone and while eight clients keep the forest busy.
Nothing is pinned: the service runs the forest in a thread beside its event loop. --write puts the
tables into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from statistics import median
from typing import Any

import page
from closed_loop import Closed, Request, closed, scratch, sending
from open_loop import Latencies, at_rate
from quiet import Quiet
from servers import CHECKOUT, Server, running

TREES, ROWS = 500, 2000
CLIENTS, BUSY = 32, 8
RATE = 100
DIFFERENT = 256
SERVE = "from runtime.server import serve; serve({place!r}, port={{port}})"


@dataclass
class Round:
    """32 clients of one server: what wrk found, and CPU microseconds a request."""

    found: Closed
    cost: float


def main() -> None:
    """Measure, print; write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args()
    place = scratch() / "gathering"
    forest, small = models(place)
    quiet = Quiet()
    with ExitStack() as stack:
        servers = {each: stack.enter_context(start(place, each)) for each in ("never", "auto")}
        decided = _shown(servers["auto"].port)["decided"]
        rounds = together(servers, forest, options.seconds, options.rounds, quiet)
        port = servers["auto"].port
        times = beside(port, forest, small, options.seconds, rounds=options.rounds, quiet=quiet)
    text = section(decided, rounds, times, options.seconds, quiet)
    print(text)
    if options.write:
        page.write("Gathering", text)


def start(place: Path, gather: str) -> Any:
    """A server that gathers, or does not."""
    command = [sys.executable, "-c", SERVE.format(place=str(place))]
    environment = {**os.environ, "ISOMORPH_GATHER": gather, "PYTHONPATH": str(CHECKOUT)}
    return running(command, probe="/readyz", environment=environment)


def together(
    servers: dict[str, Server], request: Request, seconds: int, rounds: int, quiet: Quiet
) -> dict[str, list[Round]]:
    """32 clients, one row each."""
    found: dict[str, list[Round]] = {gather: [] for gather in servers}
    for _ in range(rounds):
        for gather, server in servers.items():
            found[gather].append(quiet(partial(_round, server, request, seconds)))
    return found


def _round(server: Server, request: Request, seconds: int) -> Round:
    before = server.cpu_seconds()
    # A stall of the machine makes requests wait too long: they are refused with 503.
    said = closed(server.port, request, seconds, connections=CLIENTS, refusals=True)
    return Round(said, (server.cpu_seconds() - before) / said.answered * 1e6)


def beside(
    port: int, forest: Request, small: Request, seconds: int, *, rounds: int, quiet: Quiet
) -> dict[str, list[Latencies]]:
    """A small model at a fixed rate, while the forest is idle and busy."""
    found: dict[str, list[Latencies]] = {"idle": [], f"{BUSY} clients": []}
    alone, busy = found.values()
    for _ in range(rounds):
        alone.append(quiet(partial(at_rate, port, small, RATE, seconds)))
        with sending(port, forest, 3600, BUSY):
            time.sleep(0.3)
            busy.append(quiet(partial(at_rate, port, small, RATE, seconds)))
    return found


def section(
    decided: dict[str, Any],
    rounds: dict[str, list[Round]],
    times: dict[str, list[Latencies]],
    seconds: int,
    quiet: Quiet,
) -> str:
    """The page's."""
    ratios = [a.found.rate / n.found.rate for a, n in zip(*_both(rounds), strict=True)]
    few = ", ".join(f"{each:.2f}" for each in ratios)
    return "\n\n".join(
        [
            page.made_by("python benchmarks/gathering.py --write"),
            f"A forest of {TREES} trees, {CLIENTS} clients that send one row each (wrk), "
            f"{DIFFERENT} different ones in turn; medians of {len(ratios)} rounds of {seconds} s "
            "in turn, one worker, nothing pinned. "
            f"Measured when it was loaded: {_costs(decided)}. {quiet.told()}",
            _together(rounds),
            f"{median(ratios):.2f} times the requests (rounds: {few}).",
            f"A small model (logistic regression) at {RATE} requests a second, alone and while "
            f"{BUSY} clients keep the forest busy.",
            _beside(times),
        ]
    )


def _both(rounds: dict[str, list[Round]]) -> tuple[list[Round], list[Round]]:
    return rounds["auto"], rounds["never"]


def _costs(decided: dict[str, Any]) -> str:
    costs = (f"{cost:,.0f} us for {rows}" for rows, cost in decided["costs_us"].items())
    return f"{', '.join(costs)} rows; up to {decided['most_rows_gathered']} rows share a run"


def _together(rounds: dict[str, list[Round]]) -> str:
    rows = [
        (
            gather,
            f"{median(x.found.rate for x in each):,.0f}",
            f"{median(x.found.p50 for x in each):.1f}",
            f"{median(x.found.p99 for x in each):.1f}",
            f"{median(x.cost for x in each):,.0f}",
        )
        for gather, each in rounds.items()
    ]
    return page.table(("gather", "requests/s", "p50 ms", "p99 ms", "CPU us a request"), rows)


def _beside(times: dict[str, list[Latencies]]) -> str:
    rows = [
        (name, *(f"{1e3 * median(x.quantile(q) for x in each):.2f}" for q in (0.5, 0.99)))
        for name, each in times.items()
    ]
    return page.table(("the forest", "p50 ms", "p99 ms"), rows)


def _shown(port: int) -> dict[str, Any]:
    connection = HTTPConnection("127.0.0.1", port)
    connection.request("GET", "/models/forest")
    found: dict[str, Any] = json.load(connection.getresponse())
    connection.close()
    return found


def models(place: Path) -> tuple[Request, Request]:
    """Convert the forest and the small model, unless they are there; a request to each."""
    from sklearn.datasets import make_classification  # noqa: PLC0415 - the sender needs none
    from sklearn.ensemble import RandomForestClassifier  # noqa: PLC0415
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415
    from unproven import write  # noqa: PLC0415

    columns, labels = make_classification(ROWS, 20, n_informative=10, flip_y=0.1, random_state=0)
    made = {
        "forest": RandomForestClassifier(TREES, random_state=0),
        "small": LogisticRegression(),
    }
    for name, model in made.items():
        if not (place / name).is_dir():
            write(place, name, model.fit(columns, labels), columns[:200])
    # One row again and again would find the trees that it takes in the processor's cache.
    first, *others = (json.dumps([row.tolist()]).encode() for row in columns[:DIFFERENT])
    return (
        Request("/models/forest/predict", first, others=tuple(others)),
        Request("/models/small/predict", first),
    )


if __name__ == "__main__":
    main()
