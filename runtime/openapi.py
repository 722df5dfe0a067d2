"""OpenAPI 3.1, true of each model served now: its columns, its answers, examples that work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from weakref import ref

import msgspec

from bundle.signature import Column, Signature
from runtime import strict
from runtime.models import Model, Models, Ready
from runtime.openapi_models import paths
from runtime.openapi_security import secured
from runtime.openapi_shared import JSON, faults, responses
from runtime.openapi_shared import schemas as shared_schemas
from runtime.rows import from_json
from runtime.schemas import Schema, answers_schema, body_schema, cell_schema, components, type_name

_OF_QUERY = ("400", "404", "406", "422", "500", "503")
_OF_BODY = (*_OF_QUERY, "408", "413", "415", "504")


@dataclass(frozen=True, kw_only=True)
class Place:
    """An address that predicts: the version behind it, the prefix of its schemas.

    `fixed`: no other version will answer there.
    """

    path: str
    prefix: str
    found: Ready
    fixed: bool = False


def describe(models: Models) -> dict[str, Any]:
    """The document of what is served at one moment; the same for the same bundles."""
    places = list(_places(models))
    schemas = shared_schemas()
    for place in places:
        schemas |= components(place.found.bundle.signature, place.prefix, _head(place))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "isomorph",
            "version": "1",
            "description": "Models by names: rows in by column, answers out by output.",
        },
        "paths": paths(models)
        | {place.path: {"get": _by_query(place), "post": _by_body(place)} for place in places},
        "components": {"schemas": schemas, "responses": responses()},
    }


def describe_secured(models: Models) -> dict[str, Any]:
    """The same where keys are asked for."""
    return secured(describe(models))


class Document:
    """The document as bytes, made again only when something else is served."""

    def __init__(self, say: Callable[[Models], dict[str, Any]] = describe) -> None:
        self._say = say
        self._last: tuple[list[ref[Model]], bytes] = ([], b"")

    def of(self, models: Models) -> bytes:
        """As `say` says it."""
        served = models.models()
        of, content = self._last  # in one, since several threads may ask
        same = len(of) == len(served) and all(a() is b for a, b in zip(of, served, strict=True))
        if not content or not same:
            content = msgspec.json.encode(self._say(models))
            self._last = [ref(each) for each in served], content  # an unloaded model may go
        return content


def _places(models: Models) -> Iterator[Place]:
    """Every address that predicts: a model's default, its versions, its aliases."""
    taken: set[str] = set()
    for model in models.models():
        root, stem = f"/models/{model.name}", type_name(model.name)
        if isinstance(model.default, Ready):
            prefix = _unique(stem, taken)
            yield Place(path=f"{root}/predict", prefix=prefix, found=model.default)
        for version, each in model.versions.items():
            if isinstance(each, Ready):
                path, prefix = f"{root}/versions/{version}/predict", f"{stem}V{version}"
                yield Place(path=path, prefix=_unique(prefix, taken), found=each, fixed=True)
        for alias, version in sorted((model.aliases or {}).items()):
            each = model.at(version)
            if isinstance(each, Ready):
                path, prefix = f"{root}/aliases/{alias}/predict", f"{stem}{type_name(alias)}"
                yield Place(path=path, prefix=_unique(prefix, taken), found=each)


def _unique(prefix: str, taken: set[str]) -> str:
    """The prefix, or with a number where another model's name gives the same one."""
    number, found = 1, prefix
    while found.lower() in taken:
        number += 1
        found = f"{prefix}_{number}"
    taken.add(found.lower())
    return found


def _head(place: Place) -> dict[str, Schema]:
    version: Schema = {"type": "integer", "minimum": 1}
    if place.fixed:
        version["const"] = place.found.version
    return {"model": {"type": "string", "const": place.found.name}, "version": version}


def _by_body(place: Place) -> dict[str, Any]:
    schema = body_schema(place.found.bundle.signature, place.prefix)
    body = {"schema": schema, "examples": _examples(_bodies(place.found))}
    return {
        "operationId": f"predict{place.prefix}",
        **_about(place),
        "parameters": [_outputs(place)],
        "requestBody": {"required": True, "content": {JSON: body}},
        "responses": {
            "200": {
                "description": "One answer for one row; `predictions` for rows in any other form",
                "content": {
                    JSON: {
                        "schema": answers_schema(place.prefix, single=False),
                        "examples": _examples(_answers(place.found, ("row", "rows"))),
                    }
                },
            },
            **faults(_OF_BODY),
        },
    }


def _by_query(place: Place) -> dict[str, Any]:
    signature = place.found.bundle.signature
    example = place.found.example
    columns = [_parameter(signature, column, example) for column in signature.columns]
    # A column of that name is the column; then outputs are chosen by POST only.
    choice = [] if "outputs" in signature.by_name else [_outputs(place)]
    return {
        "operationId": f"predict{place.prefix}ByQuery",
        **_about(place),
        "parameters": columns + choice,
        "responses": {
            "200": {
                "description": "The answer to the row",
                "content": {
                    JSON: {
                        "schema": answers_schema(place.prefix, single=True),
                        "examples": _examples(_answers(place.found, ("row",))),
                    }
                },
            },
            **faults(_OF_QUERY),
        },
    }


def _about(place: Place) -> dict[str, Any]:
    found = place.found
    said = f"{found.name}, version {found.version} ({found.bundle.manifest.task})"
    return {"tags": [found.name], "summary": said}


def _parameter(signature: Signature, column: Column, example: dict[str, Any]) -> Schema:
    """A column in a query, where what is missing is left out or empty."""
    schema = cell_schema(signature, column, null=False)
    if column.kind == "text" and not column.nullable:
        schema["minLength"] = 1  # an empty value is a missing one
    empty = {"allowEmptyValue": True} if column.nullable else {}
    shown = {} if example.get(column.name) is None else {"example": example[column.name]}
    required = not column.nullable
    return {
        "name": column.name,
        "in": "query",
        "required": required,
        "schema": schema,
        **empty,
        **shown,
    }


def _outputs(place: Place) -> Schema:
    names: Schema = {"$ref": f"#/components/schemas/{place.prefix}OutputName"}
    return {
        "name": "outputs",
        "in": "query",
        "required": False,
        "description": "Only these outputs are computed and answered; without it, all",
        "schema": {"type": "array", "items": names, "minItems": 1, "uniqueItems": True},
    }


def _bodies(found: Ready) -> dict[str, Any]:
    """The same row in every form; nothing where no row is known to work."""
    row = found.example
    if not row:
        return {}
    columns = {name: [value] for name, value in row.items()}
    return {
        "row": row,
        "rows": [row],
        "columns": {"columns": columns},
        "table": {"columns": list(row), "rows": [list(row.values())]},
    }


def _answers(found: Ready, forms: tuple[str, ...]) -> dict[str, Any]:
    """What the example is answered, by the model itself."""
    if not found.example:
        return {}
    signature = found.bundle.signature
    rows = from_json(signature, [strict.Record(found.example)])
    answers = found.engine.run(rows)
    return {
        form: msgspec.json.decode(found.predictions.write(answers, None, single=form == "row"))
        for form in forms
    }


def _examples(values: dict[str, Any]) -> dict[str, Any]:
    return {name: {"value": value} for name, value in values.items()}
