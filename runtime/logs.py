"""One JSON line a request, which no input can forge, and the id that ties it to its answer."""

from __future__ import annotations

import asyncio
import itertools
import json
import logging
import os
import re
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Literal

import msgspec

from runtime.door import Call

_ID = re.compile(rb"[A-Za-z0-9-]{1,64}")
MAX_SHOWN = 256
SECONDS = 0.1
"""How long a line may wait for others: one write for many costs less."""
ATOMIC = 4096
"""Bytes that a pipe takes whole (POSIX, PIPE_BUF), so that workers do not cut each other's."""

_STDERR = 2


def to_stderr(lines: bytes) -> None:
    """Whole lines, in one write. Those that nobody can read any more are lost, and no request."""
    try:
        os.write(_STDERR, lines)  # not through a buffer, which would keep them and fail again
    except OSError:
        return


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


class _Stages(msgspec.Struct):
    """Microseconds."""

    queue: int
    decode: int
    run: int
    encode: int


class _Line(msgspec.Struct, omit_defaults=True):
    time: str
    method: str
    path: str
    status: int
    ms: float
    request_id: str
    model: str = ""
    version: int = 0
    key: str = ""
    rows: int = 0
    us: _Stages | None = None
    trace_id: str = ""
    fault: str = ""
    error: str = ""


class RequestLog:
    """Lines about requests, written together, those of errors at once."""

    def __init__(
        self,
        write: Callable[[bytes], None] = to_stderr,
        which: Literal["none", "errors", "all"] = "all",
    ) -> None:
        self._write = write
        self._least = {"all": 0, "errors": 400, "none": 1000}[which]
        self._lines: list[bytes] = []
        self._boot, self._count = os.urandom(8).hex(), itertools.count()

    def identity(self, given: bytes | None) -> bytes:
        """The client's own id of its request where it is one, else a new one."""
        if given is not None and _ID.fullmatch(given):
            return given
        return f"{self._boot}{next(self._count):016x}".encode()

    def add(self, call: Call, identity: bytes, status: int, seconds: float) -> None:
        """A line about a request that was answered; one that nobody foresaw is always told."""
        if status < self._least and not call.trace:
            return
        found, scope, times = call.model, call.scope, call.times
        line = _Line(
            _now(),
            scope["method"][:16],
            scope["path"][:MAX_SHOWN],
            status,
            round(seconds * 1000, 3),
            identity.decode(),
            "" if found is None else found.name,
            0 if found is None else found.version,
            call.key,
            call.rows,
            None if times is None else _stages(*times),
            call.trace_id,
            call.error,
            call.trace,
        )
        encoded = msgspec.json.encode(line)
        if not encoded.isascii():  # such as U+2028, which some readers take for a line's end
            encoded = json.dumps(msgspec.to_builtins(line)).encode()
        self._lines.append(encoded)
        if call.trace:
            self.flush()
        elif len(self._lines) == 1:
            asyncio.get_running_loop().call_later(SECONDS, self.flush)

    def flush(self) -> None:
        """Write what waits."""
        lines, self._lines = self._lines, []
        together: list[bytes] = []
        size = 0
        for line in lines:
            if size + len(line) >= ATOMIC and together:
                self._write(b"\n".join([*together, b""]))
                together, size = [], 0
            together.append(line)
            size += len(line) + 1
        if together:
            self._write(b"\n".join([*together, b""]))


def _stages(asked: int, began: int, decoded: int, ran: int, encoded: int) -> _Stages:
    return _Stages(
        (began - asked) // 1000,
        (decoded - began) // 1000,
        (ran - decoded) // 1000,
        (encoded - ran) // 1000,
    )


def _now() -> str:
    seconds, fraction = divmod(time.time(), 1)
    return f"{_second(int(seconds))}.{int(fraction * 1000):03d}+00:00"


@lru_cache(2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
