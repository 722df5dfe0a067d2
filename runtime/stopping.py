"""The end of a process: first it says that it goes, then it takes nothing new, then it ends."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import threading
import time
from types import FrameType

import uvicorn

from runtime.leaving import Leaving
from runtime.logs import LOG

GRACE_SECONDS = 25
"""From the signal until what still runs is cancelled: below the 30 that container platforms wait
before they kill."""
LAST_SECONDS = 27
"""From the signal until the process ends whatever is in the way."""
ACCEPT_SECONDS = 0.05
"""For which connections are accepted at least: what waited in the queue when the signal came."""
LINGER_SECONDS = 0.2
"""For which connections are still read once none is accepted: what was on its way arrives."""


class Server(uvicorn.Server):
    """uvicorn's, which loses no request that had arrived when the signal came."""

    drain_seconds = 0.0
    _draining = False
    moved = 0.0
    """When the event loop moved last (monotonic)."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT."""
        if not self.should_exit:
            threading.Thread(target=_last_resort, daemon=True).start()
            self._draining = sig == signal.SIGTERM  # who presses Ctrl-C does not want to wait
            self._leave()
        super().handle_exit(sig, frame)

    def _leave(self) -> None:
        """From now on each answer is the last of its connection."""
        Leaving.now = True
        for connection in list(self.server_state.connections):
            cycle = getattr(connection, "cycle", None)
            if cycle is not None and not cycle.response_complete:
                cycle.keep_alive = False

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second: whether to end. A worker does when its supervisor is gone."""
        self.moved = time.monotonic()
        supervisor = multiprocessing.parent_process()
        if supervisor is not None and os.getppid() != supervisor.pid and not self.should_exit:
            LOG.error("the supervisor is gone; so this worker ends")
            self.handle_exit(signal.SIGTERM, None)
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Drain, refuse, linger; then as uvicorn does."""
        self._leave()
        drain = self.drain_seconds if self._draining else 0.0
        await asyncio.sleep(max(drain, ACCEPT_SECONDS))
        for server in self.servers:
            server.close()
        for each in sockets or []:
            each.close()
        await asyncio.sleep(LINGER_SECONDS)
        self.config.timeout_graceful_shutdown = int(GRACE_SECONDS - drain)
        await super().shutdown(sockets)


def _last_resort() -> None:
    time.sleep(LAST_SECONDS)
    LOG.error("something did not end within %d seconds; so the process does", LAST_SECONDS)
    os._exit(1)
