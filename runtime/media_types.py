"""The headers Content-Type and Accept, taken apart (RFC 9110, 8.3 and 12.5.1)."""

from __future__ import annotations

from email.message import Message


def parsed(text: str) -> tuple[str, dict[str, str]]:
    """A media type in lower case, and its parameters by their names in lower case."""
    message = Message()
    message["content-type"] = text
    found = message.get_params(failobj=[])
    name = found[0][0].strip().lower() if found else ""
    return name, {key.lower(): value for key, value in found[1:]}


def accepted(text: str) -> list[tuple[str, dict[str, str]]]:
    """What a client takes, the most wanted first; empty where it takes anything."""
    each = [parsed(part) for part in text.split(",") if part.strip()]
    wanted = [kind for kind in each if _weight(kind[1]) > 0]
    return sorted(wanted, key=lambda kind: -_weight(kind[1]))


def _weight(parameters: dict[str, str]) -> float:
    try:
        return float(parameters.get("q", "1"))
    except ValueError:
        return 1.0
