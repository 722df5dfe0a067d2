"""Several workers: one that dies or hangs is replaced; when they die at once, all of it ends."""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections import deque
from socket import socket

from uvicorn.config import STARTUP_FAILURE, Config
from uvicorn.supervisors import Multiprocess, multiprocess

from runtime.logs import LOG
from runtime.stopping import LAST_SECONDS, Server

YOUNG_SECONDS = 1.0
"""A worker that dies before it is ready, or within this time after, died of itself."""
DEATHS = 5
WITHIN_SECONDS = 60.0


class Worker(multiprocess.Process):
    """A worker process. It is asked whether it moves, and nobody waits for its answer."""

    hung_seconds = 30.0
    drain_seconds = 0.0

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        # Its own, to reach the process: what is set on the class does not.
        self.hung_seconds, self.drain_seconds = Worker.hung_seconds, Worker.drain_seconds
        self.ready_since: float | None = None
        self._heard, self._asked = time.monotonic(), False

    def is_alive(self, timeout: float = 0) -> bool:  # noqa: ARG002 - uvicorn's, which waits
        """Whether it runs, and answered lately."""
        if not self.process.is_alive():
            return False
        try:
            self._ask()
        except (OSError, EOFError):
            return False
        if time.monotonic() - self._heard < self.hung_seconds:
            return True
        LOG.error("worker %d does not move for %g seconds", self.pid, self.hung_seconds)
        return False

    def _ask(self) -> None:
        while self.parent_conn.poll(0):
            started = self.parent_conn.recv()
            self._heard, self._asked = time.monotonic(), False
            if started and self.ready_since is None:
                self.ready_since = self._heard
        if not self._asked:
            self.parent_conn.send(b"ping")
            self._asked = True

    @property
    def died_young(self) -> bool:
        """Whether it had hardly begun."""
        return self.ready_since is None or time.monotonic() - self.ready_since < YOUNG_SECONDS

    @property
    def server(self) -> Server:
        """In the worker: what serves."""
        if self._server is None:
            self._server = Server(self.config)
            self._server.drain_seconds = self.drain_seconds
        assert isinstance(self._server, Server)  # noqa: S101
        return self._server

    def pong(self) -> None:
        """In the worker: answer, unless the event loop stands still; threads go on then."""
        self.child_conn.recv()
        while self.server.started and time.monotonic() - self.server.moved > self.hung_seconds / 2:
            time.sleep(0.1)
        self.child_conn.send(self.server.started)


class Supervisor(Multiprocess):
    """uvicorn's, which gives up where workers die as they start, and does not wait for ever.

    `failed` says that it did.
    """

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        self.failed = False
        self._young = deque[float](maxlen=DEATHS)

    def keep_subprocess_alive(self) -> None:
        """Replace those that died; look at how they did."""
        if self.should_exit.is_set():
            return
        before = list(self.processes)
        super().keep_subprocess_alive()
        if self.should_exit.is_set():
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
        timer = threading.Timer(LAST_SECONDS + 0.5, self._kill_all)
        timer.daemon = True
        timer.start()
        super().join_all()
        timer.cancel()

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


def supervise(config: Config, sockets: list[socket], hung: float, drain: float) -> None:
    """Run workers until a signal. Exits with status 3 where they cannot be kept alive."""
    Worker.hung_seconds, Worker.drain_seconds = hung, drain
    # uvicorn makes its workers by this name, wherever it needs one.
    multiprocess.Process = Worker  # type: ignore[misc]
    supervisor = Supervisor(config, sockets)
    supervisor.run()
    if supervisor.failed:
        sys.exit(STARTUP_FAILURE)


def _cause(status: int | None) -> str:
    if status is not None and status < 0:
        return signal.Signals(-status).name
    return f"exit status {status}"
