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
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runtime.door import Call

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
LOG = logging.getLogger("uvicorn.isomorph")
"""What an operator should see beside the requests, in the same form."""


class RequestLog:
    """ASGI middleware: logs each request, with the trace of what nobody foresaw."""

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

        try:
            await self.app(scope, receive, send_with_id)
        except Exception as error:
            status = 500  # outside the doors; Starlette's outermost layer answers
            scope["isomorph.trace"] = "".join(traceback.format_exception(error))
            raise
        finally:
            members = _members(scope, status, time.perf_counter() - started, identity)
            self.write(json.dumps(members))  # ASCII only: no input makes a second line


def _members(scope: Scope, status: int, seconds: float, identity: str) -> dict[str, Any]:
    call: Call | None = scope.get("isomorph.call")
    model = None if call is None else call.model
    members = {
        "time": _now(),
        "method": scope["method"][:16],
        "path": scope["path"][:MAX_SHOWN],
        "status": status,
        "ms": round(seconds * 1000, 3),
        "request_id": identity,
        "model": model and model.name,
        "version": model and model.version,
        "error": scope.get("isomorph.trace"),
    }
    return {name: value for name, value in members.items() if value is not None}


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _identity(scope: Scope) -> str:
    given = Headers(scope=scope).get("x-request-id", "")
    return given if _ID.fullmatch(given) else uuid.uuid4().hex
