"""The application: which address leads where."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bundle.errors import IsomorphError
from runtime import native, page, v2
from runtime.logs import RequestLog
from runtime.openapi import describe
from runtime.problems import to_response
from runtime.repository import Repository


def create_app(artifacts: Path | str) -> FastAPI:
    """The service over the bundles in `artifacts`; they are opened when the worker starts."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.repository = Repository(artifacts)
        yield

    app = FastAPI(
        lifespan=lifespan,
        docs_url=None,  # its page loads scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,  # a redirect would ask the client to send the body twice
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.router.routes.extend([*page.ROUTES, *native.ROUTES, *v2.ROUTES])
    # FastAPI asks this attribute for the document behind /openapi.json.
    app.openapi = lambda: describe(app.state.repository)  # type: ignore[method-assign]
    for kind in (IsomorphError, HTTPException):
        app.add_exception_handler(kind, _explain)
    app.add_middleware(RequestLog)
    return app


async def _explain(request: Request, error: Exception) -> Response:
    return to_response(request, error)
