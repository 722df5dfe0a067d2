"""Errors as what a client is told: one table of statuses, for every door.

Each door has its own shape for a Fault. What the client sent is never sent back, and a traceback
never leaves.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from starlette.exceptions import HTTPException

from bundle.errors import InputError, IsomorphError
from runtime.errors import (
    BusyError,
    ConflictError,
    ForbiddenError,
    LateError,
    MalformedError,
    MediaTypeError,
    NoRoomError,
    NotAcceptableError,
    NotReadyError,
    OverloadedError,
    TooLargeError,
    TooLongError,
    UnauthorizedError,
    UnknownModelError,
    UnsupportedError,
)

# The first class that fits counts, so the narrow ones stand first.
_STATUSES: tuple[tuple[type[IsomorphError], int, str], ...] = (
    (MalformedError, 400, "malformed-request"),
    (InputError, 422, "rows-not-accepted"),
    (UnauthorizedError, 401, "no-key"),
    (ForbiddenError, 403, "not-allowed"),
    (UnknownModelError, 404, "unknown-model"),
    (NotReadyError, 503, "not-ready"),
    (TooLargeError, 413, "body-too-large"),
    (BusyError, 503, "busy"),
    (NoRoomError, 503, "no-room"),
    (OverloadedError, 503, "overloaded"),
    (LateError, 503, "deadline-passed"),
    (TooLongError, 504, "took-too-long"),
    (MediaTypeError, 415, "media-type-not-supported"),
    (NotAcceptableError, 406, "not-acceptable"),
    (ConflictError, 409, "conflict"),
    (UnsupportedError, 501, "not-supported"),
)

RETRY_SECONDS = 1
"""What a client is told to wait for where there are too many."""
_UNKNOWN = "about:blank"  # RFC 9457: no more than the status is known
KINDS = (_UNKNOWN, *(f"urn:isomorph:{slug}" for _, _, slug in _STATUSES))
"""Every `type` of a problem."""

MAX_NAME = 64  # of a column that the model does not have: named, but not repeated at length


@dataclass(frozen=True, kw_only=True)
class Fault:
    """What went wrong, as a client may know it."""

    status: int
    kind: str = _UNKNOWN
    detail: str
    row: int | None = None
    column: str | None = None
    mend: str = ""
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """The status in words."""
        return HTTPStatus(self.status).phrase

    @property
    def sentence(self) -> str:
        """All of it in one text, for contracts whose errors have but one."""
        places = [f"row {self.row}"] if self.row is not None else []
        places += [f"column {self.column!r}"] if self.column is not None else []
        said = f"{', '.join(places)}: {self.detail}" if places else self.detail
        return f"{said}. {self.mend}" if self.mend else said


def fault_of(error: Exception) -> Fault:
    """What a client is told of an error; of one that nobody foresaw, nothing."""
    if isinstance(error, HTTPException):
        headers = tuple((error.headers or {}).items())
        return of_status(error.status_code, headers)
    for kind, status, slug in _STATUSES:
        if isinstance(error, kind):
            return Fault(
                status=status,
                kind=f"urn:isomorph:{slug}",
                detail=error.fault,
                row=error.row if isinstance(error, InputError) else None,
                column=_shown(error.column) if isinstance(error, InputError) else None,
                mend=error.mend,
                headers=_headers(error),
            )
    return of_status(500)


def of_status(status: int, headers: tuple[tuple[str, str], ...] = ()) -> Fault:
    """A fault of which no more is known than its status."""
    known = HTTPStatus(status)
    return Fault(status=status, detail=known.description or known.phrase, headers=headers)


_CLOSE = ("Connection", "close")  # its body was not read, or the rest of it is not worth reading
_HEADERS: tuple[tuple[type[Exception], tuple[tuple[str, str], ...]], ...] = (
    (UnauthorizedError, (("WWW-Authenticate", 'Bearer realm="isomorph"'), _CLOSE)),
    (ForbiddenError, (_CLOSE,)),
    (TooLargeError, (_CLOSE,)),
    (BusyError, (("Retry-After", "10"), _CLOSE)),
    (NoRoomError, (("Retry-After", "10"), _CLOSE)),
    (OverloadedError, (("Retry-After", str(RETRY_SECONDS)),)),
    (LateError, (("Retry-After", str(RETRY_SECONDS)),)),
    (NotReadyError, (("Retry-After", "60"),)),
)


def _headers(error: Exception) -> tuple[tuple[str, str], ...]:
    return next((headers for kind, headers in _HEADERS if isinstance(error, kind)), ())


def _shown(name: str | None) -> str | None:
    """A column's name, short and encodable: it may be the client's own."""
    if name is None:
        return None
    short = name if len(name) <= MAX_NAME else name[:MAX_NAME] + "…"
    return short.encode("utf-8", "replace").decode()
