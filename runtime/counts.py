"""What was counted about one version: read from the slots of its processes, and added up."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from bundle.arrays import Array
from runtime.statistics import (
    BITS,
    ENTRY,
    ERRED,
    ERRORS,
    FAILED,
    FAILED_NS,
    GAUGES,
    LAST,
    OTHERS,
    QUEUE_NS,
    REQUESTS,
    SIZES,
    SLOTS,
    STAGES,
    STARTED,
    STATUSES,
    TIMES,
    WHOLE_NS,
    size_bits,
)


class Counts:
    """The slots of one version, or of a process, and its batch sizes by their rows."""

    def __init__(self, slots: Any = None) -> None:
        found = np.zeros(SLOTS, np.int64) if slots is None else np.array(slots, np.int64)
        self.slots: Array = found[:SIZES]
        self.sizes: dict[int, Array] = {}
        entries = found[SIZES:].reshape(-1, ENTRY)
        for entry in entries[entries[:, 1] > 0]:
            self.sizes[int(entry[0])] = entry[1:]

    def add(self, other: Counts) -> None:
        """Count what another process counted, too."""
        last = max(self[LAST], other[LAST])
        starts = [each for each in (self[STARTED], other[STARTED]) if each]
        self.slots = self.slots + other.slots
        self.slots[LAST], self.slots[STARTED] = last, min(starts, default=0)
        for rows, entry in other.sizes.items():
            self.sizes[rows] = self.sizes.get(rows, 0) + entry

    def end(self) -> None:
        """Its process is no more: what it had in hand is gone, what it counted stays."""
        self.slots[list(GAUGES)] = 0

    def __getitem__(self, slot: int) -> int:
        return int(self.slots[slot])

    def requests(self, doors: tuple[str, ...]) -> Iterator[tuple[str, str, int]]:
        """Door, class of status, how many; those that came."""
        for number, door in enumerate(doors):
            for digit, status in enumerate(STATUSES):
                found = self[REQUESTS + number * len(STATUSES) + digit]
                if found:
                    yield door, status, found

    @property
    def answered(self) -> int:
        """Requests of all doors that ended."""
        return int(self.slots[REQUESTS:ERRED].sum())

    def errors(self) -> Iterator[tuple[str, int]]:
        """Name of an error, how many; those that came."""
        for position, name in enumerate(ERRORS):
            if self[ERRED + position]:
                yield name, self[ERRED + position]

    def times(self, stage: str) -> Array:
        """How many took nanoseconds of 0, 1, 2, ... bits in this stage."""
        start = TIMES + BITS * STAGES.index(stage)
        found = self.slots[start : start + BITS].copy()
        if stage == "queue":
            found[0] = self.inferred[0] - found[1:].sum()  # those that waited for nothing
        return found

    def nanoseconds(self, stage: str) -> int:
        """All of them together in this stage."""
        if stage in ("queue", "whole"):
            return self[QUEUE_NS if stage == "queue" else WHOLE_NS]
        return int(self.inferred[1 + ("decode", "run", "encode").index(stage)])

    @property
    def inferred(self) -> Array:
        """Requests that were answered, nanoseconds of decode, run and encode."""
        return self._sum(self.sizes.values(), self._others)

    @property
    def executed(self) -> Array:
        """The same of those that had rows."""
        with_rows = (entry for rows, entry in self.sizes.items() if rows)
        return self._sum(with_rows, self._others[1:])

    @property
    def rows(self) -> int:
        """Of all requests that were answered."""
        known = sum(rows * int(entry[0]) for rows, entry in self.sizes.items())
        return known + int(self._others[:, 0].sum())

    def batches(self) -> Array:
        """How many batches there were, by `size_bits`."""
        found = self._others[:, 1].copy()
        for rows, entry in self.sizes.items():
            found[size_bits(rows)] += entry[0]
        return found

    @property
    def _others(self) -> Array:
        return self.slots[OTHERS : OTHERS + BITS * ENTRY].reshape(-1, ENTRY)

    @staticmethod
    def _sum(entries: Iterable[Array], others: Array) -> Array:
        return np.asarray(sum(entries, others[:, 1:].sum(axis=0)))

    def told(self) -> dict[str, Any]:
        """As V2's statistics extension spells it."""
        executed, succeeded = self.executed, int(self.inferred[0])
        parts = int(self.inferred[1:].sum()) + self[QUEUE_NS]
        return {
            "last_inference": self._last_milliseconds(),
            "inference_count": self.rows,
            "execution_count": int(executed[0]),
            "inference_stats": {
                "success": _duration(succeeded, parts),
                "fail": _duration(self[FAILED], self[FAILED_NS]),
                "queue": _duration(succeeded, self[QUEUE_NS]),
                **_computed(executed),
                "cache_hit": _duration(0, 0),
                "cache_miss": _duration(0, 0),
            },
            "response_stats": {},
            "batch_stats": [
                {"batch_size": rows, **_computed(entry)}
                for rows, entry in sorted(self.sizes.items())
                if rows
            ],
            "memory_usage": [],
        }

    def _last_milliseconds(self) -> int:
        if not self[LAST]:
            return 0
        return (time.time_ns() - time.perf_counter_ns() + self[LAST]) // 1_000_000


def _computed(entry: Array) -> dict[str, Any]:
    number, decode, run, encode = entry.tolist()
    return {
        "compute_input": _duration(number, decode),
        "compute_infer": _duration(number, run),
        "compute_output": _duration(number, encode),
    }


def _duration(number: int, nanoseconds: int) -> dict[str, int]:
    return {"count": number, "ns": nanoseconds}
