"""Rows answered: by the event loop at once, in a thread, or in a run that requests share."""

from __future__ import annotations

import asyncio
import math
import time
from dataclasses import dataclass
from functools import partial

from bundle.arrays import rows_of
from runtime.bounds import INLINE_ROWS, too_long
from runtime.door import Asked, Call, Reply, Route
from runtime.gathering import Runs
from runtime.large import Large

MAX_LONG = 4096  # addresses


@dataclass(slots=True)
class Aside:
    """A request that is decoded, and that the event loop should not finish."""

    made: Asked
    runs: Runs | None
    """What its model is run by; None: a thread does all that is left."""
    times: tuple[int, int, int]


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

    async def finished(self, route: Route, call: Call, aside: Aside | None) -> Reply:
        """The answer; without `aside` from the beginning."""
        path = call.scope["path"]
        if aside is None:
            work = partial(complete, route, call, time.perf_counter_ns())
            reply = await self._large.run(work, call)
            if call.rows <= INLINE_ROWS:
                self._long.pop(path, None)
            return reply
        if aside.runs is not None:
            return await awaited(aside, aside.runs, call)
        if len(self._long) < MAX_LONG:
            self._long[path] = len(call.body) * INLINE_ROWS / call.rows
        return await self._large.run(partial(finished, aside, call), call)


def complete(route: Route, call: Call, asked: int) -> Reply:
    """The answer, all of it here and now, in a thread."""
    made = begun(route, call, asked, here=True)
    if not isinstance(made, Reply):
        raise TypeError
    return made


def begun(route: Route, call: Call, asked: int = 0, *, here: bool = False) -> Reply | Aside:
    """The answer, or what is left to do where the event loop should not do it; unless `here`."""
    began = time.perf_counter_ns()
    asked = asked or began  # at once
    call.bounds.on_loop = not here
    made = route.handler(call)
    if isinstance(made, Reply):
        if call.rows:  # the handler ran them itself
            now = time.perf_counter_ns()
            call.times = (asked, began, began, now, now)
        return made
    call.rows = rows_of(made.rows)
    call.bounds.check_rows(call.rows)
    call.bounds.check_time()
    times = asked, began, time.perf_counter_ns()
    if not here:
        runs = made.model.engine.runs
        if call.rows > INLINE_ROWS:
            return Aside(made, None, times)
        if runs is not None and not runs.at_once(call.rows):
            return Aside(made, runs, times)
    return _finished(made, call, times)


def finished(aside: Aside, call: Call) -> Reply:
    """The answer, in a thread; what it waited for the thread counts as such."""
    asked, began, decoded = aside.times
    waited = time.perf_counter_ns() - decoded
    return _finished(aside.made, call, (asked, began + waited, decoded + waited))


def _finished(made: Asked, call: Call, times: tuple[int, int, int]) -> Reply:
    options = None if call.ending is None else call.ending.options
    answers = made.model.engine.run(made.rows, made.outputs, options)
    ran = time.perf_counter_ns()
    reply = made.reply(answers)
    call.times = (*times, ran, time.perf_counter_ns())
    return reply


async def awaited(aside: Aside, runs: Runs, call: Call) -> Reply:
    """The answer of a model that runs in a thread, or for several requests at a time."""
    made = aside.made
    prepared = made.model.engine.prepared(made.rows, made.outputs)
    try:
        async with asyncio.timeout(call.bounds.deadline - time.perf_counter()):
            answers = await runs.run(*prepared)
    except TimeoutError:  # the others of its run are answered all the same
        raise too_long() from None
    ran = time.perf_counter_ns()
    reply = made.reply(answers)
    call.times = (*aside.times, ran, time.perf_counter_ns())
    return reply
