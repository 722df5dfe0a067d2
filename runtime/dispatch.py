"""From a request to its answer, the same way behind every door: read, translate, run, say.

It stands before FastAPI's own routing, because that costs more than a small model does.
"""

from __future__ import annotations

import asyncio
import re
import traceback
import zlib
from collections.abc import Sequence
from functools import lru_cache
from typing import IO, Any

from starlette.concurrency import run_in_threadpool
from starlette.routing import compile_path
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bundle.errors import IsomorphError
from runtime.bodies import INLINE_BYTES, read_body
from runtime.bulk_jobs import BulkJobs
from runtime.door import Call, Door, Reply, Route
from runtime.faults import fault_of, of_status
from runtime.settings import Settings

CHUNK = 2**18  # bytes of a file that are sent at a time
STALLED_SECONDS = 30.0  # in which a client must take one of them
KNOWN_PATHS = 4096
COMPRESSED_FROM = 512  # bytes; shorter answers gain nothing

Found = tuple[Door, tuple[Route, ...], dict[str, str]]


class Dispatch:
    """ASGI middleware: what an address of a door asks for is answered here, the rest passed on."""

    def __init__(self, app: ASGIApp, doors: Sequence[Door], settings: Settings) -> None:
        self.app, self.settings = app, settings
        self._doors = doors
        self._patterns: list[tuple[re.Pattern[str], Door, Route]] = [
            (compile_path(route.path)[0], door, route) for door in doors for route in door.routes
        ]
        self._bulk = BulkJobs(settings)
        self._find = lru_cache(KNOWN_PATHS)(self._search)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        found = self._find(scope["path"]) if scope["type"] == "http" else None
        if found is None:
            await self.app(scope, receive, send)
            return
        door, routes, params = found
        call = Call(scope, params, b"", scope["app"].state.repository)
        try:
            await self._respond(door, routes, call, receive, send)
        finally:
            self._bulk.left(call)

    async def _respond(
        self, door: Door, routes: tuple[Route, ...], call: Call, receive: Receive, send: Send
    ) -> None:
        scope = call.scope
        try:
            reply = await self._answer(routes, call, receive)
        except IsomorphError as error:
            reply = door.fault(fault_of(error))
        except Exception as error:  # noqa: BLE001 - the client gets a 500, the log what happened
            scope["isomorph.trace"] = "".join(traceback.format_exception(error))
            reply = door.fault(of_status(500))
        scope["isomorph.call"] = call
        await _send(reply, call, send)

    def _search(self, path: str) -> Found | None:
        """The door at an address, with its routes there; None where no door knows it."""
        for pattern, door, route in self._patterns:
            matched = pattern.match(path)
            if matched:
                # Routes of one door may share an address, each with methods of its own.
                shared = [each for each in door.routes if each.path == route.path]
                return door, tuple(shared), matched.groupdict()
        for door in self._doors:
            if door.prefix is not None and f"{path}/".startswith(f"{door.prefix}/"):
                return door, (), {}
        return None

    async def _answer(self, routes: tuple[Route, ...], call: Call, receive: Receive) -> Reply:
        method = call.scope["method"]
        for route in routes:
            if method in route.methods or (method == "HEAD" and "GET" in route.methods):
                break
        else:
            return self._no_such(routes, call)
        if route.bulk is not None and call.media_type in route.bulk_types:
            return await self._bulk.answer(route.bulk, call, receive)
        if method not in ("GET", "HEAD"):
            call.body = await read_body(call.scope, receive, self.settings.max_body)
        if route.threaded or len(call.body) > INLINE_BYTES:
            return await run_in_threadpool(_complete, route, call)
        return _complete(route, call)

    def _no_such(self, routes: tuple[Route, ...], call: Call) -> Reply:
        door, _, _ = self._find(call.scope["path"]) or (self._doors[0], (), {})
        if not routes:
            return door.fault(of_status(404))
        allowed = {method for route in routes for method in route.methods}
        allowed |= {"HEAD"} if "GET" in allowed else set()
        return door.fault(of_status(405, (("Allow", ", ".join(sorted(allowed))),)))


def _complete(route: Route, call: Call) -> Reply:
    made = route.handler(call)
    if isinstance(made, Reply):
        return made
    return made.reply(made.model.engine.run(made.rows, made.outputs))


async def _send(reply: Reply, call: Call, send: Send) -> None:
    headers = [
        (b"content-type", reply.media_type.encode("latin-1")),
        *((name.lower().encode(), value.encode("latin-1")) for name, value in reply.headers),
    ]
    if not isinstance(reply.body, bytes):
        await _send_file(reply.status, headers, reply.body, send)
        return
    body = reply.body
    encoding = call.header(b"accept-encoding")
    if encoding in ("gzip", "deflate") and len(body) >= COMPRESSED_FROM:
        # Asked for alone, it is meant; clients name several out of habit, and it costs time.
        body = await run_in_threadpool(_compressed, body, encoding)
        headers.append((b"content-encoding", encoding.encode()))
    headers.append((b"content-length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


def _compressed(body: bytes, encoding: str) -> bytes:
    writer = zlib.compressobj(6, wbits=31 if encoding == "gzip" else 15)
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
