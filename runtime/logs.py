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
from typing import TYPE_CHECKING, Literal

import msgspec
from starlette.types import Scope

from runtime.door import Call
from runtime.statistics import Times

if TYPE_CHECKING:
    from runtime.models import Ready

_ID = re.compile(rb"[A-Za-z0-9-]{1,64}")
MAX_SHOWN = 256
SECONDS = 0.1
"""How long a line may wait for others: one write for many costs less."""
MANY = 1024
"""Lines that wait at most."""
ATOMIC = 4096
"""Bytes that a pipe takes whole (POSIX, PIPE_BUF), so that workers do not cut each other's."""

_STDERR = 2
_ENCODER = msgspec.json.Encoder()


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
        members = {
            "time": _shown(time.time()),
            "level": record.levelname,
            "message": record.getMessage(),
        }
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


_Told = tuple[
    float, Scope, int, float, bytes, "Ready | None", str, int, Times | None, str, str, str
]
"""What a line is made of."""


class RequestLog:
    """Lines about requests, written together, those of errors at once."""

    def __init__(
        self,
        write: Callable[[bytes], None] = to_stderr,
        which: Literal["none", "errors", "all"] = "all",
    ) -> None:
        self._write = write
        self._least = {"all": 0, "errors": 400, "none": 1000}[which]
        self._told: list[_Told] = []
        self._boot, self._count = os.urandom(8).hex().encode(), itertools.count()

    def identity(self, given: bytes | None) -> bytes:
        """The client's own id of its request where it is one, else a new one."""
        if given is not None and _ID.fullmatch(given):
            return given
        return b"%b%016x" % (self._boot, next(self._count))

    def add(self, call: Call, identity: bytes, status: int, seconds: float) -> None:
        """A line about a request that was answered; one that nobody foresaw is always told."""
        if status < self._least and not call.trace:
            return
        # Made into a line later, with others: that costs a third of making each at its time.
        self._told.append(
            (
                time.time(),
                call.scope,
                status,
                seconds,
                identity,
                call.model,
                call.key,
                call.rows,
                call.times,
                call.trace_id,
                call.error,
                call.trace,
            )
        )
        if call.trace or len(self._told) >= MANY:
            self.flush()
        elif len(self._told) == 1:
            asyncio.get_running_loop().call_later(SECONDS, self.flush)

    def flush(self) -> None:
        """Write what waits."""
        told, self._told = self._told, []
        lines = [_line(each) for each in told]
        encoded = _ENCODER.encode_lines(lines)
        if not encoded.isascii():  # such as U+2028, which some readers take for a line's end
            plain = map(msgspec.to_builtins, lines)
            encoded = b"".join(json.dumps(each).encode() + b"\n" for each in plain)
        start = 0
        while start < len(encoded):
            end = encoded.rfind(b"\n", start, start + ATOMIC) + 1 or encoded.find(b"\n", start) + 1
            self._write(encoded[start:end])
            start = end


def _line(told: _Told) -> _Line:
    now, scope, status, seconds, identity, found, key, rows, times, trace_id, error, trace = told
    return _Line(
        _shown(now),
        scope["method"][:16],
        scope["path"][:MAX_SHOWN],
        status,
        round(seconds * 1000, 3),
        identity.decode(),
        "" if found is None else found.name,
        0 if found is None else found.version,
        key,
        rows,
        None if times is None else _stages(*times),
        trace_id,
        error,
        trace,
    )


def _stages(asked: int, began: int, decoded: int, ran: int, encoded: int) -> _Stages:
    return _Stages(
        (began - asked) // 1000,
        (decoded - began) // 1000,
        (ran - decoded) // 1000,
        (encoded - ran) // 1000,
    )


def _shown(seconds_and_more: float) -> str:
    seconds, fraction = divmod(seconds_and_more, 1)
    return f"{_second(int(seconds))}.{int(fraction * 1000):03d}+00:00"


@lru_cache(2)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
