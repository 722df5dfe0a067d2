"""What a version answered and how long it took, in the terms of the V2 statistics extension.

Source: github.com/triton-inference-server/server, docs/protocol/extension_statistics.md. A worker
counts for itself; a version that is loaded again begins at zero.
"""

from __future__ import annotations

import threading
import time
from typing import Any

MAX_SIZES = 256  # batch sizes told apart: the client chooses them, and memory is bounded


class Statistics:
    """Counts and nanoseconds of one version; any thread may record."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._failed = self._failed_ns = 0
        self._succeeded = self._succeeded_ns = self._queue_ns = 0
        self._rows = self._last = 0
        self._all = [0, 0, 0, 0]
        self._batches: dict[int, list[int]] = {}

    def failed(self, asked: int) -> None:
        """A request that was asked at `asked` (perf_counter_ns) has failed now."""
        took = time.perf_counter_ns() - asked
        with self._lock:
            self._failed += 1
            self._failed_ns += took

    def succeeded(self, rows: int, times: tuple[int, int, int, int, int]) -> None:
        """A request of `rows` rows was answered.

        `times` (perf_counter_ns): it was asked, began, was decoded, was run, was encoded.
        """
        asked, began, decoded, ran, encoded = times
        with self._lock:
            self._succeeded += 1
            self._succeeded_ns += encoded - asked
            self._queue_ns += began - asked
            self._last = time.time_ns()
            if rows == 0:
                return  # nothing was run
            self._rows += rows
            batch = self._batches.get(rows)
            if batch is None:
                batch = [0, 0, 0, 0]
                if len(self._batches) < MAX_SIZES:
                    self._batches[rows] = batch
            for counts in (self._all, batch):
                counts[0] += 1
                counts[1] += decoded - began
                counts[2] += ran - decoded
                counts[3] += encoded - ran

    def told(self) -> dict[str, Any]:
        """The counts so far, as the extension spells them."""
        with self._lock:
            batches = sorted((rows, tuple(counts)) for rows, counts in self._batches.items())
            executions = self._all[0]
            return {
                "last_inference": self._last // 1_000_000,
                "inference_count": self._rows,
                "execution_count": executions,
                "inference_stats": {
                    "success": _duration(self._succeeded, self._succeeded_ns),
                    "fail": _duration(self._failed, self._failed_ns),
                    "queue": _duration(self._succeeded, self._queue_ns),
                    **_computed(*self._all),
                    "cache_hit": _duration(0, 0),
                    "cache_miss": _duration(0, 0),
                },
                "response_stats": {},
                "batch_stats": [{"batch_size": rows, **_computed(*each)} for rows, each in batches],
                "memory_usage": [],
            }


def _computed(count: int, input_ns: int, infer_ns: int, output_ns: int) -> dict[str, Any]:
    return {
        "compute_input": _duration(count, input_ns),
        "compute_infer": _duration(count, infer_ns),
        "compute_output": _duration(count, output_ns),
    }


def _duration(count: int, nanoseconds: int) -> dict[str, int]:
    return {"count": count, "ns": nanoseconds}
