"""What a version costs on this machine, measured when it is loaded, and what follows from it.

Where it takes little, it runs on the event loop: a thread would cost as much as the model. Where
it takes long, in a thread. Where many rows cost much less than as many runs, what several clients
ask at one time is one run - but only where a row's answer keeps its bits beside others.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Literal

import numpy as np

from bundle.arrays import Array, Arrays, rows_of

SIZES = (1, 8, 32, 128)
BUDGET_SECONDS = 0.04
"""For the costs of one version, in equal shares; the look at its bits takes about 10 ms more."""
REPEATS = 15
INLINE_US = 200
"""What the event loop may spend in one run: about two small requests, or two hops of a thread."""
JOINED_US = 10_000
"""What a run of several requests may take: who comes next waits for it."""
SAVED_US = 15
"""What gathering must save for each row: waiting for the others' run costs about 5."""
SAVED_SHARE = 0.25
"""And what share of a row's cost alone."""

Run = Callable[[Arrays], Mapping[str, Array]]


@dataclass(frozen=True, kw_only=True)
class Decided:
    """How a version runs. `costs`: rows to microseconds, medians of several single runs.

    `inline`: most rows of a run on the event loop, None for any; 0 means always in a thread.
    `gather`: most rows of one run for several requests; 0 means never, and `because` says why.
    """

    costs: dict[int, float] = field(default_factory=dict)
    inline: int | None = None
    gather: int = 0
    because: str = "it was not measured"
    threads: int = 1

    @property
    def mode(self) -> Literal["inline", "threads"]:
        """Where a request of one row runs."""
        return "threads" if self.inline == 0 else "inline"

    def told(self) -> dict[str, Any]:
        """For people and JSON."""
        return {
            "costs_us": {str(rows): round(cost, 1) for rows, cost in self.costs.items()},
            "mode": self.mode,
            "most_rows_inline": self.inline,
            "most_rows_gathered": self.gather,
            "because": self.because,
            "threads": self.threads,
        }


def measured(run: Run, golden: Arrays, budget: float = BUDGET_SECONDS) -> dict[int, float]:
    """Rows to microseconds of a run; sizes that would take too long for the budget are left out.

    Processor time of this thread: while many things start, the clock on the wall tells more of
    them. Other rows each time: a forest asked for one row again and again finds it in the cache.
    """
    costs: dict[int, float] = {}
    share = budget / len(SIZES)
    rows = sample_like(golden, SIZES[-1])
    for size in SIZES:
        if costs and 4 * max(costs.values()) / 1e6 > 2 * share:  # sizes grow fourfold, or more
            break
        costs[size] = median(_timed(run, rows, size, share))
    return costs


def _timed(run: Run, rows: Arrays, size: int, share: float) -> Iterator[float]:
    """Microseconds of each of several runs, at least one; the first of a size only allocates."""
    end = time.thread_time() + share
    for repeat in range(REPEATS + 1):
        some = taken(rows, np.arange(repeat * size, (repeat + 1) * size) % rows_of(rows))
        began = time.thread_time()
        run(some)
        now = time.thread_time()
        if repeat:
            yield (now - began) * 1e6
            if now > end:
                return


def decide(costs: Mapping[int, float], doubt: str = "") -> Decided:
    """From a curve of costs; `doubt` says why the graph must not be gathered, if it must not."""
    inline = _inline(costs)
    if not costs or doubt:
        return Decided(costs=dict(costs), inline=inline, because=doubt or "it was not measured")
    fitting = {rows: cost / rows for rows, cost in costs.items() if cost <= JOINED_US or rows == 1}
    most = min(fitting, key=fitting.__getitem__)
    pays = _pays(costs[1], fitting[most])
    because = "rows together cost less" if pays else "rows together cost about as much as apart"
    return Decided(costs=dict(costs), inline=inline, gather=most if pays else 0, because=because)


def _inline(costs: Mapping[int, float]) -> int | None:
    """The most rows that a run may have on the event loop."""
    if costs and max(costs) == SIZES[-1] and costs[SIZES[-1]] <= INLINE_US:
        return None
    return max((rows for rows, cost in costs.items() if cost <= INLINE_US), default=0)


def _pays(alone: float, together: float) -> bool:
    saved = alone - together
    return saved >= SAVED_US and saved >= SAVED_SHARE * alone


def same_bits(run: Run, golden: Arrays) -> bool:
    """Whether rows in batches of several sizes get, bit for bit, what each gets alone."""
    rows = sample_like(golden, 16)
    total = rows_of(rows)
    alone = [run(taken(rows, np.array([i]))) for i in range(total)]
    order = np.random.default_rng(0)
    for size in (2, 3, 8, 33):
        chosen = order.integers(total, size=size)
        together = run(taken(rows, chosen))
        for name, answers in together.items():
            expected = np.concatenate([alone[i][name] for i in chosen])
            if not _equal_bits(expected, answers):
                return False
    return True


def sample_like(golden: Arrays, total: int) -> Arrays:
    """Golden rows, then rows whose cells are each from another of them: within every domain."""
    known = rows_of(golden)
    kept = min(known, total // 2)
    order = np.random.default_rng(0)
    return {
        name: np.concatenate([block[:kept], _mixed(block, total - kept, order)])
        for name, block in golden.items()
    }


def _mixed(block: Array, total: int, order: np.random.Generator) -> Array:
    width = block.shape[1]
    mixed: Array = block[order.integers(len(block), size=(total, width)), np.arange(width)]
    return mixed


def _equal_bits(expected: Array, got: Array) -> bool:
    if expected.shape != got.shape or expected.dtype != got.dtype:
        return False
    if expected.dtype == object:
        return bool((expected == got).all())
    return expected.tobytes() == got.tobytes()


def taken(rows: Arrays, chosen: Array) -> Arrays:
    """Those rows of every block."""
    return {name: block[chosen] for name, block in rows.items()}
