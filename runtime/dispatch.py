"""From a request to its answer, the same way behind every door: read, translate, run, say.

It stands before FastAPI's own routing, because that costs more than a small model does.
"""

from __future__ import annotations

import math
import re
import time
import traceback
from collections.abc import Sequence
from functools import lru_cache
from typing import IO

from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.access import Access, check_site
from runtime.at_once import Answer
from runtime.bodies import declared, inline, read_body
from runtime.bounds import (
    ARRIVED,
    BOUNDS,
    SHED,
    Bounds,
    SlowError,
    seconds_of,
)
from runtime.bulk_jobs import BulkJobs
from runtime.door import Call, Door, Reply, Route, media_type_of
from runtime.errors import OverloadedError
from runtime.faults import of_status
from runtime.heads import Head
from runtime.large import Large
from runtime.logs import RequestLog
from runtime.repository import Repository
from runtime.saying import ENCODINGS, send_reply
from runtime.settings import Settings
from runtime.statistics import BEGAN, error_name
from runtime.traces import Traces, trace_id
from runtime.turns import Turns
from runtime.underway import Underway, failed, faulty
from runtime.working import Rest, Work, begun

KNOWN_PATHS = 4096
_SPECIAL = (
    b"content-encoding",
    b"transfer-encoding",
    b"upgrade",
    b"x-request-timeout",
)  # requests that are no plain POST

Found = tuple[Door, dict[str, Route], dict[str, str]]
"""At an address: its door, its routes by method, the variables in it."""


class Dispatch:
    """ASGI: what an address of a door asks for is answered here, the rest passed on to `app`."""

    def __init__(
        self,
        app: ASGIApp,
        doors: Sequence[Door],
        settings: Settings,
        log: RequestLog,
        access: Access | None = None,
    ) -> None:
        self.app, self.settings, self.log = app, settings, log
        self._doors, self._access = doors, access
        self._patterns: list[tuple[re.Pattern[str], Door, Route]] = [
            (compile_path(route.path)[0], door, route) for door in doors for route in door.routes
        ]
        self._bulk, self._large, self._turns = BulkJobs(settings), Large(settings), Turns()
        self._rest = Rest(self._large)
        self._numbers = {door.name: number for number, door in enumerate(doors)}
        self._outside = len(doors)
        self.traces: Traces | None = None
        self._find = lru_cache(KNOWN_PATHS)(self._search)

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send, repository: Repository
    ) -> None:
        """Answer a request, and log it when its answer has gone."""
        started = time.perf_counter()
        repository.book.general.slots[BEGAN] += 1
        headers = dict(scope["headers"])
        bounds = Bounds(self.settings, scope.get(ARRIVED, started))
        BOUNDS.set(bounds)
        identity = self.log.identity(headers.get(b"x-request-id"))
        found = self._find(scope["path"])
        params = {} if found is None else found[2]
        call = Call(scope, headers, params, b"", repository, self.settings, bounds)
        if found is None:
            status = await self._pass_on(call, receive, send, identity)
            self._count(call, None, status, b"")
        else:
            reply: Reply | None = None
            try:
                reply = await self._reply(found[0], found[1], call, receive)
                status = reply.status
                # Before it is sent: who has an answer finds it counted, whatever happens then.
                self._count(call, found[0], status, reply.body)
                await send_reply(reply, call, send, identity)
            finally:
                if reply is None:  # the task was ended
                    self._count(call, found[0], 0, b"")
                self._bulk.left(call)
                if call.held:
                    self._large.left(call)
        self._tell(call, identity, status, started)

    def _count(self, call: Call, door: Door | None, status: int, body: bytes | IO[bytes]) -> None:
        number = self._outside if door is None else self._numbers[door.name]
        model = call.model
        found = call.repository.book.general if model is None else model.statistics
        length = len(body) if isinstance(body, bytes) else body.seek(0, 2)
        found.answered(number, status, call.received or len(call.body), length)
        if call.error:
            found.failed(call.error, time.perf_counter_ns() - int(call.bounds.arrived * 1e9))
        elif call.times is not None:
            whole = call.times[4] - int(call.bounds.arrived * 1e9)
            found.succeeded(call.rows, call.times, whole)
        if call.bulk:
            found.bulk(answered=200 <= status < 400)

    def _tell(self, call: Call, identity: bytes, status: int, started: float) -> None:
        """Tell the traces, and the log, of a request that was answered."""
        if self.traces is not None:
            call.trace_id = self.traces.add(call, status, int(started * 1e9))
        elif (given := call.headers.get(b"traceparent")) is not None:
            call.trace_id = trace_id(given)
        self.log.add(call, identity, status, time.perf_counter() - started)

    def refused(self, status: int, repository: Repository) -> None:
        """Count what was refused before any door knew it."""
        general = repository.book.general
        general.slots[BEGAN] += 1
        general.answered(self._outside, status, 0, 0)
        general.failed(error_name("", status), 0)

    def understood(self, scope: Scope) -> Head | None:
        """What the head of a POST says, if such a request may be answered at once."""
        headers = dict(scope["headers"])
        found = self._find(scope["path"])
        route = None if found is None else found[1].get("POST")
        length = declared(headers)
        if (
            found is None
            or route is None
            or route.threaded
            or not inline(length, headers)
            or not headers.keys().isdisjoint(_SPECIAL)
            or headers.get(b"accept-encoding") in ENCODINGS
            or media_type_of(headers) in route.bulk_types
        ):
            return None
        return Head(scope, headers, found[0], route, found[2], length)

    def busy(self) -> bool:
        """Whether the sockets are due before another request is answered."""
        return self._turns.over(time.perf_counter_ns())

    def begin(
        self, head: Head, body: bytes, repository: Repository, arrived: float
    ) -> Underway | None:
        """Decode a request that is whole; None where it needs what only ASGI has.

        `arrived`: when it was whole (perf_counter).
        """
        started = time.perf_counter()
        route = head.route
        bounds = Bounds(self.settings, arrived)
        BOUNDS.set(bounds)
        call = Call(head.scope, head.headers, head.params, body, repository, self.settings, bounds)
        call.route = route.path
        made: Reply | Work | None
        try:
            if self._access is not None or route.scope == "admin":
                self._admit(route, call)
            self._check_wait(started - arrived)
            made = None if self._rest.is_long(call) else begun(route, call)
        except SlowError:
            made = None
        except Exception as error:  # noqa: BLE001 - said as the door says it
            made = faulty(head.door, call, error)
        if isinstance(made, Reply) and not isinstance(made.body, bytes):
            return None
        return Underway(head, call, made, started, self._rest, self._said)

    def _said(self, head: Head, call: Call, reply: Reply | None, started: float) -> Answer | None:
        """The answer, counted and logged; None: the process ended it."""
        if reply is None:
            self._count(call, head.door, 0, b"")
            return None
        body = reply.body if isinstance(reply.body, bytes) else reply.body.read()
        identity = self.log.identity(head.headers.get(b"x-request-id"))
        self._count(call, head.door, reply.status, body)
        self._tell(call, identity, reply.status, started)
        headers = (("content-type", reply.media_type), *reply.headers)
        return reply.status, headers, identity, body, call.shed

    def _search(self, path: str) -> Found | None:
        """What is at an address; None where no door knows it."""
        for pattern, door, route in self._patterns:
            matched = pattern.match(path)
            if matched:
                # Routes of one door may share an address, each with methods of its own.
                shared = [each for each in door.routes if each.path == route.path]
                return door, _by_method(shared), matched.groupdict()
        for door in self._doors:
            if door.prefix is not None and f"{path}/".startswith(f"{door.prefix}/"):
                return door, {}, {}
        return None

    async def _pass_on(self, call: Call, receive: Receive, send: Send, identity: bytes) -> int:
        """Let the application answer; its status."""
        status = 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"] = [*message.get("headers", ()), (b"x-request-id", identity)]
            await send(message)

        try:
            await self.app(call.scope, receive, send_with_id)
        except Exception as error:  # noqa: BLE001 - it has answered 500, and raised it again
            call.trace = "".join(traceback.format_exception(error))
        return status

    async def _reply(
        self, door: Door, routes: dict[str, Route], call: Call, receive: Receive
    ) -> Reply:
        """A door's answer, whatever goes wrong."""
        route = routes.get(call.scope["method"])
        if route is None:
            allow = (("Allow", ", ".join(sorted(routes))),)
            return failed(door, call, of_status(405, allow) if routes else of_status(404))
        call.route = route.path
        try:
            self._admit(route, call)
            return await self._answer(route, call, receive)
        except Exception as error:  # noqa: BLE001 - said as the door says it
            reply = faulty(door, call, error)
            if call.shed:
                call.scope[SHED] = True
            return reply

    def _admit(self, route: Route, call: Call) -> None:
        """Raise UnauthorizedError, ForbiddenError where the request may not come in here."""
        if route.scope == "admin":
            check_site(call)
        if self._access is not None and route.scope != "open":
            self._access.check(call, route.scope)

    async def _answer(self, route: Route, call: Call, receive: Receive) -> Reply:
        given = call.headers.get(b"x-request-timeout")
        if given is not None:
            call.bounds.shorten(seconds_of(given))
        if route.bulk is not None and call.media_type in route.bulk_types:
            if given is None:
                call.bounds.deadline = math.inf  # bounded by rows and bytes, and by the client
            call.bulk = True
            call.repository.book.general.bulk_began()
            return await self._bulk.answer(route.bulk, call, receive)
        if call.scope["method"] not in ("GET", "HEAD"):
            call.body = await read_body(call, receive, self._large)
        if route.threaded or not inline(len(call.body), call.headers) or self._rest.is_long(call):
            return await self._rest.finished(route, call, None)
        while self.busy():
            await self._turns.wait()
        if call.scope["method"] == "POST":
            # Questions about the service's health wait too, but are answered: an overloaded server
            # that is killed helps nobody.
            self._check_wait(time.perf_counter() - call.bounds.arrived)
        try:
            made = begun(route, call)
        except SlowError:
            made = None
        if isinstance(made, Work) and made.here:
            return made.finished()
        return made if isinstance(made, Reply) else await self._rest.finished(route, call, made)

    def _check_wait(self, waited: float) -> None:
        """Raise OverloadedError for a request that waited too long, in sockets or on the loop."""
        if waited > self.settings.queue_seconds:
            raise OverloadedError(
                "more requests are here than can be answered in time", mend="Send it again later"
            )


def _by_method(routes: Sequence[Route]) -> dict[str, Route]:
    found: dict[str, Route] = {}
    for route in routes:
        for method in route.methods:
            found.setdefault(method, route)
    if "GET" in found:
        found.setdefault("HEAD", found["GET"])
    return found
