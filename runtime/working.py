"""Rows answered: by the event loop at once, in a thread, or in a run that requests share."""

from __future__ import annotations

import asyncio
import math
import time
from functools import partial
from typing import Any

from bundle.arrays import Array, rows_of
from runtime.bounds import INLINE_ROWS, INLINE_TEXT, too_long
from runtime.door import Asked, Call, Reply, Route
from runtime.gathering import Runs
from runtime.large import Large

MAX_LONG = 4096  # addresses


class Work:
    """A request that is decoded: its model is to be run, and what that answers to be said.

    Times are nanoseconds; what passes between the steps counts as waiting.
    """

    __slots__ = ("_asked", "_decode", "_ran", "_run", "answers", "call", "long", "made", "runs")

    def __init__(self, made: Asked, call: Call, asked: int, decode: int) -> None:
        self.made, self.call = made, call
        self._asked, self._decode = asked, decode
        self.answers: dict[str, Array]
        engine = made.model.engine
        self.long = call.rows > INLINE_ROWS or (len(call.body) > INLINE_TEXT and engine.splits_text)
        """Whether a thread should do all that is left, which its deadline ends."""
        runs = None if self.long else engine.runs
        self.runs: Runs | None = None if runs is None or runs.at_once(call.rows) else runs
        """What should run its model; None: who answers the request."""

    @property
    def here(self) -> bool:
        """Whether the event loop should do all that is left."""
        return self.runs is None and not self.long

    def run(self) -> None:
        """Run the model, here and now."""
        began = time.perf_counter_ns()
        ending = self.call.ending
        options = None if ending is None else ending.options
        self.answers = self.made.model.engine.run(self.made.rows, self.made.outputs, options)
        self._run = time.perf_counter_ns() - began

    def prepared(self) -> tuple[Any, Any, int]:
        """What `runs` take. Raises InputError."""
        self._ran = time.perf_counter_ns()
        return self.made.model.engine.prepared(self.made.rows, self.made.outputs)

    def answered(self, answers: dict[str, Array]) -> None:
        """What `runs` gave."""
        self.answers, self._run = answers, time.perf_counter_ns() - self._ran

    def reply(self) -> Reply:
        """What the door says of the model's answers."""
        began = time.perf_counter_ns()
        reply = self.made.reply(self.answers)
        encoded = time.perf_counter_ns()
        decoded = began - self._run
        self.call.times = self._asked, decoded - self._decode, decoded, began, encoded
        return reply

    def finished(self) -> Reply:
        """All that is left, here and now."""
        self.run()
        return self.reply()


class Rest:
    """What the event loop should not do, or not finish, done elsewhere."""

    def __init__(self, large: Large) -> None:
        self._large = large
        self._long: dict[str, float] = {}
        """Bytes of as many rows as the event loop takes, by address, where more were seen."""

    def is_long(self, call: Call) -> bool:
        """Whether it has too many rows for the event loop, by what others at its address had.

        So it is not decoded to find out, which matters most where it is refused then.
        """
        return len(call.body) > self._long.get(call.scope["path"], math.inf)

    async def finished(self, route: Route, call: Call, work: Work | None) -> Reply:
        """The answer; without `work` from the beginning."""
        path = call.scope["path"]
        if work is None:
            whole = partial(complete, route, call, time.perf_counter_ns())
            reply = await self._large.run(whole, call)
            if call.rows <= INLINE_ROWS:
                self._long.pop(path, None)
            return reply
        if work.runs is not None:
            return await awaited(work, work.runs)
        if len(self._long) < MAX_LONG:
            self._long[path] = len(call.body) * INLINE_ROWS / call.rows
        return await self._large.run(work.finished, call)


def complete(route: Route, call: Call, asked: int) -> Reply:
    """The answer, all of it here and now, in a thread."""
    made = begun(route, call, asked, on_loop=False)
    return made if isinstance(made, Reply) else made.finished()


def begun(route: Route, call: Call, asked: int = 0, *, on_loop: bool = True) -> Reply | Work:
    """The answer, or what is left to do.

    `asked`: when it was (perf_counter_ns), if that was not now. Raises SlowError `on_loop`.
    """
    began = time.perf_counter_ns()
    asked = asked or began
    call.bounds.on_loop = on_loop
    made = route.handler(call)
    if isinstance(made, Reply):
        if call.rows:  # the handler ran them itself
            now = time.perf_counter_ns()
            call.times = (asked, began, began, now, now)
        return made
    call.rows = rows_of(made.rows)
    call.bounds.check_rows(call.rows)
    if call.rows > 1:
        call.bounds.check_numbers(call.rows * made.model.engine.numbers(made.outputs))
    call.bounds.check_time()
    return Work(made, call, asked, time.perf_counter_ns() - began)


async def awaited(work: Work, runs: Runs) -> Reply:
    """The answer of a model that runs in a thread, or for several requests at a time."""
    prepared = work.prepared()
    try:
        async with asyncio.timeout(work.call.bounds.deadline - time.perf_counter()):
            work.answered(await runs.run(*prepared))
    except TimeoutError:  # the others of its run are answered all the same
        raise too_long() from None
    return work.reply()
