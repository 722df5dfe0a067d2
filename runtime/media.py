"""Which media types a door reads and writes, by the headers of a request."""

from __future__ import annotations

from runtime.door import Call
from runtime.errors import MediaTypeError, NotAcceptableError
from runtime.media_types import accepted

JSON_BODIES = (
    "",
    "application/json",
    "text/json",
    # What curl -d, fetch and plain sockets say of any text.
    "application/x-www-form-urlencoded",
    "text/plain",
    "application/octet-stream",
)


def check_json(call: Call) -> None:
    """Raise MediaTypeError where the body says that it is no JSON."""
    if call.headers.get(b"content-type") == b"application/json":
        return
    if call.media_type not in JSON_BODIES and not call.media_type.endswith("+json"):
        raise MediaTypeError("the body is of another type", mend="Send application/json")


def check_accept(call: Call, written: tuple[str, ...] = ("application/json",)) -> None:
    """Raise NotAcceptableError where the client takes none of these types (RFC 9110, 12.5.1)."""
    if call.headers.get(b"accept", b"*/*") in (b"", b"*/*"):
        return
    if accepted(call.header(b"accept"), written) is not None:
        return
    raise NotAcceptableError(
        "no type that the client accepts is written here", mend=f"Accept {' or '.join(written)}"
    )
