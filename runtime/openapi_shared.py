"""What the OpenAPI document says beside predictions: listings, details, health, errors."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from bundle.manifest import Verdict
from bundle.signature import Signature, Task
from runtime.faults import KINDS
from runtime.repository import Repository

JSON = "application/json"
PROBLEM = "application/problem+json"

_FAULTS = {
    "400": "The body is not JSON, or the address takes no such parameter",
    "404": "No model, or no version of it, has that name",
    "406": "The client accepts no JSON",
    "408": "The body did not arrive in time",
    "413": "The body is over the limit",
    "415": "The body is of a type that is not read here",
    "422": "A row is not what the model takes, by row and column; or there is no such output",
    "500": "The service failed; only its log says why",
    "503": "The version is not ready",
}
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "RFC 9457; `row` counts from 0, `mend` says what to do",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference", "enum": list(KINDS)},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "detail": {"type": "string"},
        "row": {"type": "integer", "minimum": 0},
        "column": {"type": "string"},
        "mend": {"type": "string"},
    },
    "additionalProperties": False,
}
_STATE = {"name": {"type": "string"}, "version": {"type": "integer", "minimum": 1}}
_READY = {
    **_STATE,
    "state": {"type": "string", "const": "ready"},
    "targets": {
        "type": "object",
        "description": "What was proven equal to the original, by format",
        "additionalProperties": {"type": "string", "enum": ["pass", "fail", "absent"]},
    },
    "example": {"type": "object", "description": "A row that is known to work"},
}
_DETAIL = {
    **_READY,
    "task": {"$ref": "#/components/schemas/Task"},
    "signature": {"$ref": "#/components/schemas/Signature"},
    "verdict": {"$ref": "#/components/schemas/Verdict"},
    "created": {"type": "string"},
    "versions": {
        "type": "object",
        "description": "The packages that made it",
        "additionalProperties": {"type": "string"},
    },
}
_NOT_READY = {
    **_STATE,
    "state": {"type": "string", "const": "not ready"},
    "reason": {"type": "string"},
}


def schemas() -> dict[str, Any]:
    """Components that every document has."""
    # The manifest's own types, so that this cannot say anything else than the service.
    _, found = msgspec.json.schema_components(
        [Signature, Verdict], ref_template="#/components/schemas/{name}"
    )
    return {
        **found,
        "Task": msgspec.json.schema(Task),
        "Problem": _PROBLEM,
        "ReadyModel": _object(_READY),
        "ModelDetail": _object(_DETAIL),
        "NotReadyModel": _object(_NOT_READY),
        "ModelList": _object({"models": _array(_either("ReadyModel", "NotReadyModel"))}),
        "Health": _object({"status": {"type": "string", "const": "ok"}}),
    }


def paths(repository: Repository) -> dict[str, Any]:
    """Addresses that are the same whatever is served."""
    name = _variable("name", {"type": "string", "enum": repository.names})
    numbers = sorted({each.version for each in repository.all()})
    version = _variable("version", {"type": "integer", "enum": numbers})
    detail = _either("ModelDetail", "NotReadyModel")
    known = {
        "/models": _get("listModels", "Every version of every model", _named("ModelList")),
        "/livez": _get("isLive", "The process answers", _named("Health")),
        "/readyz": _get("isReady", "Every model answers", _named("Health"), ("503",)),
        "/openapi.json": _get("getDocument", "This document", {"type": "object"}),
    }
    if not repository.names:
        return known
    return known | {
        "/models/{name}": _get(
            "getModel", "The latest version of a model", detail, ("404",), [name]
        ),
        "/models/{name}/versions/{version}": _get(
            "getVersion", "A version of a model", detail, ("404",), [name, version]
        ),
    }


def responses() -> dict[str, Any]:
    """Components: what is answered when something is wrong, by status."""
    content = {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    found: dict[str, Any] = {
        f"Problem{status}": {"description": description, "content": content}
        for status, description in _FAULTS.items()
    }
    seconds = {"description": "Seconds to wait", "schema": {"type": "integer"}}
    found["Problem503"]["headers"] = {"Retry-After": seconds}
    return found


def faults(statuses: Iterable[str] = _FAULTS) -> dict[str, Any]:
    """References to these responses."""
    return {each: {"$ref": f"#/components/responses/Problem{each}"} for each in statuses}


def _get(
    identity: str,
    summary: str,
    schema: Any,
    statuses: tuple[str, ...] = (),
    parameters: list[Any] | None = None,
) -> dict[str, Any]:
    answer = {"description": summary, "content": {JSON: {"schema": schema}}}
    operation: dict[str, Any] = {"operationId": identity, "tags": ["models"], "summary": summary}
    if parameters:
        operation["parameters"] = parameters
    return {"get": {**operation, "responses": {"200": answer, **faults((*statuses, "406", "500"))}}}


def _variable(name: str, schema: Any) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _array(items: Any) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _either(*names: str) -> dict[str, Any]:
    return {"oneOf": [_named(name) for name in names]}


def _named(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
