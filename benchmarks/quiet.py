"""Measuring on a machine that others use, too: before them, and again what they disturbed."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from statistics import median
from typing import TypeVar

from servers import family, ticks

Found = TypeVar("Found")

DISTURBED = 0.05
"""Of one processor: what other processes may take while something is measured."""
TRIES = 3
PRIORITY = -10
"""How nice the measurement is; only root may be less than 0."""
SECONDS = 15.0
"""For all that is measured once more in one run."""


class Quiet:
    """Counts what other processes took, and goes before them where that is allowed.

    `left`: seconds that may still be spent on trying again.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self.left = seconds
        with suppress(PermissionError):  # servers and load inherit it, so nothing is favoured
            os.setpriority(os.PRIO_PROCESS, 0, PRIORITY)
        self.shares: list[float] = []
        """Of what was kept: the processors' time that others took, in processors."""

    def __call__(self, measure: Callable[[], Found]) -> Found:
        """What is measured: the quietest of up to TRIES."""
        tried: list[tuple[float, Found]] = []
        while len(tried) < TRIES:
            began, before = time.perf_counter(), _others()
            found = measure()
            took = time.perf_counter() - began
            self.left -= took if tried else 0
            tried.append((max(0.0, _others() - before) / took, found))
            if tried[-1][0] <= DISTURBED or self.left < took:
                break
        share, found = min(tried, key=lambda each: each[0])
        self.shares.append(share)
        return found

    def told(self) -> str:
        """For the page."""
        disturbed = sum(each > DISTURBED for each in self.shares)
        return (
            "Servers and load go before other processes where that is allowed. Where those took "
            f"more than {DISTURBED:.0%} of a processor meanwhile, it was measured up to {TRIES} "
            f"times, and the quietest counts: {disturbed} of {len(self.shares)} were still "
            f"disturbed, by {median(self.shares):.0%} in the median of all."
        )


def stolen() -> float:
    """Processor seconds so far that another guest of the same host got, while one here was due."""
    return _ticks()[7] / os.sysconf("SC_CLK_TCK")


def _others() -> float:
    """Processor seconds so far of all but this process and what it started."""
    user, nice, system, _, _, _, _, steal = _ticks()
    ours = sum(ticks(each) for each in family(os.getpid())) + ticks(os.getpid(), ended=True)
    return (user + nice + system + steal - ours) / os.sysconf("SC_CLK_TCK")


def _ticks() -> list[int]:
    """user, nice, system, idle, iowait, irq, softirq, steal, of all processors (proc_stat(5))."""
    return [int(each) for each in Path("/proc/stat").read_text().split(maxsplit=9)[1:9]]
