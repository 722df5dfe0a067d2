"""Several workers: one that dies or hangs is replaced; when they die at once, all of it ends."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from multiprocessing import connection
from socket import socket, socketpair
from types import FrameType

from uvicorn.config import STARTUP_FAILURE, Config
from uvicorn.supervisors import Multiprocess, multiprocess

from runtime.logs import LOG
from runtime.settings import Settings
from runtime.workers import ASK_SECONDS, Worker, warm

DEATHS = 5
WITHIN_SECONDS = 60.0
KILL_SECONDS = 0.5
"""After the end of a worker's own time, until it is killed."""


class Supervisor(Multiprocess):
    """uvicorn's, which gives up where workers die as they start, and does not wait for ever.

    `failed` says that it did. `announce` is called when the first worker serves.
    """

    def __init__(
        self, config: Config, sockets: list[socket], announce: Callable[[], None] | None = None
    ) -> None:
        super().__init__(config, sockets)
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._leave)
        self.failed = False
        self._announce = announce
        self._young = deque[float](maxlen=DEATHS)

    def run(self) -> None:
        """As uvicorn does, but a death and a signal are seen when they come, not at a next look."""
        woken, wakes = socketpair()
        for each in (woken, wakes):
            each.settimeout(0)
        signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        self.init_processes()
        while not self.should_exit.is_set():
            connection.wait([woken, *self._heard_of()], ASK_SECONDS)
            with suppress(BlockingIOError):
                woken.recv(4096)
            self.handle_signals()
            self.keep_subprocess_alive()
            self._announce_once()
        self.terminate_all()
        self.join_all()

    def _heard_of(self) -> list[connection.Connection | int]:
        """What is readable when a worker dies, or says something."""
        return [end for each in self.processes for end in (each.parent_conn, each.process.sentinel)]

    def _announce_once(self) -> None:
        # Not before: a process that has threads is better not forked.
        if self._announce is not None and any(
            isinstance(each, Worker) and each.ready_since for each in self.processes
        ):
            threading.Thread(target=self._announce, daemon=True).start()
            self._announce = None

    def _leave(self, sig: int, _: FrameType | None) -> None:
        """SIGTERM or SIGINT. Counted from here, whatever is under way."""
        if not self.should_exit.is_set():
            self._count_down()
        self.signal_queue.append(sig)
        self.should_exit.set()

    def keep_subprocess_alive(self) -> None:
        """Replace those that died; look at how they did."""
        if self.should_exit.is_set():
            return
        before = list(self.processes)
        super().keep_subprocess_alive()
        if any(each.exitcode == STARTUP_FAILURE for each in before):
            self.failed = True
        for old, new in zip(before, self.processes, strict=False):
            if old is not new:
                self._count(old)

    def terminate_all(self) -> None:
        """Tell all; from here on nobody waits in the queue of a socket that none accepts from."""
        super().terminate_all()
        for each in self.sockets:
            each.close()

    def join_all(self) -> None:
        """Wait for all, and kill what does not end in time."""
        self._count_down()
        super().join_all()

    def _count_down(self) -> None:
        timer = threading.Timer(Worker.stop_seconds + KILL_SECONDS, self._kill_all)
        timer.daemon = True
        timer.start()

    def _kill_all(self) -> None:
        for each in self.processes:
            each.process.kill()

    def _count(self, dead: multiprocess.Process) -> None:
        LOG.error("worker %s died (%s); another takes its place", dead.pid, _cause(dead.exitcode))
        if not (isinstance(dead, Worker) and dead.died_young):
            return
        self._young.append(time.monotonic())
        if len(self._young) == DEATHS and self._young[-1] - self._young[0] < WITHIN_SECONDS:
            LOG.error(
                "%d workers died within %g seconds, each as soon as it had started; so the server "
                "ends. The last died of: %s",
                DEATHS,
                WITHIN_SECONDS,
                _cause(dead.exitcode),
            )
            self.failed = True
            self.should_exit.set()


def supervise(
    config: Config, sockets: list[socket], settings: Settings, announce: Callable[[], None]
) -> None:
    """Run workers until a signal. Exits with status 3 where they cannot be kept alive."""
    Worker.hung_seconds, Worker.drain_seconds = settings.hung_seconds, settings.drain_seconds
    Worker.stop_seconds = settings.stop_seconds
    # uvicorn makes its workers by this name, wherever it needs one.
    multiprocess.Process = Worker  # type: ignore[misc]
    warm(config, settings)
    supervisor = Supervisor(config, sockets, announce)
    supervisor.run()
    if supervisor.failed:
        sys.exit(STARTUP_FAILURE)


def _cause(status: int | None) -> str:
    if status is not None and status < 0:
        return signal.Signals(-status).name
    return f"exit status {status}"
