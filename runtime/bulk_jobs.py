"""Bulk requests beside small ones: so many at a time, so many more that wait, each can be left."""

from __future__ import annotations

import asyncio
import weakref
from typing import IO

from anyio import CapacityLimiter, to_thread
from starlette.types import Receive

from runtime.bodies import bulk_body
from runtime.door import Bulk, Call, Reply
from runtime.errors import BusyError
from runtime.settings import Settings


class BulkJobs:
    """Threads of their own, so that small requests always find one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limiter = CapacityLimiter(settings.bulk_jobs)
        self._here = 0

    async def answer(self, bulk: Bulk, call: Call, receive: Receive) -> Reply:
        """Read the body, wait for a turn, run. Raises BusyError, and what `bulk` raises.

        A request counts until its answer has been sent: until then it takes room on the disk.
        """
        if self._here >= self._settings.bulk_jobs + self._settings.bulk_waiting:
            raise BusyError("too many bulk requests are here", mend="Send it again later")
        self._here += 1
        try:
            async with bulk_body(call.scope, receive, self._settings.max_bulk) as file:
                reply = await self._run(bulk, call, file, receive)
        except BaseException:
            self._left()
            raise
        if isinstance(reply.body, bytes):
            self._left()
        else:
            weakref.finalize(reply.body, self._left)
        return reply

    async def _run(self, bulk: Bulk, call: Call, file: IO[bytes], receive: Receive) -> Reply:
        watch = asyncio.ensure_future(_watch(call, receive))
        try:
            return await to_thread.run_sync(bulk, call, file, limiter=self._limiter)
        finally:
            call.gone = True  # for the thread, when it is this task that was ended
            watch.cancel()

    def _left(self) -> None:
        self._here -= 1


async def _watch(call: Call, receive: Receive) -> None:
    """Say when the client hangs up, so that nobody computes what nobody waits for."""
    while (await receive())["type"] != "http.disconnect":
        pass
    call.gone = True
