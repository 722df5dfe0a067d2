"""Small requests take turns with the sockets.

An event loop reads every socket that has something, and accepts one connection of each listener,
before it runs what it read; where that takes long, what is new waits unseen, for seconds where many
ask at once, and nobody can tell it to come later.
"""

from __future__ import annotations

import asyncio

SLICE = 10_000_000
"""Nanoseconds of work between two looks at the sockets."""


class Turns:
    """Whose turn it is: the requests' until their slice is over, then the sockets'."""

    def __init__(self) -> None:
        self._end = 0
        self._due = False  # whether the sockets are due since the slice began

    def over(self, now: int) -> bool:
        """Whether a request must wait (`now`: perf_counter_ns); else it may work."""
        if now < self._end:
            return False
        if self._due:
            return True
        self._end, self._due = now + SLICE, True
        asyncio.get_running_loop().call_soon(self._looked)
        return False

    async def wait(self) -> None:
        """Until the sockets had their turn; who came first goes on first."""
        await asyncio.sleep(0)

    def _looked(self) -> None:
        self._due = False
