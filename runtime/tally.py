"""What all processes of a service counted, put together; what dead ones counted, as a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec
import numpy as np

from runtime.counts import Counts
from runtime.statistics import BEGAN, BULK, BULK_BEGAN, BULK_FAILED, SLOTS

Key = tuple[str, int]
"""Name and version."""
GENERAL: Key = ("", 0)
"""A process itself, and its requests that found no version."""
Pages = Mapping[Key, Counts]


@dataclass
class Tally:
    """By version, GENERAL among them; what is in flight, and processes, of those alive."""

    pages: dict[Key, Counts] = field(default_factory=lambda: {GENERAL: Counts()})
    in_flight: int = 0
    bulk_jobs: int = 0
    processes: list[int] = field(default_factory=list)

    @property
    def general(self) -> Counts:
        """What is counted once for a process."""
        return self.pages[GENERAL]

    @property
    def versions(self) -> list[tuple[Key, Counts]]:
        """Every other page, sorted."""
        return sorted((key, page) for key, page in self.pages.items() if key != GENERAL)

    def add_living(self, pages: Pages, process: int) -> None:
        """What a process that is alive counts."""
        self.in_flight += pages[GENERAL][BEGAN] - sum(each.answered for each in pages.values())
        ended = sum(each[BULK] + each[BULK_FAILED] for each in pages.values())
        self.bulk_jobs += pages[GENERAL][BULK_BEGAN] - ended
        self.processes.append(process)
        self._add(pages)

    def add_dead(self, pages: Pages) -> None:
        """What a process counted that is no more."""
        for each in pages.values():
            each.end()
        self._add(pages)

    def _add(self, pages: Pages) -> None:
        for key, counts in pages.items():
            self.pages.setdefault(key, Counts()).add(counts)


class _Page(msgspec.Struct):
    key: Key
    slots: dict[int, int]
    """Those that are not 0."""
    sizes: dict[int, list[int]]


class Past(msgspec.Struct):
    """What dead processes counted; `workers`: those whose files may still be there."""

    workers: list[str] = []
    pages: list[_Page] = []

    def into(self, tally: Tally) -> None:
        """Add what it holds."""
        for page in self.pages:
            slots = np.zeros(SLOTS, np.int64)
            slots[list(page.slots)] = list(page.slots.values())
            counts = Counts(slots)
            counts.sizes = {rows: np.array(each) for rows, each in page.sizes.items()}
            tally.add_dead({page.key: counts})


def past(tally: Tally, workers: list[str]) -> Past:
    """A tally as a file has it."""
    pages = [
        _Page(
            key=key,
            slots={int(at): int(counts.slots[at]) for at in np.flatnonzero(counts.slots)},
            sizes={rows: entry.tolist() for rows, entry in counts.sizes.items()},
        )
        for key, counts in tally.pages.items()
    ]
    return Past(workers, pages)
