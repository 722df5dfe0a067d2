"""Bulk requests beside small ones: so many at a time, so many more that wait, each can be left."""

from __future__ import annotations

import asyncio
import errno
import os
import time
from typing import IO

from anyio import CapacityLimiter, to_thread
from starlette.types import Receive

from runtime.bodies import bulk_body
from runtime.door import Bulk, Call, Reply
from runtime.errors import BusyError, NoRoomError
from runtime.logs import LOG
from runtime.settings import Settings

_NO_ROOM = {
    errno.ENOSPC,
    errno.EDQUOT,
    errno.EFBIG,
    errno.EROFS,
    errno.EACCES,
    errno.EPERM,
    errno.ENOENT,
    errno.EIO,
}
"""Of a disk that is full, read-only, not ours or not there."""


class BulkJobs:
    """Threads of their own, so that small requests always find one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limiter = CapacityLimiter(settings.bulk_jobs)
        self._here: set[int] = set()

    async def answer(self, bulk: Bulk, call: Call, receive: Receive) -> Reply:
        """Read the body, wait for a turn, run. Raises BusyError, NoRoomError, what `bulk` raises.

        A request counts until `left`, when its answer has been sent and takes no room on the disk.
        """
        if len(self._here) >= self._settings.bulk_jobs + self._settings.bulk_waiting:
            raise BusyError("too many bulk requests are here", mend="Send it again later")
        self._here.add(id(call))
        try:
            async with bulk_body(call.headers, receive, self._settings.max_bulk) as file:
                call.received = file.seek(0, os.SEEK_END)
                file.seek(0)
                return await self._run(bulk, call, file, receive)
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            LOG.error("TMPDIR takes no bulk body: %s", error.strerror)
            raise NoRoomError("the disk takes no bulk body", mend="Send fewer rows") from error

    def left(self, call: Call) -> None:
        """A request was answered, or never will be."""
        self._here.discard(id(call))

    async def _run(self, bulk: Bulk, call: Call, file: IO[bytes], receive: Receive) -> Reply:
        asked = time.perf_counter_ns()
        watch = asyncio.ensure_future(_watch(call, receive))
        try:
            reply = await to_thread.run_sync(bulk, call, file, limiter=self._limiter)
            if call.times is not None:
                call.times = (asked, *call.times[1:])
            return reply
        finally:
            call.gone = True  # for the thread, when it is this task that was ended
            watch.cancel()


async def _watch(call: Call, receive: Receive) -> None:
    """Say when the client hangs up, so that nobody computes what nobody waits for."""
    while (await receive())["type"] != "http.disconnect":
        pass
    call.gone = True
