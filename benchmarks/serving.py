"""How near the service comes to a bare server: the same model, rows and machine, in one run.

    python benchmarks/serving.py [--quick] [--write]

Servers take turns on one processor, the load comes from the others. --write puts tables and plots
into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import page
from charts import Series, bars, lines
from closed_loop import CONNECTIONS, Request, closed
from door_requests import DOORS, MODEL, native, records
from open_loop import MOST_CONNECTIONS, Latencies, at_rate
from quiet import SECONDS, Quiet, stolen
from servers import CORE, Server, running

ROWS = (1, 100, 1000)
SHARES = (0.1, 0.25, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
HALVES = 5
"""Rounds at half of saturation for one of each other rate."""
STOLEN = 0.010
"""Seconds of the processors: in rounds of 1 s with more, that alone makes the p99."""
BOUND = 0.010
"""Seconds. Beyond it the requests that wait are many times those that are answered."""

SATURATION = (
    "Saturation is the highest of these rates at which every request was answered with 200 and "
    f"the p99, the median of the rounds, is at most {BOUND * 1e3:.0f} ms."
)


@dataclass
class Throughput:
    """Of one server at one number of rows: each round's requests a second and CPU s per 1,000."""

    rates: list[float] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)


@dataclass
class Rate:
    """Of one server in the open loop: the rounds at one rate."""

    share: float
    rate: float
    rounds: list[Latencies] = field(default_factory=list)
    stolen: list[float] = field(default_factory=list)
    """Seconds of the processors that each round did without."""

    def ms(self, quantile: float) -> float:
        """Median over the rounds."""
        return 1e3 * median(each.quantile(quantile) for each in self.rounds)

    @property
    def late_ms(self) -> float:
        """The sender's own p99."""
        return 1e3 * median(each.lateness(0.99) for each in self.rounds)

    @property
    def good(self) -> bool:
        """Whether the server keeps up."""
        return all(each.complete for each in self.rounds) and self.ms(0.99) <= BOUND * 1e3


Tables = dict[int, dict[str, Throughput]]
Curves = dict[str, list[Rate]]


def main() -> None:
    """Measure, print; write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round of one second each")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    parser.add_argument("--rows", type=int, nargs="*", default=ROWS)
    parser.add_argument("--doors", nargs="*", default=list(DOORS))
    options = parser.parse_args()
    rounds = 1 if options.quick else 5
    quiet = Quiet(0 if options.quick else SECONDS)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(start) for name, start in starts().items()}
        tables, memory = {}, {"when ready": servers["ours"].memory_mb()}
        for count in options.rows:
            tables[count] = throughput(servers, count, options.doors, rounds, quiet)
            memory[f"after requests of {_title(count)}"] = servers["ours"].memory_mb()
        curves = latency(servers, 1 if options.quick else 3, quiet)
    text = section(tables, curves, memory, rounds, quiet)
    print(text)
    if options.write:
        page.write("Beside a bare server", text)


def starts() -> dict[str, Any]:
    """The servers, each on the servers' processor."""
    waits = {**os.environ, "ISOMORPH_BULK_WAITING": "64"}  # more clients than tables at a time
    ours = [sys.executable, "-m", "isomorph", "serve", "artifacts", "--port", "{port}"]
    return {
        "empty": uvicorn("bare:empty"),
        "bare": uvicorn("bare:bare", MODEL),
        "ours": running(ours, probe="/v2/health/ready", core=CORE, environment=waits),
    }


def uvicorn(application: str, model: Path = MODEL) -> Any:
    """One of `bare`'s applications."""
    quiet = ["--no-access-log", "--log-level", "warning", "--no-server-header"]
    command = [sys.executable, "-m", "uvicorn", "--app-dir", "benchmarks", "--port", "{port}"]
    environment = {**os.environ, "ISOMORPH_BARE": str(model)}
    return running([*command, *quiet, application], probe="/", core=CORE, environment=environment)


def throughput(
    servers: dict[str, Server], count: int, doors: list[str], rounds: int, quiet: Quiet
) -> dict[str, Throughput]:
    """Closed loop: all of them take turns, so that a busy machine slows all."""
    rows = records(count)
    asked = {"empty app": ("empty", native(rows)), "bare app": ("bare", native(rows))}
    asked |= {name: ("ours", DOORS[name](rows)) for name in doors}
    found = {name: Throughput() for name in asked}
    for name, request in asked.values() if count == ROWS[0] else ():
        closed(servers[name].port, request, 1)  # warm
    for _ in range(rounds):
        for name, (server, request) in asked.items():
            rate, cost = quiet(partial(_closed, servers[server], request))
            found[name].rates.append(rate)
            found[name].costs.append(cost)
    return found


def _closed(server: Server, request: Request) -> tuple[float, float]:
    """Requests a second, and processor seconds per 1,000 of them."""
    before = server.cpu_seconds()
    said = closed(server.port, request, 1)
    return said.rate, 1000 * (server.cpu_seconds() - before) / said.answered


def latency(servers: dict[str, Server], rounds: int, quiet: Quiet) -> Curves:
    """Open loop, one row: at shares of what the closed loop reached, then at half saturation.

    The empty app, asked as fast as the fastest of them, shows what the sender itself takes.
    """
    request = native(records(1))
    curves: Curves = {}
    for name in ("bare", "ours"):
        most = quiet(partial(closed, servers[name].port, request, 1)).rate
        curves[name] = [Rate(share, share * most) for share in SHARES]
    for place in range(rounds * len(SHARES)):
        for name, curve in curves.items():
            _open(servers[name], request, curve[place % len(SHARES)], quiet)
    for curve in curves.values():
        curve.append(Rate(math.nan, saturation(curve) / 2))
    fastest = max(rate.rate for curve in curves.values() for rate in curve)
    curves["empty"] = [Rate(1.0, fastest), Rate(math.nan, curves["ours"][-1].rate)]
    for _ in range(rounds):
        _open(servers["empty"], request, curves["empty"][0], quiet)
    halves = [name for name, curve in curves.items() if curve[-1].rate]
    for name in HALVES * rounds * halves:
        _open(servers[name], request, curves[name][-1], quiet)
    return curves


def _open(server: Server, request: Request, rate: Rate, quiet: Quiet) -> None:
    found, seconds = quiet(partial(_sent, server, request, rate.rate))
    rate.rounds.append(found)
    rate.stolen.append(seconds)


def _sent(server: Server, request: Request, rate: float) -> tuple[Latencies, float]:
    before = stolen()
    found = at_rate(server.port, request, rate, 1.0)
    return found, stolen() - before


def saturation(curve: list[Rate]) -> float:
    """As SATURATION says; 0 where even the lowest rate is too much."""
    return max((each.rate for each in curve if each.good), default=0.0)


def section(
    tables: Tables, curves: Curves, memory: dict[str, float], rounds: int, quiet: Quiet
) -> str:
    """The page's."""
    held = ", ".join(f"{said} {figure:.0f}" for said, figure in memory.items())
    return "\n\n".join(
        [
            page.made_by("python benchmarks/serving.py --write"),
            "One worker on one processor, the load from the others, on loopback. breast_cancer: 30 "
            "columns, logistic regression. *Empty* is an ASGI app that answers two bytes; *bare* "
            "parses the native body with orjson, builds the array, runs the session and writes "
            "with orjson, and checks nothing (`benchmarks/bare.py`); both run on the same uvicorn. "
            "The others are doors of the service with its checks, limits, counts, "
            f"and a line of the log for each request. {quiet.told()}",
            f"### Closed loop\n\nwrk, {CONNECTIONS} connections, each waits for its answer; "
            f"medians of {rounds} rounds of 1 s in turn. To bare: the median of the "
            "rounds' ratios. Empty and bare get the native door's body.",
            _bars(tables),
            *(_table(count, found) for count, found in tables.items()),
            f"### Open loop\n\nOne row at the native door, sent at a fixed rate in even steps, "
            f"whether answers come or not, over up to {MOST_CONNECTIONS} connections; "
            "times count from when a request was due; shares of what each reached in the closed "
            f"loop. Medians of rounds of 1 s in turn. "
            f"{SATURATION} The last line of each server is half of it.",
            _lines(curves),
            _rates(curves),
            _sender(curves),
            _undisturbed(curves),
            f"Resident memory of the worker, MB: {held}. It imports pyarrow with the first body of "
            "Arrow.",
        ]
    )


def _title(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _table(count: int, found: dict[str, Throughput]) -> str:
    bare = found["bare app"].rates
    rows = []
    for name, each in found.items():
        ratios = [a / b for a, b in zip(each.rates, bare, strict=True)]
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        cost = f"{median(each.costs):.3f}"
        rows.append((name, f"{median(each.rates):,.0f}", f"{median(ratios):.2f}", spread, cost))
    header = (_title(count), "requests/s", "to bare", "rounds", "CPU s per 1,000")
    return page.table(header, rows)


def _bars(tables: Tables) -> str:
    panels = {
        f"{_title(count)}, requests/s": {name: median(each.rates) for name, each in found.items()}
        for count, found in tables.items()
    }
    svg = bars("requests a second by door", panels, list(DOORS))
    return page.plot("throughput", svg, "Requests a second by door and number of rows")


def _lines(curves: Curves) -> str:
    series = {
        f"{name} {said}": Series(
            points=[(each.rate, each.ms(quantile)) for each in curves[name][: len(SHARES)]],
            colour=colour,
            dashed=said == "p99",
        )
        for colour, name in enumerate(("ours", "bare"))
        for said, quantile in (("p50", 0.5), ("p99", 0.99))
    }
    svg = lines("requests a second, open loop", "ms", series)
    return page.plot("latency", svg, "Latency against rate")


def _rates(curves: Curves) -> str:
    rows = [
        (
            name,
            "half of saturation" if math.isnan(each.share) else f"{each.share:.2f}",
            f"{each.rate:,.0f}",
            *(f"{each.ms(quantile):.2f}" for quantile in (0.5, 0.99)),
            f"{each.ms(0.99) / each.ms(0.5):.1f}",
            f"{each.late_ms:.2f}",
            "yes" if all(x.complete for x in each.rounds) else "no",
        )
        for name, curve in curves.items()
        for each in curve
        if each.rounds
    ]
    header = ("server", "share", "requests/s", "p50 ms", "p99 ms", "p99 / p50")
    table = page.table((*header, "sender's p99 ms", "all 200"), rows)
    ends = ", ".join(f"{name} {saturation(curves[name]):,.0f}" for name in ("bare", "ours"))
    return f"{table}\n\nSaturation, requests a second: {ends}."


def _undisturbed(curves: Curves) -> str:
    """Half of saturation again, by what the host took."""
    rows = []
    for name, curve in curves.items():
        half = curve[-1]
        together = list(zip(half.rounds, half.stolen, strict=True))
        for said, some in (
            ("up to 10 ms", [each for each, seconds in together if seconds <= STOLEN]),
            ("more", [each for each, seconds in together if seconds > STOLEN]),
        ):
            if some:
                part = Rate(half.share, half.rate, some)
                p50, p99 = part.ms(0.5), part.ms(0.99)
                row = (f"{len(some)}", f"{p50:.2f}", f"{p99:.2f}", f"{p99 / p50:.1f}")
                rows.append((name, said, *row))
    header = ("server", "stolen in a round", "rounds", "p50 ms", "p99 ms", "p99 / p50")
    return (
        "At half of saturation, by the time that other guests of the host had of the "
        "processors while they were due here (steal, proc_stat(5)):\n\n"
        f"{page.table(header, rows)}"
    )


def _sender(curves: Curves) -> str:
    most, half = curves["empty"]
    if not half.rounds:
        return "The service kept up at none of these rates."
    return (
        "The sender's own lateness, from when a request was due until it was sent, is part of the "
        f"times above and has a column. At {most.rate:,.0f} requests a second, the most that is "
        f"asked above, the empty app's p99 was {most.ms(0.99):.2f} ms, of which the sender's "
        f"{most.late_ms:.2f}; at half of our saturation {half.ms(0.99):.2f} ms, "
        f"{half.ms(0.99) / half.ms(0.5):.1f} times its p50: what the machine and uvicorn leave to "
        "any application."
    )


if __name__ == "__main__":
    main()
