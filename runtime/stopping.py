"""The end of a process: first it says that it goes, then it takes nothing new, then it ends."""

from __future__ import annotations

import asyncio
import faulthandler
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import uvicorn
from uvicorn.server import HANDLED_SIGNALS

from runtime.leaving import Leaving
from runtime.logs import LOG

CANCEL_SECONDS = 2
"""Before the process ends whatever is in the way: what still runs is cancelled."""
ACCEPT_SECONDS = 0.05
"""For which connections are accepted at least: what waited in the queue when the signal came."""
LINGER_SECONDS = 0.2
"""For which connections are still read once none is accepted: what was on its way arrives."""
_NOTED = hasattr(faulthandler, "register")  # not on Windows


class Server(uvicorn.Server):
    """uvicorn's, which loses no request that had arrived when the signal came."""

    drain_seconds = 0.0
    stop_seconds = 27.0
    """From the signal until the process ends whatever is in the way."""
    tell: Callable[[], None] | None = None
    """Called when it serves."""
    _draining = False
    moved = 0.0
    """When the event loop moved last (monotonic)."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """As uvicorn does; and from the first one on the time is counted."""
        with super().capture_signals(), _counted_down(self.stop_seconds):
            yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does, and say so."""
        await super().startup(sockets)
        if self.started and self.tell is not None:
            self.tell()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """SIGTERM or SIGINT."""
        if not self.should_exit:
            if not _NOTED:
                threading.Thread(
                    target=_last_resort, args=(self.stop_seconds,), daemon=True
                ).start()
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
        left = self.stop_seconds - CANCEL_SECONDS - drain
        self.config.timeout_graceful_shutdown = max(0, int(left))
        await super().shutdown(sockets)


@contextmanager
def _counted_down(seconds: float) -> Iterator[None]:
    """End the process so long after a signal, also where the event loop is deep in a model's run.

    Then Python's own handlers do not run: they wait for the main thread. That of faulthandler does
    at once, and its note of where that thread stands wakes a thread of ours.
    """
    if not _NOTED:
        yield
        return
    reading, writing = os.pipe()
    threading.Thread(target=_await_signal, args=(reading, seconds), daemon=True).start()
    with os.fdopen(writing, "wb") as notes:
        for each in HANDLED_SIGNALS:
            faulthandler.register(each, notes, all_threads=False, chain=True)
        try:
            yield
        finally:
            for each in HANDLED_SIGNALS:
                faulthandler.unregister(each)


def _await_signal(reading: int, seconds: float) -> None:
    first = os.read(reading, 1)
    if first:  # nothing: it ended without one
        _last_resort(seconds, lambda: first + os.read(reading, 2**16))


def _last_resort(seconds: float, stood: Callable[[], bytes] = bytes) -> None:
    time.sleep(seconds)
    where = stood().decode(errors="replace")
    LOG.error("something did not end within %g seconds; so the process does. %s", seconds, where)
    os._exit(1)
