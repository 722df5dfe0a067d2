"""A plain POST on its way to its answer without ASGI, step by step (docs/decisions/0012)."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable

from bundle.errors import IsomorphError
from runtime.at_once import Answer
from runtime.bounds import too_long
from runtime.door import Call, Door, Reply
from runtime.errors import OverloadedError
from runtime.faults import Fault, fault_of, of_status
from runtime.gathering import Outcome, Runs
from runtime.heads import Head
from runtime.statistics import BEGAN, error_name
from runtime.working import Rest, Work

Said = Callable[[Head, Call, Reply | None, float], Answer | None]
"""What counts and logs a reply, and makes it an answer; None: the process ended it."""


class Underway:
    """A request that is decoded. What a step raises becomes the answer, as its door says it.

    `made`: the answer already, or the work that is left; None: all of it, in a thread.
    """

    __slots__ = (
        "_call",
        "_head",
        "_made",
        "_part",
        "_ready",
        "_rest",
        "_said",
        "_started",
        "_task",
        "_timer",
    )

    def __init__(  # noqa: PLR0917 - one for each request, and keywords cost time
        self,
        head: Head,
        call: Call,
        made: Reply | Work | None,
        started: float,
        rest: Rest,
        said: Said,
    ) -> None:
        self._head, self._call, self._made, self._started = head, call, made, started
        self._rest, self._said = rest, said

    @property
    def here(self) -> bool:
        """Whether the event loop does all that is left."""
        made = self._made
        return made.here if isinstance(made, Work) else made is not None

    def run(self, loop: asyncio.AbstractEventLoop, ready: Callable[[], None]) -> bool:
        """Run the model, so that `answer` may be asked; if not, `ready` is called once it may."""
        self._call.repository.book.general.slots[BEGAN] += 1
        made = self._made
        if isinstance(made, Reply):
            return True
        try:
            if made is not None and made.here:
                made.run()
                return True
            self._ready = ready
            if made is None or made.runs is None:
                self._aside(made, loop)
            else:
                self._share(made, made.runs, loop)
        except Exception as error:  # noqa: BLE001 - said as the door says it
            self._fail(error)
            return True
        return False

    def answer(self) -> Answer | None:
        """Status, headers, content; None where there is none, since the process is about to end."""
        made = self._made
        if isinstance(made, Work):
            try:
                made = made.reply()
            except Exception as error:  # noqa: BLE001 - said as the door says it
                made = faulty(self._head.door, self._call, error)
        return self._said(self._head, self._call, made, self._started)

    def _aside(self, work: Work | None, loop: asyncio.AbstractEventLoop) -> None:
        """Have a thread do what is left."""
        self._task = loop.create_task(self._rest.finished(self._head.route, self._call, work))
        self._task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Reply]) -> None:
        if task.cancelled():
            self._made = None
        elif isinstance(error := task.exception(), Exception):
            self._fail(error)
        else:
            self._made = task.result()
        self._ready()

    def _share(self, work: Work, runs: Runs, loop: asyncio.AbstractEventLoop) -> None:
        """Have its rows run, perhaps beside those of others."""
        self._part = runs.ask(*work.prepared(), self._ran)
        left = self._call.bounds.deadline - time.perf_counter()
        self._timer = loop.call_later(left, self._late)

    def _ran(self, outcome: Outcome) -> None:
        self._timer.cancel()
        if isinstance(outcome, Exception):
            self._fail(outcome)
        elif isinstance(self._made, Work):
            self._made.answered(outcome)
        self._ready()

    def _late(self) -> None:
        """Its time is over; the others of its run are answered all the same."""
        self._part.wanted = False
        self._fail(too_long())
        self._ready()

    def _fail(self, error: Exception) -> None:
        self._made = faulty(self._head.door, self._call, error)


def faulty(door: Door, call: Call, error: Exception) -> Reply:
    """What a client is told of an error; of one that nobody foresaw, the log tells more."""
    if isinstance(error, OverloadedError):
        call.shed = True
    if isinstance(error, IsomorphError):
        return failed(door, call, fault_of(error))
    call.trace = "".join(traceback.format_exception(error))
    return failed(door, call, of_status(500))


def failed(door: Door, call: Call, fault: Fault) -> Reply:
    """What a client is told of a fault."""
    call.error = error_name(fault.kind, fault.status)
    return door.fault(fault)
