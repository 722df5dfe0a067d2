"""A server that answers with version 1 while bad versions are offered to it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bad_bundles import bad_bundles, offered
from live_service import start
from test_live_swaps import load
from tiny_bundles import write_prices

FIRST = 10


@dataclass
class Told:
    """What came of it."""

    wrong: list[Any]
    """Requests that version 1 did not answer rightly."""
    ready: list[int]
    """Versions that answer."""
    unexplained: list[str]
    """Bad versions whose reason is not what was expected."""
    asked: int
    tellings: int
    """Lines of the log that give a reason."""
    seconds: float


def offer(root: Path, count: int, trial_seconds: float, patience: float = 120) -> Told:
    """Offer so many bad bundles, one after the other, and wait until each was tried."""
    artifacts = root / "artifacts"
    write_prices(artifacts)
    settings = {"ISOMORPH_LOOK_SECONDS": "0.1", "ISOMORPH_TRIAL_SECONDS": str(trial_seconds)}
    began, reasons = time.monotonic(), dict[int, str]()
    with start(artifacts, environment=settings) as service, load(service.address[7:]) as running:
        for place, reason in bad_bundles(root / "elsewhere", count, FIRST):
            reasons[int(place.name)] = reason
            offered(place, artifacts)
        until = time.monotonic() + patience
        while len(listing := service.client.get("/models").json()["models"]) < count + 1:
            assert time.monotonic() < until, f"{len(listing)} of {count + 1}"
            time.sleep(0.2)
    found = {each["version"]: each for each in listing}
    return Told(
        wrong=[*running.wrong, *({1} ^ set(running.answered))],
        ready=[version for version, each in found.items() if each["state"] == "ready"],
        unexplained=[
            f"{version}: {found[version].get('reason')} instead of {reason!r}"
            for version, reason in reasons.items()
            if not re.search(reason, found[version].get("reason", ""))
        ],
        asked=len(running.answered),
        tellings=sum("is not ready: " in line for line in service.logged),
        seconds=time.monotonic() - began,
    )
