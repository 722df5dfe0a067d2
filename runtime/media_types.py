"""The headers Content-Type and Accept, taken apart (RFC 9110, 8.3 and 12.5.1)."""

from __future__ import annotations

from email.message import Message
from functools import lru_cache


@lru_cache(256)
def parsed(text: str) -> tuple[str, dict[str, str]]:
    """A media type in lower case, and its parameters by their names in lower case."""
    message = Message()
    message["content-type"] = text
    found = message.get_params(failobj=[])
    name = found[0][0].strip().lower() if found else ""
    return name, {key.lower(): value for key, value in found[1:]}


@lru_cache(256)
def accepted(text: str, offered: tuple[str, ...]) -> tuple[str, dict[str, str]] | None:
    """Which of `offered`, the default first, a client wants most, with its parameters.

    None where it wants none of them; the default where it says nothing.
    """
    named = [parsed(part) for part in text.split(",") if part.strip()] or [("*/*", {})]
    for pattern, parameters in sorted(named, key=lambda each: -_weight(each[1])):
        for media_type in offered:
            if _weight(parameters) > 0 and _fits(media_type, pattern):
                return media_type, parameters
    return None


def _fits(media_type: str, pattern: str) -> bool:
    kind = pattern.removesuffix("*") if pattern.endswith("/*") else None
    return (
        media_type == pattern
        or kind == "*/"
        or (kind is not None and media_type[: len(kind)] == kind)
    )


def _weight(parameters: dict[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 1.0
