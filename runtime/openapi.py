"""OpenAPI that is true of each model: one address each, its columns, an example that works."""

from __future__ import annotations

from typing import Any

from bundle.signature import Column, Output, Signature
from runtime.models import Models, Ready

_JSON = "application/json"
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "row": {"type": "integer", "minimum": 0},
        "column": {"type": "string"},
        "mend": {"type": "string"},
    },
}
_FAULTS = {
    "400": "The body is not JSON",
    "408": "The body did not arrive in time",
    "413": "The body is over the limit",
    "422": "A row is not what the model takes; row and column are named",
    "503": "The version is not ready",
}
_TYPES = {"FP64": "number", "FP32": "number", "INT64": "integer", "BOOL": "boolean"}


def describe(models: Models) -> dict[str, Any]:
    """The OpenAPI 3.1 document of what this process serves now."""
    paths: dict[str, Any] = {}
    for model in models.models():
        name = model.name
        if isinstance(model.default, Ready):
            paths[f"/models/{name}/predict"] = {"post": _operation(model.default, name)}
        for each in model.versions.values():
            if isinstance(each, Ready):
                path = f"/models/{name}/versions/{each.version}/predict"
                paths[path] = {"post": _operation(each, f"{name}-{each.version}")}
    return {
        "openapi": "3.1.0",
        "info": {"title": "isomorph", "version": "1"},
        "paths": paths,
        "components": {"schemas": {"Problem": _PROBLEM}},
    }


def record_schema(signature: Signature) -> dict[str, Any]:
    """JSON Schema of one row."""
    return {
        "type": "object",
        "properties": {column.name: _column(column) for column in signature.columns},
        "required": [column.name for column in signature.columns],
        "additionalProperties": False,
    }


def answer_schema(signature: Signature) -> dict[str, Any]:
    """JSON Schema of one row's answer."""
    properties = {output.name: _output(output) for output in signature.outputs}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _operation(found: Ready, identity: str) -> dict[str, Any]:
    signature = found.bundle.signature
    row = record_schema(signature)
    rows = [row, {"type": "array", "items": row}]
    if not signature.named:
        rows[1] = {"type": "array", "items": {"oneOf": [row, _list(signature)]}}
    body = {"schema": {"oneOf": rows}, "example": found.example}
    return {
        "operationId": f"predict-{identity}",
        "summary": f"{found.name}, version {found.version} ({found.bundle.manifest.task})",
        "requestBody": {"required": True, "content": {_JSON: body}},
        "responses": {"200": _answer(signature), **_faults()},
    }


def _list(signature: Signature) -> dict[str, Any]:
    """One row without names, in the order of the signature."""
    values = [_column(column) for column in signature.columns]
    return {"type": "array", "prefixItems": values, "items": False, "minItems": len(values)}


def _answer(signature: Signature) -> dict[str, Any]:
    head = {"model": {"type": "string"}, "version": {"type": "integer"}}
    row = answer_schema(signature)
    one = {
        "type": "object",
        "properties": {**head, **row["properties"]},
        "required": [*head, *row["required"]],
    }
    many = {
        "type": "object",
        "properties": {**head, "predictions": {"type": "array", "items": row}},
        "required": [*head, "predictions"],
    }
    schema = {"anyOf": [one, many]}
    return {
        "description": "One answer for one row; `predictions` for an array of rows",
        "content": {_JSON: {"schema": schema}},
    }


def _faults() -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {
        status: {"description": description, "content": content}
        for status, description in _FAULTS.items()
    }


def _column(column: Column) -> dict[str, Any]:
    """One cell. The range of the sample is told and not demanded: values outside are answered."""
    kind: Any = "boolean" if column.dtype == "bool" else "number"
    types: list[str] = ["string"] if column.kind == "text" else [kind]
    if kind == "boolean" and column.kind == "number":
        types.append("number")
    schema: dict[str, Any] = {"title": column.name}
    schema["type"] = [*types, "null"] if column.nullable else types if types[1:] else types[0]
    if column.categories is not None:
        known: list[Any] = list(column.categories)
        closed = column.closed
        schema["enum" if closed else "examples"] = known + [None] * (closed and column.nullable)
    schema |= {} if column.lowest is None else {"minimum": column.lowest}
    schema |= {} if column.highest is None else {"maximum": column.highest}
    if column.minimum is not None and column.maximum is not None:
        schema["description"] = f"In training from {column.minimum:g} to {column.maximum:g}"
    return schema


def _output(output: Output) -> dict[str, Any]:
    kind = _TYPES.get(output.datatype, "string")
    value: dict[str, Any] = {"type": [kind, "null"] if output.nullable else kind}
    if output.width is None:
        return value if output.names is None else value | {"enum": list(output.names)}
    if output.names is None:
        return {
            "type": "array",
            "items": value,
            "minItems": output.width,
            "maxItems": output.width,
        }
    names = [str(name) for name in output.names]
    return {
        "type": "object",
        "properties": dict.fromkeys(names, value),
        "required": names,
        "additionalProperties": False,
    }
