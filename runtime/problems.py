"""Faults as answers: one table of statuses, two shapes.

The native door answers RFC 9457 problems, the V2 door `{"error": ...}`. What the client sent is
never sent back, and a traceback never leaves.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bundle.errors import InputError, IsomorphError
from runtime.errors import (
    MalformedError,
    NotReadyError,
    TooLargeError,
    TooSlowError,
    UnknownModelError,
)

# The first class that fits counts, so the narrow ones stand first.
_STATUSES: tuple[tuple[type[IsomorphError], int, str], ...] = (
    (MalformedError, 400, "malformed-request"),
    (InputError, 422, "rows-not-accepted"),
    (UnknownModelError, 404, "unknown-model"),
    (NotReadyError, 503, "not-ready"),
    (TooLargeError, 413, "body-too-large"),
    (TooSlowError, 408, "body-too-slow"),
)

MAX_NAME = 64  # of a column that the model does not have: named, but not repeated at length


def to_response(request: Request, error: Exception) -> Response:
    """The answer to a request that failed with `error`, in the shape of the door it came by."""
    if request.url.path == "/v2" or request.url.path.startswith("/v2/"):
        return v2_error(error)
    return problem(error)


def problem(error: Exception) -> Response:
    """An RFC 9457 problem, with `row`, `column` and `mend` where they are known."""
    status, kind = _status(error)
    members: dict[str, Any] = {"type": kind, "title": _title(status), "status": status}
    members["detail"] = _detail(error, status)
    if isinstance(error, InputError):
        members |= {"row": error.row, "column": _shown(error.column)}
    if isinstance(error, IsomorphError):
        members["mend"] = error.mend or None
    kept = {name: value for name, value in members.items() if value is not None}
    return _json(kept, status, "application/problem+json", error)


def v2_error(error: Exception) -> Response:
    """A V2 error. The protocol knows 404, 501, 503, 500, and 400 for everything else."""
    status, _ = _status(error)
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        status = HTTPStatus.BAD_REQUEST
    said = _detail(error, status)
    if isinstance(error, InputError):
        places = [f"row {error.row}"] if error.row is not None else []
        places += [f"column {_shown(error.column)!r}"] if error.column is not None else []
        said = f"{', '.join(places)}: {said}" if places else said
    if isinstance(error, IsomorphError) and error.mend:
        said = f"{said}. {error.mend}"
    return _json({"error": said}, status, "application/json", error)


def _status(error: Exception) -> tuple[int, str]:
    for kind, status, slug in _STATUSES:
        if isinstance(error, kind):
            return status, f"urn:isomorph:{slug}"
    if isinstance(error, HTTPException):
        return error.status_code, "about:blank"
    return 500, "about:blank"


def _detail(error: Exception, status: int) -> str:
    if isinstance(error, IsomorphError):
        return error.fault
    return HTTPStatus(status).description or _title(status)


def _title(status: int) -> str:
    return HTTPStatus(status).phrase


def _shown(name: str | None) -> str | None:
    """A column's name, short and encodable: it may be the client's own."""
    if name is None:
        return None
    short = name if len(name) <= MAX_NAME else name[:MAX_NAME] + "…"
    return short.encode("utf-8", "replace").decode()


def _json(content: Any, status: int, media_type: str, error: Exception) -> Response:
    headers = dict(error.headers or {}) if isinstance(error, HTTPException) else {}
    if isinstance(error, TooLargeError | TooSlowError):
        headers["Connection"] = "close"  # the rest of the body is not worth reading
    if isinstance(error, NotReadyError):
        headers["Retry-After"] = "60"
    return Response(
        msgspec.json.encode(content), status_code=status, headers=headers, media_type=media_type
    )
