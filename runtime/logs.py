"""One JSON line a request, which no input can forge, and the id that ties it to its answer."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.problems import to_response

_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
MAX_SHOWN = 256


def to_stderr(line: str) -> None:
    """One line, in one write, so that workers do not cut each other's."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


class JsonLines(logging.Formatter):
    """What uvicorn has to say, in the same form as the requests."""

    def format(self, record: logging.LogRecord) -> str:
        """One JSON object on one line."""
        members = {"time": _now(), "level": record.levelname, "message": record.getMessage()}
        if record.exc_info:
            members["error"] = self.formatException(record.exc_info)
        return json.dumps(members)


UVICORN = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonLines}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {"uvicorn": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}
"""uvicorn's `log_config`."""


class RequestLog:
    """ASGI middleware: logs each request, and answers 500 to what nobody foresaw."""

    def __init__(self, app: ASGIApp, write: Callable[[str], None] = to_stderr) -> None:
        self.app = app
        self.write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; log it when its answer has gone."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        started, identity, status = time.perf_counter(), _identity(scope), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = identity
            await send(message)

        trace: dict[str, str] = {}
        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:  # noqa: BLE001 - the client gets a 500, the log what happened
            trace = {"error": "".join(traceback.format_exception(error))}
            if not status:
                await to_response(Request(scope), error)(scope, receive, send_with_id)
        members = _members(scope, status, time.perf_counter() - started, identity)
        self.write(json.dumps({**members, **trace}))  # ASCII only: no input makes a second line


def _members(scope: Scope, status: int, seconds: float, identity: str) -> dict[str, Any]:
    named = scope.get("path_params", {})
    members = {
        "time": _now(),
        "method": scope["method"][:16],
        "path": scope["path"][:MAX_SHOWN],
        "status": status,
        "ms": round(seconds * 1000, 3),
        "request_id": identity,
        "model": named.get("name", "")[:MAX_SHOWN] or None,
        "version": scope.get("isomorph.version"),
    }
    return {name: value for name, value in members.items() if value is not None}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _identity(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _ID.fullmatch(given) else uuid.uuid4().hex
