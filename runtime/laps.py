"""Where the time of a request goes that is answered batch by batch."""

from __future__ import annotations

import time

from runtime.statistics import Times


class Laps:
    """Each call says what the time since the last one was spent on."""

    def __init__(self) -> None:
        self._began = self._last = time.perf_counter_ns()
        self._decode = self._run = self._encode = 0

    def decoded(self) -> None:
        """Rows were read."""
        self._decode += self._lap()

    def ran(self) -> None:
        """Rows were answered."""
        self._run += self._lap()

    def encoded(self) -> None:
        """Answers were written."""
        self._encode += self._lap()

    @property
    def times(self) -> Times:
        """As if each stage had run once, behind the other."""
        decoded = self._began + self._decode
        ran = decoded + self._run
        return self._began, self._began, decoded, ran, ran + self._encode

    def _lap(self) -> int:
        last, self._last = self._last, time.perf_counter_ns()
        return self._last - last
