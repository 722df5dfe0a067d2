"""The application: FastAPI, and before it the doors."""

from __future__ import annotations

import asyncio
import gc
import os
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from runtime import access, traces
from runtime.access import Access
from runtime.book import DIRECTORY, Book
from runtime.dispatch import Dispatch
from runtime.door import Door
from runtime.doors import (
    admin,
    azure,
    invocations,
    metrics,
    multi_model,
    native,
    openscoring,
    page,
    v1,
    v2,
    vertex,
)
from runtime.faults import fault_of
from runtime.following import followed
from runtime.heads import Head
from runtime.logs import RequestLog
from runtime.protocol import deadlines
from runtime.repository import Repository
from runtime.settings import Settings
from runtime.traces import Traces
from runtime.trial import Trial
from runtime.underway import Underway
from runtime.watching import watched


def doors(environment: Mapping[str, str]) -> tuple[Door, ...]:
    """Every contract; the first whose address fits answers."""
    contracts = (
        *multi_model.doors(environment),  # first: it takes addresses of the native door
        page.DOOR,
        native.DOOR,
        admin.DOOR,
        v2.DOOR,
        invocations.DOOR,
        v1.DOOR,
        azure.DOOR,
        openscoring.DOOR,
        vertex.door(environment),  # last: its addresses are the operator's, and may be another's
    )
    return (*contracts, metrics.door(contracts))


class Service(FastAPI):
    """FastAPI, with the doors before its routing."""

    def __init__(
        self,
        settings: Settings,
        doors: Sequence[Door],
        forwarded: Callable[[Scope], Scope] | None,
        trial: Trial | None,
    ) -> None:
        super().__init__(
            lifespan=_lifespan,
            openapi_url=None,  # the native door answers it; so there are no pages over it either
            redirect_slashes=False,  # a redirect would ask the client to send the body twice
            telemetry={"tracing": False, "metrics": False, "logs": False},
        )
        self.settings, self.trial = settings, trial
        self.log = RequestLog(which=settings.log_requests)
        self.repository: Repository
        self._forwarded = forwarded
        self.access = Access(settings.keys) if settings.keys is not None else None
        self._dispatch = Dispatch(super().__call__, doors, settings, self.log, self.access)
        for kind in (HTTPException, Exception):
            self.add_exception_handler(kind, _explain)

    def traced(self) -> Traces | None:
        """Collect traces from now on, where the environment says so."""
        self._dispatch.traces = traces.from_environment()
        return self._dispatch.traces

    def refused(self, status: int) -> None:
        """Count what the server refused before it asked this application."""
        self._dispatch.refused(status, self.repository)

    def understood(self, scope: Scope) -> Head | None:
        """What the head of a POST says, if such a request may be answered at once."""
        return self._dispatch.understood(self._forwarded(scope) if self._forwarded else scope)

    def busy(self) -> bool:
        """Whether the sockets are due before another request is answered."""
        return self._dispatch.busy()

    def begin(self, head: Head, body: bytes, arrived: float) -> Underway | None:
        """Decode a request that is whole; None: ask by ASGI."""
        return self._dispatch.begin(head, body, self.repository, arrived)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if scope["type"] == "http":
            scope = self._forwarded(scope) if self._forwarded else scope
            await self._dispatch(scope, receive, send, self.repository)
        else:
            await super().__call__(scope, receive, send)


def create_app(artifacts: Path | str | Settings, trial: Trial | None = None) -> Service:
    """The service over the bundles in `artifacts`; they are opened when the worker starts.

    `trial` tries each in a process of its own before it is opened in this one.
    """
    settings = artifacts if isinstance(artifacts, Settings) else Settings(artifacts=Path(artifacts))
    forwarded = vertex.forwarded if "AIP_HTTP_PORT" in os.environ else None
    return Service(settings, doors(os.environ), forwarded, trial)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[dict[str, Settings]]:
    if not isinstance(app, Service):
        raise TypeError
    shared = os.environ.get(DIRECTORY)
    book = Book(None if shared is None else Path(shared))
    settings = app.settings
    app.repository = Repository(
        settings.artifacts,
        settings.model,
        book,
        gather=settings.gather == "auto",
        trial=app.trial,
    )
    if app.trial is not None:
        app.trial.end()
    tracing = app.traced()
    gc.freeze()  # what is there now stays: no collection need look at it while requests wait
    following = followed(app.repository, settings.look_seconds, app.trial)
    try:
        async with following, access.watched(app.access), deadlines(), watched(book.general):
            yield {"settings": settings}  # uvicorn hands it to the protocol
    finally:
        app.log.flush()
        if tracing is not None:
            await asyncio.to_thread(tracing.shutdown)


async def _explain(_: Request, error: Exception) -> Response:
    """What no door knows, in the native shape."""
    reply = native.problem(fault_of(error))
    headers = dict(reply.headers)
    return Response(reply.body, reply.status, headers, reply.media_type)
