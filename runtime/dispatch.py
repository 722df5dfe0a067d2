"""From a request to its answer, the same way behind every door: read, translate, run, say.

It stands before FastAPI's own routing, because that costs more than a small model does.
"""

from __future__ import annotations

import asyncio
import re
import time
import traceback
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import IO, Any

from starlette.concurrency import run_in_threadpool
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bundle.arrays import rows_of
from bundle.errors import IsomorphError
from runtime.access import Access, check_site
from runtime.bodies import INLINE_BYTES, read_body
from runtime.bulk_jobs import BulkJobs
from runtime.door import Call, Door, Reply, Route
from runtime.faults import fault_of, of_status
from runtime.logs import RequestLog
from runtime.repository import Repository
from runtime.settings import Settings

CHUNK = 2**18  # bytes of a file that are sent at a time
STALLED_SECONDS = 30.0  # in which a client must take one of them
KNOWN_PATHS = 4096
COMPRESSED_FROM = 512  # bytes; shorter answers gain nothing

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
        self._bulk = BulkJobs(settings)
        self._find = lru_cache(KNOWN_PATHS)(self._search)

    async def __call__(
        self, scope: Scope, receive: Receive, send: Send, repository: Repository
    ) -> None:
        """Answer a request, and log it when its answer has gone."""
        started = time.perf_counter()
        headers = dict(scope["headers"])
        identity = self.log.identity(headers.get(b"x-request-id"))
        found = self._find(scope["path"])
        params = {} if found is None else found[2]
        call = Call(scope, headers, params, b"", repository, self.settings)
        if found is None:
            status = await self._pass_on(call, receive, send, identity)
        else:
            try:
                reply = await self._reply(found[0], found[1], call, receive)
                status = reply.status
                await _send(reply, call, send, identity)
            finally:
                self._bulk.left(call)
        self.log.add(call, identity, status, time.perf_counter() - started)

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
            return door.fault(of_status(405, allow) if routes else of_status(404))
        try:
            if route.scope == "admin":
                check_site(call)
            if self._access is not None and route.scope != "open":
                self._access.check(call, route.scope)
            return await self._answer(route, call, receive)
        except IsomorphError as error:
            return door.fault(fault_of(error))
        except Exception as error:  # noqa: BLE001 - the client gets a 500, the log what happened
            call.trace = "".join(traceback.format_exception(error))
            return door.fault(of_status(500))

    async def _answer(self, route: Route, call: Call, receive: Receive) -> Reply:
        if route.bulk is not None and call.media_type in route.bulk_types:
            return await self._bulk.answer(route.bulk, call, receive)
        if call.scope["method"] not in ("GET", "HEAD"):
            call.body = await read_body(call.headers, receive, self.settings.max_body)
        asked = time.perf_counter_ns()
        if route.threaded or len(call.body) > INLINE_BYTES:
            return await run_in_threadpool(_complete, route, call, asked)
        return _complete(route, call, asked)


def _by_method(routes: Sequence[Route]) -> dict[str, Route]:
    found: dict[str, Route] = {}
    for route in routes:
        for method in route.methods:
            found.setdefault(method, route)
    if "GET" in found:
        found.setdefault("HEAD", found["GET"])
    return found


def _complete(route: Route, call: Call, asked: int) -> Reply:
    began = time.perf_counter_ns()
    try:
        made = route.handler(call)
        if isinstance(made, Reply):
            return made
        decoded = time.perf_counter_ns()
        answers = made.model.engine.run(made.rows, made.outputs)
        ran = time.perf_counter_ns()
        reply = made.reply(answers)
    except Exception:
        if call.model is not None:
            call.model.statistics.failed(asked)
        raise
    encoded = time.perf_counter_ns()
    times = (asked, began, decoded, ran, encoded)
    made.model.statistics.succeeded(rows_of(made.rows), times)
    return reply


async def _send(reply: Reply, call: Call, send: Send, identity: bytes) -> None:
    headers = [
        (b"content-type", reply.media_type.encode("latin-1")),
        (b"x-request-id", identity),
        *((name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers),
    ]
    if not isinstance(reply.body, bytes):
        await _send_file(reply.status, headers, reply.body, send)
        return
    body = reply.body
    encoding = call.headers.get(b"accept-encoding")
    if encoding in (b"gzip", b"deflate") and len(body) >= COMPRESSED_FROM and reply.status < 400:
        # Asked for alone, it is meant; clients name several out of habit, and it costs time.
        # An error stays plain: Triton's client reads it without looking at its encoding.
        body = await run_in_threadpool(_compressed, body, encoding)
        headers.append((b"content-encoding", encoding))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _compressed(body: bytes, encoding: bytes) -> bytes:
    writer = zlib.compressobj(6, wbits=31 if encoding == b"gzip" else 15)
    return writer.compress(body) + writer.flush()


async def _send_file(status: int, headers: list[Any], file: IO[bytes], send: Send) -> None:
    """Piece by piece: the file may be larger than what memory should hold."""
    with file:
        length = file.seek(0, 2)
        file.seek(0)
        headers.append((b"content-length", str(length).encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        more = True
        while more:
            piece = await run_in_threadpool(file.read, CHUNK)
            more = len(piece) == CHUNK
            message: Message = {"type": "http.response.body", "body": piece, "more_body": more}
            try:
                async with asyncio.timeout(STALLED_SECONDS):
                    await send(message)
            except TimeoutError:  # the server cuts off what is left half sent
                return
