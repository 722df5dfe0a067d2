"""What a process counts about one version, in slots of eight bytes that other processes may read.

A request costs about fifteen additions. Only the event loop's thread adds, so that none is lost
without a lock; a reader may see a request half added, and the next look sees all of it. Times are
counted in buckets of powers of two, so that a bucket is found by the length of a number.

Source of the batch statistics: github.com/triton-inference-server/server,
docs/protocol/extension_statistics.md.
"""

from __future__ import annotations

from itertools import count

from runtime.faults import KINDS

MAX_SIZES = 256
"""Batch sizes told apart: the client chooses them, and memory is bounded."""
STAGES = ("decode", "queue", "run", "encode", "whole")
STATUSES = ("cancelled", "1xx", "2xx", "3xx", "4xx", "5xx")
"""By the first digit of the status; a request whose task was ended has none."""
_BLANK = {
    404: "not-found",
    405: "method-not-allowed",
    # What never reaches a contract (`runtime.refusals`).
    400: "not-http",
    408: "came-too-slowly",
    414: "address-too-long",
    431: "headers-too-long",
    503: "too-many-connections",
}
ERRORS = (*(kind.rpartition(":")[2] for kind in KINDS[1:]), *_BLANK.values(), "unforeseen")
"""The slugs of the faults, and what is known by its status alone."""
ERROR_AT = {name: position for position, name in enumerate(ERRORS)}

BITS = 64  # buckets of a time in nanoseconds: as many as it can have bits
ENTRY = 5  # of a batch size: rows, requests, nanoseconds of decode, run and encode
MAX_DOORS, MAX_ERRORS = 32, 64

_free = count()
LAST, FAILED, FAILED_NS, QUEUE_NS, WHOLE_NS, BYTES_IN, BYTES_OUT, BULK, BULK_FAILED = (
    next(_free) for _ in range(9)
)
# What a process counts once, beside its requests that found no version.
BEGAN, LOADED, NOT_LOADED, CPU_NS, STARTED, LAG_NS = (next(_free) for _ in range(6))
BULK_BEGAN, LAG_LAST = (next(_free) for _ in range(2))
GAUGES = (LAG_LAST,)
"""Of a process that is alive; the other slots only grow."""
REQUESTS = 32
ERRED = REQUESTS + MAX_DOORS * len(STATUSES)
TIMES = ERRED + MAX_ERRORS
LAG = TIMES + len(STAGES) * BITS
OTHERS = LAG + BITS
"""Batch sizes beyond MAX_SIZES, by their length in bits."""
SIZES = OTHERS + BITS * ENTRY
SLOTS = SIZES + MAX_SIZES * ENTRY
_DECODE, _QUEUE, _RUN, _ENCODE, _WHOLE = (TIMES + BITS * i for i in range(len(STAGES)))

Times = tuple[int, int, int, int, int]
"""When a request was asked, began, was decoded, was run, was encoded (perf_counter_ns)."""


def error_name(kind: str, status: int) -> str:
    """What a fault is counted as."""
    slug = kind.rpartition(":")[2]
    return slug if slug in ERROR_AT else _BLANK.get(status, "unforeseen")


def size_bits(rows: int) -> int:
    """The bucket of a batch: 0 for no rows, 1 for one, 2 for two, 3 up to 4, 4 up to 8, ..."""
    return (rows - 1).bit_length() + 1 if rows else 0


class Statistics:
    """Adds to the slots of one version; `slots` is shared memory, or of this process alone."""

    def __init__(self, slots: memoryview | None = None) -> None:
        self.slots = memoryview(bytearray(8 * SLOTS)).cast("q") if slots is None else slots
        self._sizes: dict[int, int] = {}

    def bulk_began(self) -> None:
        """A bulk request came."""
        self.slots[BULK_BEGAN] += 1

    def answered(self, door: int, status: int, bytes_in: int, bytes_out: int) -> None:
        """A request through the door number `door` has an answer; status 0: it never will."""
        slots = self.slots
        slots[REQUESTS + door * len(STATUSES) + status // 100] += 1
        slots[BYTES_IN] += bytes_in
        slots[BYTES_OUT] += bytes_out

    def succeeded(self, rows: int, times: Times, whole: int | None = None) -> None:
        """A request of `rows` rows was answered; `whole`: nanoseconds with reading its body."""
        asked, began, decoded, ran, encoded = times
        slots, entry = self.slots, self._sizes.get(rows)
        if entry is None:
            entry = self._entry(rows)
        queue, decode, run, encode = began - asked, decoded - began, ran - decoded, encoded - ran
        if whole is None:
            whole = encoded - asked
        slots[entry + 1] += 1
        slots[entry + 2] += decode
        slots[entry + 3] += run
        slots[entry + 4] += encode
        slots[WHOLE_NS] += whole
        slots[_DECODE + decode.bit_length()] += 1
        slots[_RUN + run.bit_length()] += 1
        slots[_ENCODE + encode.bit_length()] += 1
        slots[_WHOLE + whole.bit_length()] += 1
        slots[LAST] = encoded
        if queue:  # of those that never waited the reader knows how many there are
            slots[QUEUE_NS] += queue
            slots[_QUEUE + queue.bit_length()] += 1

    def failed(self, error: str, nanoseconds: int) -> None:
        """A request met an error of this name."""
        self.slots[ERRED + ERROR_AT[error]] += 1
        self.slots[FAILED] += 1
        self.slots[FAILED_NS] += nanoseconds

    def bulk(self, *, answered: bool) -> None:
        """A bulk request ended."""
        self.slots[BULK if answered else BULK_FAILED] += 1

    def loaded(self, *, ready: bool) -> None:
        """A version was opened, or could not be; one thread at a time opens."""
        self.slots[LOADED if ready else NOT_LOADED] += 1

    def _entry(self, rows: int) -> int:
        """Where requests of so many rows are counted."""
        if len(self._sizes) < MAX_SIZES:
            entry = SIZES + ENTRY * len(self._sizes)
            self._sizes[rows], self.slots[entry] = entry, rows
            return entry
        entry = OTHERS + ENTRY * size_bits(rows)
        self.slots[entry] += rows
        return entry
