"""Requests that need a thread: so many at a time, so many more that wait, each until its time.

Small requests run at once on the event loop, and never wait behind these.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import onnxruntime
from anyio import CapacityLimiter, to_thread

from runtime.bounds import Bounds, late, too_long
from runtime.door import Call, Reply
from runtime.errors import BusyError, LateError, OverloadedError
from runtime.settings import Settings


class Ending:
    """Ends a run of onnxruntime from outside, between two nodes of its graph."""

    def __init__(self) -> None:
        self.options: Any = onnxruntime.RunOptions()
        self.over = False

    def end(self) -> None:
        """The time is over."""
        self.over = self.options.terminate = True


class Large:
    """Threads, places in the queue for them, and the bytes that all of them hold in memory."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._turns = asyncio.Semaphore(settings.concurrency)
        self._threads = CapacityLimiter(settings.concurrency)
        self._here = self._held = 0

    def check(self) -> None:
        """Raise BusyError where a large body need not be read, because no place is free."""
        if self._full:
            raise BusyError("too many large requests are here", mend="Send it again later")

    def hold(self, call: Call, size: int) -> None:
        """So many bytes more of a body are in memory. Raises BusyError."""
        if self._held + size > self._settings.max_held:
            raise BusyError("too many large bodies are here", mend="Send it again later")
        self._held += size
        call.held += size

    def left(self, call: Call) -> None:
        """A request was answered, or never will be."""
        self._held -= call.held
        call.held = 0

    async def run(self, work: Callable[[], Reply], call: Call) -> Reply:
        """Do the work in a thread. Raises OverloadedError, LateError, TooLongError."""
        if self._full:
            raise OverloadedError("too many large requests are here", mend="Send it again later")
        self._here += 1
        try:
            await self._turn(call.bounds)
            try:
                return await self._run(work, call)
            finally:
                self._turns.release()
        finally:
            self._here -= 1

    @property
    def _full(self) -> bool:
        return self._here >= self._settings.concurrency + self._settings.queue

    async def _turn(self, bounds: Bounds) -> None:
        try:
            async with asyncio.timeout(bounds.deadline - time.perf_counter()):
                await self._turns.acquire()
        except TimeoutError:
            raise late() from None

    async def _run(self, work: Callable[[], Reply], call: Call) -> Reply:
        ending = call.ending = Ending()
        left = call.bounds.deadline - time.perf_counter()
        timer = asyncio.get_running_loop().call_later(left, ending.end)
        try:
            return await to_thread.run_sync(work, limiter=self._threads)
        except Exception as error:
            if not ending.over or isinstance(error, LateError):
                raise
            raise too_long() from None
        finally:
            timer.cancel()
