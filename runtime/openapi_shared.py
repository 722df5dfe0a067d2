"""Components of the OpenAPI document that no model changes: states, health, errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from bundle.manifest import Verdict
from bundle.signature import Signature, Task
from runtime.faults import KINDS

JSON = "application/json"
PROBLEM = "application/problem+json"

_FAULTS = {
    "400": "The body is not JSON, or the address takes no such parameter",
    "401": "No key, or one that this service does not know",
    "403": "The key may not change what is served, or a page of another site asks",
    "404": "No model, no version of it, or no alias has that name",
    "406": "The client accepts no JSON",
    "408": "The body did not arrive in time",
    "409": "Not in this state, such as an alias that would name a version that does not answer",
    "413": "The body is over the limit",
    "415": "The body is of a type that is not read here",
    "422": "A row is not what the model takes, by row and column; or there is no such output",
    "500": "The service failed; only its log says why",
    "503": "The version is not ready, or more requests are here than can be answered in time",
    "504": "The time for the answer was over while the model ran",
}
_NUMBER: dict[str, Any] = {"type": "integer", "minimum": 1}
_NAMES = {"type": "array", "items": {"type": "string"}}
_PROBLEM = {
    "type": {"type": "string", "format": "uri-reference", "enum": list(KINDS)},
    "title": {"type": "string"},
    "status": {"type": "integer", "minimum": 400, "maximum": 599},
    "detail": {"type": "string"},
    "row": {"type": "integer", "minimum": 0, "description": "Counted from 0"},
    "column": {"type": "string"},
    "mend": {"type": "string", "description": "What to do"},
}
_HEAD = {"name": {"type": "string"}, "version": _NUMBER}
_STANDING = {
    "default": {"type": "boolean", "description": "Whether it is meant where none is named"},
    "aliases": _NAMES,
}
_NOT_READY = {
    **_HEAD,
    "state": {"type": "string", "const": "not ready"},
    "reason": {"type": "string"},
    **_STANDING,
}
_READY = {
    **_HEAD,
    "state": {"type": "string", "const": "ready"},
    "note": {"type": "string", "description": "What an operator should know"},
    "targets": {
        "type": "object",
        "description": "What was proven equal to the original, by format",
        "additionalProperties": {"type": "string", "enum": ["pass", "fail", "absent"]},
    },
    "example": {"type": "object", "description": "A row that is known to work"},
    **_STANDING,
}
_DETAIL = {
    **_READY,
    "task": msgspec.json.schema(Task),
    "signature": {"$ref": "#/components/schemas/Signature"},
    "verdict": {"$ref": "#/components/schemas/Verdict"},
    "created": {"type": "string"},
    "versions": {
        "type": "object",
        "description": "The packages that made it",
        "additionalProperties": {"type": "string"},
    },
    "decided": {"type": "object", "description": "How it is run here, as measured when loaded"},
}
_ALIASES = {
    "model": {"type": "string"},
    "default": _NUMBER,
    "aliases": {"type": "object", "additionalProperties": _NUMBER},
    "fault": {"type": "string", "description": "Why what is on disk now is not followed"},
}


def schemas() -> dict[str, Any]:
    """Schemas by name."""
    # The manifest's own types, so that this cannot say anything else than the service.
    _, found = msgspec.json.schema_components(
        [Signature, Verdict], ref_template="#/components/schemas/{name}"
    )
    states = [{"$ref": f"#/components/schemas/{name}"} for name in ("ReadyModel", "NotReadyModel")]
    return {
        **found,
        "Problem": _object(_PROBLEM, optional=("row", "column", "mend")),
        "ReadyModel": _object(_READY, optional=("note",)),
        "ModelDetail": _object(_DETAIL, optional=("note",)),
        "NotReadyModel": _object(_NOT_READY),
        "ModelList": _object({"models": {"type": "array", "items": {"oneOf": states}}}),
        "Aliases": _object(_ALIASES, optional=("fault",)),
        "VersionNumber": _object({"version": _NUMBER}),
        "Health": _object({"status": {"type": "string", "const": "ok"}}),
        "Document": {"type": "object", "title": "An OpenAPI 3.1 document"},
    }


def responses() -> dict[str, Any]:
    """What is answered when something is wrong, by status."""
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    found: dict[str, Any] = {
        f"Problem{status}": {"description": description, "content": content}
        for status, description in _FAULTS.items()
    }
    seconds = {"description": "Seconds to wait", "schema": {"type": "integer"}}
    challenge = {"description": "How to send a key", "schema": {"type": "string"}}
    found["Problem401"]["headers"] = {"WWW-Authenticate": challenge}
    found["Problem503"]["headers"] = {"Retry-After": seconds}
    return found


def faults(statuses: Iterable[str]) -> dict[str, Any]:
    """References to these responses."""
    return {each: {"$ref": f"#/components/responses/Problem{each}"} for each in sorted(statuses)}


def _object(properties: dict[str, Any], optional: tuple[str, ...] = ()) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }
