"""What requests gain by taking each step together (docs/decisions/0012), without a network.

    python benchmarks/together.py [--rounds 50]

One process: its own protocol and application, the connections are called by hand and drop what is
written. Prints microseconds a request, by how many came in one turn of the event loop, and as a
share of what one alone took in the same round: medians, and the middle half of the rounds.
"""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter
from typing import Any

import page
import uvloop
from door_requests import DOORS, MODEL, records
from uvicorn import Config
from uvicorn.server import ServerState

from runtime.app import create_app
from runtime.protocol import Protocol
from runtime.settings import Settings

TOGETHER = (1, 4, 16, 32)
ASKED = ("native", "V2 JSON", "V2 binary", "MLflow")
TURNS = 30
"""Of each in a round, one after the other."""

Found = dict[tuple[str, int], list[float]]
"""By door and how many together: seconds a request, each round's."""


class Dropped(asyncio.Transport):
    """Keeps the last answer, and how many there were."""

    def __init__(self) -> None:
        super().__init__()
        self.count, self.last = 0, b""

    def write(self, data: Any) -> None:
        """An answer, whole."""
        self.count += 1
        self.last = data

    def is_closing(self) -> bool:
        """Never."""
        return False

    def close(self) -> None:
        """Nothing is open."""


@contextmanager
def unlogged() -> Iterator[None]:
    """Lines of the log are made, and go nowhere."""
    kept, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


async def main() -> None:
    """Measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=50)
    options = parser.parse_args()
    app = create_app(Settings(artifacts=Path(MODEL).parent.parent))
    config = Config(app, interface="asgi3", http=Protocol, proxy_headers=False)
    config.load()
    config.loaded_app = app
    with unlogged():
        async with app.router.lifespan_context(app):
            found = await measured(config, options.rounds)
    print(page.machine())
    header = ("door", "together", "us a request", "to one alone", "rounds")
    print(page.table(header, [_row(found, *each) for each in found]))


def _row(found: Found, door: str, together: int) -> tuple[object, ...]:
    times, alone = found[door, together], found[door, 1]
    ratios = [each / one for each, one in zip(times, alone, strict=True)]
    middle = quantiles(ratios, n=4)
    spread = f"{middle[0]:.2f} to {middle[2]:.2f}"
    return door, together, f"{1e6 * median(times):.1f}", f"{middle[1]:.2f}", spread


async def measured(config: Config, rounds: int) -> Found:
    """Seconds a request, the median of each round's turns; all take their rounds in turn."""
    state = ServerState()
    found: Found = {(door, together): [] for door in ASKED for together in TOGETHER}
    connections = [(Protocol(config, state, {}), Dropped()) for _ in range(max(TOGETHER))]
    for protocol, transport in connections:
        protocol.connection_made(transport)
    asked = {door: DOORS[door](records(1)).raw("127.0.0.1:8080") for door in ASKED}
    for place in range(rounds + 1):
        for (door, together), times in found.items():
            some = connections[:together]
            took = median([await turn(some, asked[door]) for _ in range(TURNS)])
            if place:  # the first is to warm up
                times.append(took)
    return found


async def turn(connections: list[tuple[Protocol, Dropped]], data: bytes) -> float:
    """All are asked and answer; seconds a request."""
    due = connections[-1][1].count + 1
    began = perf_counter()
    for protocol, _ in connections:
        protocol.data_received(data)
    while connections[-1][1].count < due:  # noqa: ASYNC110 - nothing else is awaited here
        await asyncio.sleep(0)
    took = perf_counter() - began
    for _, transport in connections:
        if not transport.last.startswith(b"HTTP/1.1 200 "):
            raise RuntimeError(f"not answered: {transport.last!r}")
    return took / len(connections)


if __name__ == "__main__":
    uvloop.run(main())
