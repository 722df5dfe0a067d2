"""What Azure ML asks for at `/swagger.json`: Swagger 2 and OpenAPI 3.0 of `/score`.

Both are older than the OpenAPI of `runtime.openapi`, and have neither lists of types nor null.
"""

from __future__ import annotations

from typing import Any

from bundle.signature import Column
from runtime.repository import Ready
from runtime.schemas import record_schema

VERSIONS = ("2", "2.0", "3", "3.0")
_JSON = "application/json"


def describe(found: Ready, version: str) -> dict[str, Any]:
    """The document, for the model that `/score` asks."""
    name = found.bundle.manifest.name
    head = {"title": name, "version": str(found.version)}
    given, taken = _input(found, version), {"type": "array", "items": {}}
    if version.startswith("2"):
        body = {"in": "body", "name": "serviceInputPayload", "schema": given, "required": True}
        answer: dict[str, Any] = {"description": "A value for each row", "schema": taken}
        operation: dict[str, Any] = {"parameters": [body], "consumes": [_JSON]}
        document: dict[str, Any] = {"swagger": "2.0", "info": head, "produces": [_JSON]}
    else:
        answer = {"description": "A value for each row", "content": {_JSON: {"schema": taken}}}
        operation = {"requestBody": {"required": True, "content": {_JSON: {"schema": given}}}}
        document = {"openapi": "3.0.3", "info": head}
    operation |= {"operationId": "RunMLService", "responses": {"200": answer}}
    return document | {"paths": {"/score": {"post": operation}}}


def _input(found: Ready, version: str) -> dict[str, Any]:
    signature = found.bundle.signature
    told = record_schema(signature)
    cells = {
        each.name: _cell(each, told["properties"][each.name], version) for each in signature.columns
    }
    row = {"type": "object", "properties": cells, "required": told["required"]}
    rows = {"type": "array", "items": row}
    return {
        "type": "object",
        "properties": {"data": rows},
        "required": ["data"],
        "example": {"data": [found.example]},
    }


def _cell(column: Column, told: dict[str, Any], version: str) -> dict[str, Any]:
    """The schema of a column without what the older versions lack."""
    truth = column.kind == "number" and column.dtype == "bool"
    kind = "boolean" if truth else "string" if column.kind == "text" else "number"
    names = ("description", "enum", *(() if truth else ("minimum", "maximum")))
    kept = {name: told[name] for name in names if name in told}
    nullable = "x-nullable" if version.startswith("2") else "nullable"
    return {
        "type": kind,
        **kept,
        **({nullable: True} if column.nullable else {}),
    }
