"""`GET /metrics`: what the service counts, for Prometheus. It only translates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from runtime import foreign_metrics, metrics
from runtime.door import Call, Door, Reply, Route
from runtime.doors.native import problem
from runtime.exposition import OPENMETRICS, TEXT, Family, written

OUTSIDE = "none"
"""The door of addresses that no door knows."""


def scraped(doors: tuple[str, ...], call: Call) -> Reply:
    """All metrics by the names that were chosen; in OpenMetrics where that is accepted."""
    openmetrics = "application/openmetrics-text" in call.header(b"accept")
    body = written(_families(doors, call), openmetrics=openmetrics)
    return Reply(body, media_type=OPENMETRICS if openmetrics else TEXT)


def door(others: Sequence[Door]) -> Door:
    """`others`: every door that stands before this one, which is the last."""
    names = (*(each.name for each in others), "metrics", OUTSIDE)
    handler = partial(scraped, names)
    route = Route(path="/metrics", handler=handler, threaded=True)  # many versions take a while
    return Door(name="metrics", routes=(route,), fault=problem)


def _families(doors: tuple[str, ...], call: Call) -> Iterable[Family]:
    tally, names = call.repository.book.read(), call.settings.metrics_names
    if names in ("ours", "all"):
        yield from metrics.families(tally, call.repository.now(), doors)
    if names in ("triton", "all"):
        yield from foreign_metrics.triton(tally)
    if names in ("kserve", "all"):
        yield from foreign_metrics.kserve(tally)
