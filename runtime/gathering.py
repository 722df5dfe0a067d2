"""Runs that are asked for from the event loop and must not keep it waiting, or may be shared.

Requests share a run when they come in one turn of the event loop, or while a run of their version
is under way: nobody waits for others to come. What was checked for each of them apart is joined
by rows; the answers are cut by rows, and each gets what it would have got alone.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

import numpy as np

from bundle.arrays import Array
from runtime.deciding import Decided
from runtime.processors import processors

Answers = dict[str, Array]
Feeds = dict[str, Array]
Answer = Callable[[list[str], Feeds, int], Answers]
Outcome = Answers | Exception

HALVED = 8
"""From so many requests on that find no run under way, half of them begins: while the others are
run, the event loop answers these, and decodes what comes next."""

# A processor is left for the event loop, which would wait for its turn otherwise. More runs at a
# time than processors would only take longer each.
_ASIDE = ThreadPoolExecutor(max(1, processors() - 1), "run")


@dataclass(slots=True, eq=False)
class Part:
    """One request's share of a run."""

    names: list[str]
    feeds: Feeds
    rows: int
    tell: Callable[[Outcome], None]
    """Called once, on `loop`, with what came of it."""
    loop: asyncio.AbstractEventLoop
    wanted: bool = True
    """Whether somebody still waits for it; else it need not be run, and nobody is told."""


class Runs:
    """The runs of one version: asked for and told on the event loop, done in a thread.

    The thread goes on by itself to those that wait, since the event loop may be busy with others.
    """

    def __init__(self, answer: Answer, decided: Decided) -> None:
        self._answer, self._decided = answer, decided
        self._waiting: deque[Part] = deque()
        self._lock = threading.Lock()
        self._busy = False
        """Whether somebody will look at who waits."""
        self._later = 0
        """How many of those that wait the next run leaves to the one after it."""

    async def run(self, names: list[str], feeds: Feeds, rows: int) -> Answers:
        """The answers to a request's rows. Raises what the run of these rows alone raises."""
        answers: asyncio.Future[Answers] = asyncio.get_running_loop().create_future()
        part = self.ask(names, feeds, rows, partial(_settle, answers))
        try:
            return await answers
        finally:
            part.wanted = False

    def ask(
        self, names: list[str], feeds: Feeds, rows: int, tell: Callable[[Outcome], None]
    ) -> Part:
        """Have a request's rows answered; an error told is that of the run of these rows alone.

        It is told later, never at once.
        """
        loop = asyncio.get_running_loop()
        part = Part(names, feeds, rows, tell, loop)
        if not 0 < rows <= self._decided.gather:
            _ASIDE.submit(self._run, [part])
            return part
        with self._lock:
            self._waiting.append(part)
            idle, self._busy = not self._busy, True
        if idle:
            loop.call_soon(self._begin, loop)
        return part

    def at_once(self, rows: int) -> bool:
        """Whether the event loop runs so many rows itself, for one request at a time."""
        return not self._decided.gather and self._short(rows)

    def _short(self, rows: int) -> bool:
        return self._decided.inline is None or rows <= self._decided.inline

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Run who waits, after the turn in which they came."""
        if not self._short(sum(part.rows for part in self._waiting)):
            waiting = len(self._waiting)
            self._later = waiting // 2 if waiting >= HALVED and processors() > 1 else 0
            _ASIDE.submit(self._go_on)
            return
        parts = self._taken()
        if parts:
            self._run(parts, here=loop)
            loop.call_soon(self._begin, loop)

    def _go_on(self) -> None:
        """In a thread: run who waits; then it is others' turn to be run."""
        parts = self._taken()
        if parts:
            self._run(parts)
            _ASIDE.submit(self._go_on)

    def _run(self, parts: list[Part], here: asyncio.AbstractEventLoop | None = None) -> None:
        """`here`: the event loop that does it; None in a thread."""
        found = outcomes(self._answer, parts)
        if (loop := parts[0].loop) is here:
            _tell(parts, found)
            return
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(_tell, parts, found)

    def _taken(self) -> list[Part]:
        """The longest waiting, and those of its event loop behind it that fit; not who has left."""
        parts: list[Part] = []
        rows = 0
        with self._lock:
            later, self._later = self._later, 0
            while self._waiting and (not parts or len(self._waiting) > later):
                part = self._waiting[0]
                if not part.wanted:
                    self._waiting.popleft()
                    continue
                rows += part.rows
                if parts and (rows > self._decided.gather or not _alike(part, parts[0])):
                    break
                parts.append(self._waiting.popleft())
            self._busy = bool(parts)
        return parts


def _alike(part: Part, other: Part) -> bool:
    return part.names == other.names and part.loop is other.loop


def outcomes(answer: Answer, parts: list[Part]) -> list[Outcome]:
    """What each part gets. Where the joined run fails, each is run alone: a fault has one owner."""
    if len(parts) > 1:
        try:
            return [*_cut(_joined(answer, parts), parts)]
        except Exception:  # noqa: BLE001 - whatever it is, it comes again where it belongs
            return [_alone(answer, part) for part in parts]
    return [_alone(answer, part) for part in parts]


def _alone(answer: Answer, part: Part) -> Outcome:
    try:
        return answer(part.names, part.feeds, part.rows)
    except Exception as error:  # noqa: BLE001 - raised where it is awaited
        return error


def _joined(answer: Answer, parts: list[Part]) -> Answers:
    rows = sum(part.rows for part in parts)
    feeds = {name: np.concatenate([part.feeds[name] for part in parts]) for name in parts[0].feeds}
    answers = answer(parts[0].names, feeds, rows)
    if any(len(each) != rows for each in answers.values()):
        raise ValueError("the graph does not answer row by row")
    return answers


def _cut(answers: Answers, parts: list[Part]) -> list[Answers]:
    found, start = [], 0
    for part in parts:
        stop = start + part.rows
        found.append({name: each[start:stop] for name, each in answers.items()})
        start = stop
    return found


def _tell(parts: list[Part], found: list[Outcome]) -> None:
    for part, outcome in zip(parts, found, strict=True):
        if part.wanted:
            part.tell(outcome)


def _settle(answers: asyncio.Future[Answers], outcome: Outcome) -> None:
    if answers.done():  # its client left meanwhile
        return
    if isinstance(outcome, Exception):
        answers.set_exception(outcome)
    else:
        answers.set_result(outcome)
