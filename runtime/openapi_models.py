"""The operations of the OpenAPI document that do not predict: one table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from runtime.models import Models
from runtime.openapi_shared import JSON, faults

# bundle.aliases.PATTERN in the regular expressions that JSON Schema knows.
_ALIAS = r"^(?!(latest|[vV][0-9]+)$)[A-Za-z][A-Za-z0-9_-]{0,63}$"
_STATE = ("ReadyModel", "NotReadyModel")
_DETAIL = ("ModelDetail", "NotReadyModel")
_READ = ("406",)
_FOUND = ("404", *_READ)
_SENT = ("400", "408", "413")  # what any body can run into


@dataclass(frozen=True)
class _Operation:
    """An address: its schemas (one of them is answered) and what can go wrong there."""

    method: str
    path: str
    identity: str
    summary: str
    schemas: tuple[str, ...]
    faults: tuple[str, ...] = ()
    body: str = ""


_VERSION = "/models/{name}/versions/{version}"
_LABEL = "/models/{name}/aliases/{label}"
_OPERATIONS = (
    _Operation("get", "/livez", "isLive", "Whether the process answers", ("Health",), _READ),
    _Operation(
        "get", "/readyz", "isReady", "Whether every model answers", ("Health",), ("503", *_READ)
    ),
    _Operation("get", "/openapi.json", "getDocument", "This document", ("Document",), _READ),
    _Operation(
        "get", "/models", "listModels", "Every version of every model", ("ModelList",), _READ
    ),
    _Operation("get", "/models/{name}", "getModel", "The default version", _DETAIL, _FOUND),
    _Operation("get", _VERSION, "getVersion", "A version", _DETAIL, _FOUND),
    _Operation(
        "get", "/models/{name}/aliases", "listAliases", "A model's aliases", ("Aliases",), ("404",)
    ),
    _Operation("get", _LABEL, "getAlias", "The version of an alias", _DETAIL, _FOUND),
    _Operation(
        "put",
        _LABEL,
        "setAlias",
        "Point an alias at a version that answers",
        ("Aliases",),
        ("403", "404", "409", *_SENT),
        body="VersionNumber",
    ),
    _Operation(
        "delete",
        _LABEL,
        "deleteAlias",
        "Forget an alias",
        ("Aliases",),
        ("403", "404", "409", *_SENT),
    ),
    *(
        _Operation("post", f"{path}/{verb}", f"{verb}{name}", summary, _STATE, faults)
        for path, name in (("/models/{name}", "Model"), (_VERSION, "Version"))
        for verb, summary, faults in (
            ("load", "Let it answer", ("403", "404", "409", "503", *_SENT)),
            ("unload", "Let it answer no more, and free its memory", ("403", "404", "409", *_SENT)),
        )
    ),
)


def paths(models: Models) -> dict[str, Any]:
    """Paths with these operations; those with a variable only where it can have a value."""
    found: dict[str, Any] = {}
    variables = _variables(models)
    for each in _OPERATIONS:
        names = re.findall(r"\{(\w+)\}", each.path)
        if models.names or not names:
            item = found.setdefault(each.path, {"parameters": [variables[n] for n in names]})
            item[each.method] = _described(each)
    return found


def _described(operation: _Operation) -> dict[str, Any]:
    references = [{"$ref": f"#/components/schemas/{name}"} for name in operation.schemas]
    schema = references[0] if len(references) == 1 else {"oneOf": references}
    answer = {"description": operation.summary, "content": {JSON: {"schema": schema}}}
    said: dict[str, Any] = {
        "operationId": operation.identity,
        "tags": ["models"],
        "summary": operation.summary,
    }
    if operation.body:
        body = {"schema": {"$ref": f"#/components/schemas/{operation.body}"}}
        said["requestBody"] = {"required": True, "content": {JSON: body}}
    return said | {"responses": {"200": answer, **faults((*operation.faults, "500"))}}


def _variables(models: Models) -> dict[str, Any]:
    numbers = sorted({each.version for each in models.all()})
    schemas: dict[str, Any] = {
        "name": {"type": "string", "enum": models.names},
        "version": {"type": "integer", "enum": numbers},
        "label": {"type": "string", "pattern": _ALIAS},
    }
    return {
        name: {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in schemas.items()
    }
