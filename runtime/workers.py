"""A worker process: how it begins, what it tells its supervisor, whether it still moves."""

from __future__ import annotations

import gc
import importlib
import multiprocessing
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import socket

import msgspec
from uvicorn._subprocess import subprocess_started
from uvicorn.config import Config
from uvicorn.supervisors import multiprocess

from bundle.errors import BundleError
from runtime.logs import LOG
from runtime.on_disk import look
from runtime.settings import Settings
from runtime.stopping import Server
from runtime.trial import PASSED, Trial, news

FORKS = sys.platform == "linux"
"""Elsewhere each worker starts from nothing: what macOS brings does not survive a fork."""
ASK_SECONDS = 0.5
TRIAL_SECONDS = 5.0
"""For a bundle before the workers start, which wait for it."""
YOUNG_SECONDS = 1.0
"""A worker that dies before it is ready, or within this time after, died of itself."""
_NEEDED = ("runtime.app", "uvicorn.lifespan.on")


def warm(config: Config, settings: Settings) -> None:
    """Do once what every worker needs: imports, in memory that they share, and bundles' trials.

    No session, no event loop and no thread of ours may be made before the last fork.
    """
    if not FORKS:
        return
    with _tries(settings) as tried:
        for name in _NEEDED:
            importlib.import_module(name)
        config.get_loop_factory()
        tried()
    gc.collect()
    gc.freeze()  # a collection would write to every page, and so unshare it


@contextmanager
def _tries(settings: Settings) -> Iterator[Callable[[], None]]:
    """What tries all bundles that are there, by a process that imports beside this one."""
    if settings.trial_seconds == 0:
        yield lambda: None
        return
    seconds = min(TRIAL_SECONDS, settings.trial_seconds)
    trial = Trial(msgspec.structs.replace(settings, trial_seconds=seconds))
    trial.start()
    try:
        yield lambda: try_all(settings.artifacts, trial)
    finally:
        trial.close()


def try_all(artifacts: Path, trial: Trial) -> None:
    """Let bundles pass, up to one that does not: of that one the workers say what is wrong."""
    with suppress(BundleError, OSError):
        for found in look(artifacts).values():
            for version in found.versions:
                if version not in (found.unloaded or ()):
                    trial(found.name, version, found.bundle(version))


class Worker(multiprocess.Process):
    """A worker process. It is asked whether it moves, and nobody waits for its answer."""

    hung_seconds = 30.0
    drain_seconds = 0.0
    stop_seconds = 27.0

    def __init__(self, config: Config, sockets: list[socket]) -> None:
        super().__init__(config, sockets)
        if FORKS:
            begin = multiprocessing.get_context("fork").Process(target=self._begin, args=(sockets,))
            self.process = begin  # type: ignore[assignment]
        # Its own, to reach a process that is spawned: what is set on the class does not.
        self.hung_seconds, self.drain_seconds = Worker.hung_seconds, Worker.drain_seconds
        self.stop_seconds = Worker.stop_seconds
        self.ready_since: float | None = None
        self._heard = self._asked = time.monotonic()
        self._waits = False

    def start(self) -> None:
        """A signal waits until the process is there and has forgotten the supervisor's handlers."""
        with _signals_wait():
            super().start()

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

    def is_ready(self, timeout: float = 0) -> bool:
        """Whether it serves."""
        with suppress(OSError, EOFError):
            self.parent_conn.poll(timeout)
            self._ask()
        return self.ready_since is not None

    def _ask(self) -> None:
        while self.parent_conn.poll(0):
            started, passed = self.parent_conn.recv()
            PASSED.update(passed)  # for those that are forked later
            self._heard, self._waits = time.monotonic(), False
            if started and self.ready_since is None:
                self.ready_since = self._heard
        if not self._waits and time.monotonic() - self._asked > ASK_SECONDS:
            self.parent_conn.send(b"ping")
            self._asked, self._waits = time.monotonic(), True

    @property
    def died_young(self) -> bool:
        """Whether it had hardly begun."""
        return self.ready_since is None or time.monotonic() - self.ready_since < YOUNG_SECONDS

    def _begin(self, sockets: list[socket]) -> None:
        """In a worker that was forked: nothing of the supervisor's goes on here."""
        signal.set_wakeup_fd(-1)
        for each in multiprocess.SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, multiprocess.SIGNALS)
        subprocess_started(self.config, self.target, sockets, None)

    @property
    def server(self) -> Server:
        """In the worker: what serves."""
        if self._server is None:
            self._server = Server(self.config)
            self._server.drain_seconds = self.drain_seconds
            self._server.stop_seconds = self.stop_seconds
            self._server.tell = self._tell
        assert isinstance(self._server, Server)  # noqa: S101
        return self._server

    def always_pong(self) -> None:
        """In the worker: answer until the supervisor is gone."""
        with suppress(OSError, EOFError):
            super().always_pong()

    def pong(self) -> None:
        """In the worker: answer, unless the event loop stands still; threads go on then."""
        self.child_conn.recv()
        while self.server.started and time.monotonic() - self.server.moved > self.hung_seconds / 2:
            time.sleep(0.1)
        self._tell()

    def _tell(self) -> None:
        """In the worker: whether it serves, and the bundles that passed their trial since."""
        with _TELLING, suppress(OSError):
            self.child_conn.send((self.server.started, news()))


_TELLING = threading.Lock()


@contextmanager
def _signals_wait() -> Iterator[None]:
    if not FORKS:
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, multiprocess.SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
