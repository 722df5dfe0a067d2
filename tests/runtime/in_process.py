"""The application without a socket, for what a test must damage or patch first."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Any, Self

import httpx
from fastapi import FastAPI


class InProcess:
    """Opens the bundles on entry, as a worker does when it starts."""

    def __init__(self, app: FastAPI) -> None:
        self._runner = asyncio.Runner()
        self._lifespan = app.router.lifespan_context(app)
        transport = httpx.ASGITransport(app)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://test")

    def __enter__(self) -> Self:
        self._runner.run(self._lifespan.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._runner.run(self._client.aclose())
        self._runner.run(self._lifespan.__aexit__(kind, error, trace))
        self._runner.close()

    def get(self, path: str, **content: Any) -> httpx.Response:
        """GET."""
        return self._runner.run(self._client.get(path, **content))

    def post(self, path: str, **content: Any) -> httpx.Response:
        """POST."""
        return self._runner.run(self._client.post(path, **content))
