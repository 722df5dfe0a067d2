"""What bounds the request at hand: told once, asked wherever its rows are walked.

A context variable, because the parsers below the doors know rows and not requests; a thread that
takes over a request sees the request's own.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from runtime.errors import LateError, MalformedError, TooLargeError, TooLongError
from runtime.settings import Settings

INLINE_ROWS = 512
"""More are not answered on the event loop: what is made of their answers takes too long."""
INLINE_TEXT = 2**14
"""Bytes of a body for a graph that splits text, about 1 us each: more have their own thread."""
SLOW_BYTES = 2**15
"""More are not looked through on the event loop, character by character."""
ARRIVED = "isomorph.arrived"
"""In a scope: when the request was there as a whole (perf_counter)."""
SHED = "isomorph.shed"
"""In a scope: the request was told to come later, because there are too many."""
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")
PIECE = 1024
"""Rows between two looks at the clock: a few milliseconds of the slow road."""


class SlowError(Exception):
    """It would keep the event loop for too long: a thread answers from the start."""


class Bounds:
    """The operator's limits; when the request came and the answer must go (perf_counter)."""

    __slots__ = ("arrived", "deadline", "on_loop", "settings")

    def __init__(self, settings: Settings, arrived: float) -> None:
        self.settings, self.arrived = settings, arrived
        self.deadline = arrived + settings.request_seconds
        self.on_loop = False
        """Whether the event loop waits while it is answered."""

    def shorten(self, seconds: float) -> None:
        """The client gives less time, from the arrival of its request."""
        self.deadline = min(self.deadline, self.arrived + seconds)

    def check_time(self) -> None:
        """Raise LateError when nobody waits any more."""
        if time.perf_counter() > self.deadline:
            raise late()

    def check_running(self) -> None:
        """Raise TooLongError when nobody waits any more, after a part of the work."""
        if time.perf_counter() > self.deadline:
            raise too_long()

    def check_rows(self, rows: int) -> None:
        """Raise TooLargeError where there are too many."""
        if rows > self.settings.max_rows:
            raise TooLargeError(
                f"there are over {self.settings.max_rows} rows", mend="Send fewer at a time"
            )

    def check_numbers(self, numbers: int) -> None:
        """Raise TooLargeError where the answers would hold too many."""
        if numbers > self.settings.max_numbers:
            raise TooLargeError(
                f"the answers would be {numbers} numbers, over {self.settings.max_numbers}",
                mend="Send fewer rows at a time, ask for fewer outputs, or send Arrow or Parquet",
            )

    def check_slow(self, size: int) -> None:
        """Raise SlowError where so many bytes take too long for the event loop."""
        if self.on_loop and size > SLOW_BYTES:
            raise SlowError


def late() -> LateError:
    """What a client is told whose time is over."""
    return LateError(
        "the time for the answer was over before the model ran",
        mend="Send it again, with more time or fewer rows",
    )


def too_long() -> TooLongError:
    """What a client is told whose work was ended."""
    return TooLongError(
        "the time for the answer was over while the model ran",
        mend="Send fewer rows at a time, or give it more time",
    )


BOUNDS: ContextVar[Bounds] = ContextVar(
    "bounds",
    default=Bounds(Settings(artifacts=Path()), float("inf")),  # noqa: B039 - nothing changes it
)
"""Those of the request at hand."""


def seconds_of(given: bytes) -> float:
    """X-Request-Timeout: seconds, as a decimal number above 0. Raises MalformedError."""
    text = given.decode("latin-1").strip()
    seconds = float(text) if _SECONDS.fullmatch(text) else 0.0
    if seconds <= 0:
        raise MalformedError(
            "X-Request-Timeout is not a number of seconds", mend="Send one above 0, such as 0.25"
        )
    return seconds


def paced(rows: Sequence[Any]) -> Iterator[tuple[int, Any]]:
    """As `enumerate`, within the bounds. Raises LateError, TooLargeError."""
    bounds = BOUNDS.get()
    bounds.check_rows(len(rows))
    for number, row in enumerate(rows):
        if number % PIECE == 0:
            bounds.check_time()
        yield number, row
