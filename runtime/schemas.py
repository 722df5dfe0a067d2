"""JSON Schemas (2020-12) of what one model takes and answers, by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from bundle.signature import Column, Output, Signature

Schema = dict[str, Any]

_KNOWN = 20  # categories that an open column shows
_FLOAT32 = float(np.finfo(np.float32).max)
_TYPES: dict[str, Schema] = {
    # Without a format, generators take float32, or a decimal of any length.
    "FP64": {"type": "number", "format": "double"},
    "FP32": {"type": "number", "format": "double"},
    "INT64": {"type": "integer", "format": "int64"},
    "BOOL": {"type": "boolean"},
    "BYTES": {"type": "string"},
}


def components(signature: Signature, prefix: str, head: Schema) -> dict[str, Schema]:
    """Every schema of a model, named `prefix` and what it is.

    `head` holds the members that each answer begins with. An answer to some outputs only has
    schemas of its own, told by their member `outputs`: so the others require every output.
    """
    outputs = {_output_type(output, prefix): _output(output) for output in signature.outputs}
    answers = {
        output.name: _reference(name)
        for output, name in zip(signature.outputs, outputs, strict=True)
    }
    names = _reference(f"{prefix}OutputName")
    chosen = head | {"outputs": {"type": "array", "items": names, "minItems": 1}}
    found = {
        "Row": record_schema(signature),
        "Columns": _columns(signature, names),
        "Table": _table(signature, names),
        "OutputName": {"type": "string", "enum": list(answers)},
        "RowAnswer": _object(answers),
        "Answer": _object(head | answers),
        "Answers": _object(head | _many(prefix, "RowAnswer")),
        "ChosenRowAnswer": _object(answers, required=()),
        "ChosenAnswer": _object(chosen | answers, required=chosen),
        "ChosenAnswers": _object(chosen | _many(prefix, "ChosenRowAnswer")),
    }
    if not signature.named:
        found["List"] = _list(signature)
    return outputs | {f"{prefix}{name}": schema for name, schema in found.items()}


def type_name(name: str) -> str:
    """breast_cancer as BreastCancer: what generators make a type of without changing it."""
    words = re.split(r"[^A-Za-z0-9]+", name)
    found = "".join(word[:1].upper() + word[1:] for word in words)
    return found if found[:1].isalpha() else f"Model{found}"


def record_schema(signature: Signature) -> Schema:
    """One row, by names."""
    return _object({each.name: cell_schema(signature, each) for each in signature.columns})


def body_schema(signature: Signature, prefix: str) -> Schema:
    """What a prediction may be asked with. Cells are no lists and no objects, so one form fits."""
    row = _reference(f"{prefix}Row")
    rows = row if signature.named else {"oneOf": [row, _reference(f"{prefix}List")]}
    wrapped = [_reference(f"{prefix}{form}") for form in ("Columns", "Table")]
    return {"oneOf": [row, {"type": "array", "items": rows}, *wrapped]}


def answers_schema(prefix: str, *, single: bool) -> Schema:
    """What a prediction answers; `single`: only one row was asked."""
    kinds = ("Answer", "ChosenAnswer") if single else ("Answer", "Answers")
    more = () if single else ("ChosenAnswer", "ChosenAnswers")
    return {"oneOf": [_reference(f"{prefix}{kind}") for kind in (*kinds, *more)]}


def cell_schema(signature: Signature, column: Column, *, null: bool = True) -> Schema:
    """One cell; `null`: it may stand for a missing value, where the column is nullable.

    The range of the sample is told and not demanded: values outside of it are answered.
    """
    schema: Schema = {"title": column.name, "description": _description(column)}
    schema |= _kind(signature, column)
    nullable = null and column.nullable
    if nullable:
        types = schema["type"]
        schema["type"] = [*types, "null"] if isinstance(types, list) else [types, "null"]
    if column.categories is not None and column.closed:
        schema["enum"] = [*column.categories, *([None] if nullable else [])]
    elif column.categories is not None:
        schema["examples"] = list(column.categories[:_KNOWN])
    return schema


def _kind(signature: Signature, column: Column) -> Schema:
    """The type of a cell and what the model accepts of it."""
    if column.kind == "text":
        return {"type": "string"}
    if column.dtype == "bool":
        # The bounds say what numbers are taken: false and true as 0 and 1.
        return {"type": ["boolean", "integer"], "minimum": 0, "maximum": 1}
    schema: Schema = dict(_TYPES["FP64"])
    place, _ = signature.place(column.name)
    narrow = {block.name: block.datatype for block in signature.inputs}[place] == "FP32"
    bounds = {"minimum": column.lowest, "maximum": column.highest}
    for (name, bound), widest in zip(bounds.items(), (-_FLOAT32, _FLOAT32), strict=True):
        if bound is not None or narrow:
            schema[name] = widest if bound is None else bound
    return schema


def _description(column: Column) -> str:
    said = f"{column.dtype} in training"
    if column.minimum is not None and column.maximum is not None:
        said += f", from {column.minimum:g} to {column.maximum:g}"
    return f"{said}; null where it is missing" if column.nullable else said


def _list(signature: Signature) -> Schema:
    """One row without names, in the order of the signature."""
    return _tuple([cell_schema(signature, column) for column in signature.columns])


def _columns(signature: Signature, names: Schema) -> Schema:
    """Rows as one list for each column."""
    lists = {
        column.name: {"type": "array", "items": cell_schema(signature, column)}
        for column in signature.columns
    }
    return _object({"columns": _object(lists), "outputs": _choice(names)}, required=("columns",))


def _table(signature: Signature, names: Schema) -> Schema:
    """Rows as lists below the columns' names, described in the order of the signature."""
    columns = [{"type": "string", "const": column.name} for column in signature.columns]
    rows = {"type": "array", "items": _list(signature)}
    members = {"columns": _tuple(columns), "rows": rows, "outputs": _choice(names)}
    return _object(members, required=("columns", "rows"))


def _choice(names: Schema) -> Schema:
    return {"type": "array", "items": names, "minItems": 1, "uniqueItems": True}


def _many(prefix: str, kind: str) -> dict[str, Schema]:
    return {"predictions": {"type": "array", "items": _reference(f"{prefix}{kind}")}}


def _output_type(output: Output, prefix: str) -> str:
    return f"{prefix}{type_name(output.name)}"


def _output(output: Output) -> Schema:
    value = dict(_TYPES[output.datatype])
    if output.nullable:
        value["type"] = [value["type"], "null"]
    if output.width is None:
        return value if output.names is None else value | {"enum": list(output.names)}
    if output.names is None:
        width = output.width
        return {"type": "array", "items": value, "minItems": width, "maxItems": width}
    return _object({str(name): value for name in output.names})


def _object(
    properties: dict[str, Schema], required: Sequence[str] | Schema | None = None
) -> Schema:
    """An object of these members and no others; all of them required where none are named."""
    names = list(properties if required is None else required)
    schema: Schema = {"type": "object", "properties": properties}
    return schema | ({"required": names} if names else {}) | {"additionalProperties": False}


def _tuple(items: list[Schema]) -> Schema:
    length = len(items)
    return {"type": "array", "prefixItems": items, "minItems": length, "maxItems": length}


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}
