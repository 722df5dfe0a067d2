"""How the service stands beside others that serve models: one model, one row, one run.

    python benchmarks/peers.py [--quick] [--only MLflow ...] [--write]

Each peer has an environment of its own under .build/peers, which is made on first use, and its own
contract; each answers with the same trained model, as its documentation has it: scikit-learn
behind all but one. Servers take turns on one processor, the load comes from others. --write puts
the table into docs/benchmarks.md.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any
from urllib.request import Request as Asking
from urllib.request import urlopen

import page
from charts import bars
from closed_loop import CONNECTIONS, closed
from door_requests import records
from open_loop import Latencies, at_rate
from peer_starts import HOME, PEERS, SOURCE, Peer, make
from quiet import SECONDS, Quiet
from servers import CORE, Server, running

OURS = "isomorph"
SHARE = 0.5  # of what the closed loop reached, for the open one


@dataclass
class Measured:
    """Of one peer: requests a second in each round; the rounds of the open loop."""

    version: str
    ready_seconds: float
    memory_mb: float
    rates: list[float] = field(default_factory=list)
    opened: list[Latencies] = field(default_factory=list)

    def ms(self, quantile: float) -> float:
        """Open loop, median over the rounds."""
        return 1e3 * median(each.quantile(quantile) for each in self.opened)


def main() -> None:
    """Measure, print; write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="one round of one second each")
    parser.add_argument("--only", nargs="*", help="names of peers")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    options = parser.parse_args()
    chosen = [p for p in PEERS if not options.only or p.name in (OURS, *options.only)]
    rounds, seconds = (1, 1) if options.quick else (5, 2)
    HOME.mkdir(parents=True, exist_ok=True)
    absent: dict[str, str] = {}
    quiet = Quiet(0 if options.quick else SECONDS)
    found = measure(chosen, rounds, seconds, absent, quiet)
    text = section(found, absent, rounds, seconds, quiet)
    print(text)
    if options.write:
        page.write("Peers", text)


def measure(
    peers: list[Peer], rounds: int, seconds: int, absent: dict[str, str], quiet: Quiet
) -> dict[str, Measured]:
    """All of them take turns; `absent` gets the reasons of those that cannot."""
    row = records(1)[0]
    found: dict[str, Measured] = {}
    with ExitStack() as stack:
        servers: dict[str, tuple[Peer, Server]] = {}
        for peer in peers:
            try:
                found[peer.name], server = begin(peer, stack, row)
                servers[peer.name] = peer, server
            except subprocess.CalledProcessError as error:
                lines = str(error.stderr or error).strip().splitlines()
                absent[peer.name] = lines[-1] if lines else "it cannot be installed"
            except (SystemExit, OSError) as error:
                absent[peer.name] = str(error).strip().splitlines()[-1]
        for peer, server in servers.values():
            closed(server.port, peer.ask(row), 1)  # warm
        for _ in range(rounds):
            for name, (peer, server) in servers.items():
                one = partial(closed, server.port, peer.ask(row), seconds)
                found[name].rates.append(quiet(one).rate)
        for _ in range(min(3, rounds)):
            for name, (peer, server) in servers.items():
                rate = SHARE * median(found[name].rates)
                some = partial(at_rate, server.port, peer.ask(row), rate, seconds)
                found[name].opened.append(quiet(some))
    return found


def begin(peer: Peer, stack: ExitStack, row: dict[str, float]) -> tuple[Measured, Server]:
    """It runs on the servers' processor, and answers what the model does."""
    python = make(peer) if peer.packages else Path(sys.executable)
    command, variables = peer.start(python)
    environment = {**os.environ, **variables}
    server = stack.enter_context(
        running(command, probe=peer.probe, core=CORE, environment=environment)
    )
    check(peer, server, row)
    ask = f"from importlib.metadata import version; print(version({peer.shown!r}))"
    said = "this" if not peer.shown else subprocess.check_output([python, "-c", ask], text=True)
    found = Measured(said.strip(), server.ready_seconds, server.memory_mb())
    print(f"{peer.name}: ready after {found.ready_seconds:.1f} s, {found.memory_mb:.0f} MB")
    return found, server


def check(peer: Peer, server: Server, row: dict[str, float]) -> None:
    """Its answer is the model's. Raises SystemExit."""
    asked = peer.ask(row)
    url = f"http://127.0.0.1:{server.port}{asked.path}"
    with urlopen(Asking(url, asked.body, asked.fields), timeout=30) as answer:
        label = peer.label(json.load(answer))
    if label != expected(row):
        raise SystemExit("it answers another label than the model")


def expected(row: dict[str, float]) -> Any:
    """The label, by the original itself."""
    import joblib  # noqa: PLC0415 - with scikit-learn it takes a second
    import pandas as pd  # noqa: PLC0415

    return joblib.load(SOURCE).predict(pd.DataFrame([row]))[0]


def section(
    found: dict[str, Measured], absent: dict[str, str], rounds: int, seconds: int, quiet: Quiet
) -> str:
    """The page's, with ratios of ours to each in the same rounds."""
    rates = {name: median(each.rates) for name, each in found.items()}
    svg = bars("requests a second by server", {"1 row, requests/s": rates}, [OURS])
    return "\n\n".join(
        [
            page.made_by("python benchmarks/peers.py --write"),
            "One row of breast_cancer (30 columns, logistic regression) in each server's own "
            f"contract, one worker on one processor, wrk with {CONNECTIONS} connections on the "
            f"others; medians of {rounds} rounds of {seconds} s in turn. Open loop: at half of "
            "what each reached itself, times from when a request was due. Start and memory: when "
            "first ready, all of its processes. Each has an environment of its own; scikit-learn "
            f"answers behind all but isomorph and those that say onnxruntime. {quiet.told()}",
            page.plot("peers", svg, "Requests a second by server"),
            _table(found),
            *(f"{name} was not measured: {why}" for name, why in absent.items()),
        ]
    )


def _table(found: dict[str, Measured]) -> str:
    ours = found[OURS].rates
    rows = [
        (
            f"{name} {each.version}".replace(" this", ""),
            f"{median(each.rates):,.0f}",
            f"{median(a / b for a, b in zip(ours, each.rates, strict=True)):.1f}",
            f"{each.ms(0.5):.2f}",
            f"{each.ms(0.99):.2f}",
            f"{each.ready_seconds:.1f}",
            f"{each.memory_mb:.0f}",
        )
        for name, each in found.items()
    ]
    times = ("p50 ms at half", "p99 ms at half", "ready, s", "MB")
    return page.table(("server", "requests/s", "isomorph is faster by", *times), rows)


if __name__ == "__main__":
    main()
