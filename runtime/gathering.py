"""Runs that are asked for from the event loop and must not keep it waiting, or may be shared.

Requests share a run when they come in one turn of the event loop, or while a run of their version
is under way: nobody waits for others to come. What was checked for each of them apart is joined
by rows; the answers are cut by rows, and each gets what it would have got alone.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from bundle.arrays import Array
from runtime.deciding import Decided
from runtime.processors import processors

Answers = dict[str, Array]
Feeds = dict[str, Array]
Answer = Callable[[list[str], Feeds, int], Answers]

# A processor is left for the event loop, which would wait for its turn otherwise. More runs at a
# time than processors would only take longer each.
_ASIDE = ThreadPoolExecutor(max(1, processors() - 1), "run")


@dataclass(slots=True, eq=False)
class _Part:
    """One request's share of a run."""

    names: list[str]
    feeds: Feeds
    rows: int
    answers: asyncio.Future[Answers]


class Runs:
    """The runs of one version; everything but the run itself happens on the event loop."""

    def __init__(self, answer: Answer, decided: Decided) -> None:
        self._answer, self._decided = answer, decided
        self._waiting: deque[_Part] = deque()
        self._busy = False

    async def run(self, names: list[str], feeds: Feeds, rows: int) -> Answers:
        """The answers to a request's rows. Raises what the run of these rows alone raises."""
        if 0 < rows <= self._decided.gather:
            return await self._together(names, feeds, rows)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(_ASIDE, self._answer, names, feeds, rows)

    def at_once(self, rows: int) -> bool:
        """Whether the event loop runs so many rows itself, for one request at a time."""
        return not self._decided.gather and self._short(rows)

    def _short(self, rows: int) -> bool:
        return self._decided.inline is None or rows <= self._decided.inline

    async def _together(self, names: list[str], feeds: Feeds, rows: int) -> Answers:
        loop = asyncio.get_running_loop()
        part = _Part(names, feeds, rows, loop.create_future())
        self._waiting.append(part)
        if not self._busy:
            self._busy = True
            loop.call_soon(self._next, loop)
        return await part.answers

    def _next(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run what waits, or rest."""
        parts = self._taken()
        if not parts:
            self._busy = False
        elif self._short(sum(part.rows for part in parts)):
            _deliver(parts, outcomes(self._answer, parts))
            loop.call_soon(self._next, loop)
        else:
            ran = loop.run_in_executor(_ASIDE, outcomes, self._answer, parts)
            ran.add_done_callback(lambda done: self._done(parts, done, loop))

    def _done(
        self,
        parts: list[_Part],
        ran: asyncio.Future[list[Answers | Exception]],
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        error = None if ran.cancelled() else ran.exception()
        if ran.cancelled() or error is not None:  # the process is about to end
            for part in parts:
                part.answers.cancel()
        else:
            _deliver(parts, ran.result())
        self._next(loop)

    def _taken(self) -> list[_Part]:
        """The longest waiting, and those behind it that fit; who has left is not run."""
        parts: list[_Part] = []
        rows = 0
        while self._waiting:
            part = self._waiting[0]
            if part.answers.done():  # its client left
                self._waiting.popleft()
                continue
            rows += part.rows
            if parts and (rows > self._decided.gather or part.names != parts[0].names):
                break
            parts.append(self._waiting.popleft())
        return parts


def outcomes(answer: Answer, parts: list[_Part]) -> list[Answers | Exception]:
    """What each part gets. Where the joined run fails, each is run alone: a fault has one owner."""
    if len(parts) > 1:
        try:
            return [*_cut(_joined(answer, parts), parts)]
        except Exception:  # noqa: BLE001 - whatever it is, it comes again where it belongs
            return [_alone(answer, part) for part in parts]
    return [_alone(answer, part) for part in parts]


def _alone(answer: Answer, part: _Part) -> Answers | Exception:
    try:
        return answer(part.names, part.feeds, part.rows)
    except Exception as error:  # noqa: BLE001 - raised where it is awaited
        return error


def _joined(answer: Answer, parts: list[_Part]) -> Answers:
    rows = sum(part.rows for part in parts)
    feeds = {name: np.concatenate([part.feeds[name] for part in parts]) for name in parts[0].feeds}
    answers = answer(parts[0].names, feeds, rows)
    if any(len(each) != rows for each in answers.values()):
        raise ValueError("the graph does not answer row by row")
    return answers


def _cut(answers: Answers, parts: list[_Part]) -> list[Answers]:
    found, start = [], 0
    for part in parts:
        stop = start + part.rows
        found.append({name: each[start:stop] for name, each in answers.items()})
        start = stop
    return found


def _deliver(parts: list[_Part], found: list[Answers | Exception]) -> None:
    for part, outcome in zip(parts, found, strict=True):
        if part.answers.done():  # its client left meanwhile
            continue
        if isinstance(outcome, Exception):
            part.answers.set_exception(outcome)
        else:
            part.answers.set_result(outcome)
