"""Which media types a door reads and writes, by the headers of a request."""

from __future__ import annotations

import re
from collections.abc import Collection

from runtime.door import Call
from runtime.errors import MediaTypeError, NotAcceptableError

JSON_BODIES = (
    "",
    "application/json",
    "text/json",
    # What curl -d, fetch and plain sockets say of any text.
    "application/x-www-form-urlencoded",
    "text/plain",
    "application/octet-stream",
)

_NOTHING = re.compile(r"q\s*=\s*0(\.0{0,3})?")


def check_json(call: Call) -> None:
    """Raise MediaTypeError where the body says that it is no JSON."""
    if call.media_type not in JSON_BODIES and not call.media_type.endswith("+json"):
        raise MediaTypeError("the body is of another type", mend="Send application/json")


def check_accept(call: Call, written: Collection[str] = ("application/json",)) -> None:
    """Raise NotAcceptableError where the client takes none of these types (RFC 9110, 12.5.1)."""
    accepted = call.header(b"accept")
    if accepted in ("", "*/*") or accepted in written:
        return
    taken = {kind for kind in map(_weighed, accepted.lower().split(",")) if kind}
    ranges = {"*/*", *written, *(f"{each.partition('/')[0]}/*" for each in written)}
    if not taken & ranges:
        raise NotAcceptableError(
            "no type that the client accepts is written here",
            mend=f"Accept {' or '.join(written)}",
        )


def _weighed(given: str) -> str:
    """The media range; empty where its weight is 0."""
    kind, *parameters = (part.strip() for part in given.split(";"))
    return "" if any(map(_NOTHING.fullmatch, parameters)) else kind
