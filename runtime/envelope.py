"""The members of a JSON object whose bulk is rows, without parsing that bulk twice."""

from __future__ import annotations

from typing import Any

import msgspec

from runtime import strict
from runtime.errors import MalformedError

_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])


def members(body: bytes, *bulk: str) -> dict[str, Any]:
    """What the object holds: `bulk` members as the bytes they came in, the others as values.

    Where the fast parser gives up (NaN is its usual reason) all are values of `runtime.strict`,
    so that whoever reads the rows can name the place. Raises MalformedError.
    """
    try:
        found = _MEMBERS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _object(strict.loads(body))
    kept = {name: bytes(found[name]) for name in bulk if name in found}
    for each in kept.values():
        if each[:1] in (b"[", b"{"):
            body = body.replace(each, b"0", 1)  # small now: a repeated member shows cheaply
    return {**_object(strict.loads(body)), **kept}


def known(found: dict[str, Any], *names: str) -> None:
    """Raise MalformedError where the object has a member that the contract lacks."""
    if not found.keys() <= set(names):
        raise MalformedError(
            "the body has a member that this contract lacks", mend=f"Send only {', '.join(names)}"
        )


def _object(value: Any) -> strict.Record:
    if not isinstance(value, strict.Record):
        raise MalformedError("the body is not an object")
    _no_repeats(value)
    return value


def _no_repeats(value: Any) -> None:
    """Of what is not rows; theirs are named by row and column later."""
    if isinstance(value, strict.Record):
        if value.repeated is not None:
            raise MalformedError("a member of the request stands twice", mend="Send it once")
        for each in value.values():
            _no_repeats(each)
