"""The application: FastAPI, and before it the doors."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from runtime.dispatch import Dispatch
from runtime.doors import native, page, v2
from runtime.faults import fault_of
from runtime.logs import RequestLog
from runtime.openapi import describe
from runtime.repository import Repository
from runtime.settings import Settings

DOORS = (page.DOOR, native.DOOR, v2.DOOR)
"""Every contract; the first whose address fits answers."""


def create_app(artifacts: Path | str | Settings) -> FastAPI:
    """The service over the bundles in `artifacts`; they are opened when the worker starts."""
    settings = artifacts if isinstance(artifacts, Settings) else Settings(artifacts=Path(artifacts))

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.repository = Repository(settings.artifacts, settings.model)
        yield

    app = FastAPI(
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # a redirect would ask the client to send the body twice
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.settings = settings
    # FastAPI asks this attribute for the document behind /openapi.json.
    app.openapi = lambda: describe(app.state.repository)  # type: ignore[method-assign]
    for kind in (HTTPException, Exception):
        app.add_exception_handler(kind, _explain)
    app.add_middleware(Dispatch, doors=DOORS, settings=settings)
    app.add_middleware(RequestLog)
    return app


async def _explain(_: Request, error: Exception) -> Response:
    """What no door knows, in the native shape."""
    reply = native.problem(fault_of(error))
    headers = dict(reply.headers)
    return Response(reply.body, reply.status, headers, reply.media_type)
