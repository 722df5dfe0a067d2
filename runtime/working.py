"""Rows answered: by the event loop at once, in a thread, or in a run that requests share."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from bundle.arrays import rows_of
from runtime.bounds import too_long
from runtime.door import Asked, Call, Reply, Route
from runtime.gathering import Runs


@dataclass(slots=True)
class Aside:
    """A request whose model is not run at once on the event loop."""

    made: Asked
    runs: Runs
    times: tuple[int, int, int]


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
    decoded = time.perf_counter_ns()
    engine = made.model.engine
    if engine.runs is not None and not here and not engine.runs.at_once(call.rows):
        return Aside(made, engine.runs, (asked, began, decoded))
    options = None if call.ending is None else call.ending.options
    answers = engine.run(made.rows, made.outputs, options)
    ran = time.perf_counter_ns()
    reply = made.reply(answers)
    call.times = (asked, began, decoded, ran, time.perf_counter_ns())
    return reply


async def awaited(aside: Aside, call: Call) -> Reply:
    """The answer of a model that runs in a thread, or for several requests at a time."""
    made = aside.made
    prepared = made.model.engine.prepared(made.rows, made.outputs)
    try:
        async with asyncio.timeout(call.bounds.deadline - time.perf_counter()):
            answers = await aside.runs.run(*prepared)
    except TimeoutError:  # the others of its run are answered all the same
        raise too_long() from None
    ran = time.perf_counter_ns()
    reply = made.reply(answers)
    call.times = (*aside.times, ran, time.perf_counter_ns())
    return reply
