"""Openscoring: PMML models behind a REST service of Java. It only translates.

Source: github.com/openscoring/openscoring, README (REST API), ModelResource.java, CsvUtil.java.
Fields are called as in our PMML (`bundle.pmml_fields`), so that a client that scored our PMML there
sees the same names. As there, an argument that is absent is missing, one that the model lacks is
not looked at, and text may spell a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from http import HTTPStatus
from typing import Any

from bundle.arrays import Array, Arrays
from bundle.errors import InputError
from bundle.pmml_fields import field_names, spelt
from bundle.signature import Column, Output, Signature
from runtime import strict
from runtime.answers import check_finite, with_nulls
from runtime.door import Asked, Call, Door, Reply, Route
from runtime.doors.openscoring_csv import Table
from runtime.errors import MalformedError
from runtime.faults import Fault, fault_of
from runtime.instances import encoded
from runtime.query import value_of
from runtime.repository import Ready
from runtime.rows import from_json

# What its clients demand of every answer: Openscoring-Python takes 2.0 and 2.1 and nothing else.
_APPLICATION = (("X-Application", "Openscoring/2.1.1"),)
MAX_FAULTS = 1000  # of a batch: to find each takes time, and a body holds a million
_FUNCTIONS = {
    "classification": "classification",
    "regression": "regression",
    "clustering": "clustering",
    "outliers": "anomalyDetection",
}
_DATA_TYPES = {"FP64": "double", "FP32": "float", "INT64": "integer", "BOOL": "boolean"}


def models(call: Call) -> Reply:
    """Every model's latest version, where it answers."""
    found = [call.repository.find(name) for name in call.repository.names]
    return _reply({"responses": [_summary(each) for each in found if isinstance(each, Ready)]})


def model(call: Call) -> Reply:
    """One model, with the fields it takes and gives."""
    found = call.ready()
    signature = found.bundle.signature
    schema: dict[str, Any] = {"inputFields": [_input(each) for each in signature.columns]}
    for name, is_target in (("targetFields", True), ("outputFields", False)):
        described = [each for each in signature.outputs if _is_target(each) == is_target]
        fields = [field for each in described for field in _fields(each)]
        schema |= {name: fields} if fields else {}
    return _reply({**_summary(found), "schema": schema})


def evaluate(call: Call) -> Asked:
    """One record."""
    found = call.ready()
    request = _object(strict.loads(call.body))
    rows = _rows(found.bundle.signature, [_arguments(request)])
    return Asked(found, rows, partial(_evaluated, found, request.get("id")))


def _evaluated(found: Ready, identity: Any, answers: dict[str, Array]) -> Reply:
    return _reply(_response(identity, _results(found.bundle.signature, answers)[0]))


def batch(call: Call) -> Reply:
    """Many records; one that fails has a message, and the others have their results."""
    found = call.ready()
    asked = _object(strict.loads(call.body))
    requests = asked.get("requests")
    if not isinstance(requests, list):
        raise MalformedError("there are no requests", mend="Send an array of requests")
    objects = [_object(each) for each in requests]
    answered = _isolated(found, [_arguments(each) for each in objects], iter(range(MAX_FAULTS)))
    call.rows = len(objects)
    responses = [
        _response(request.get("id"), said) for request, said in zip(objects, answered, strict=True)
    ]
    return _reply(_response(asked.get("id"), {"responses": responses}))


def _isolated(
    found: Ready, records: list[strict.Record], budget: Iterator[int]
) -> list[dict[str, Any]]:
    """Results for each record, or its message: halved until what is wrong stands alone."""
    signature = found.bundle.signature
    try:
        return _results(signature, found.engine.run(_rows(signature, records)))
    except InputError as error:
        half = len(records) // 2
        if half == 0:
            return [_message(error, budget)]
        first = _isolated(found, records[:half], budget)
        return first + _isolated(found, records[half:], budget)


def _message(error: InputError, budget: Iterator[int]) -> dict[str, Any]:
    if next(budget, None) is None:
        raise MalformedError(
            f"over {MAX_FAULTS} records of the batch are wrong", mend="Send fewer at a time"
        )
    return {"message": replace(fault_of(error), row=None).sentence}


def evaluate_csv(call: Call) -> Asked:
    """A table with a header; all rows or none."""
    found = call.ready()
    table = Table.read(call.body, call.scope["query_string"])
    rows = table.rows(found.bundle.signature)
    return Asked(found, rows, partial(_tabled, found, table))


def _tabled(found: Ready, table: Table, answers: dict[str, Array]) -> Reply:
    signature = found.bundle.signature
    names = [name for each in signature.outputs for name in field_names(each)]
    rows = [said["results"].values() for said in _results(signature, answers)]
    headers = (*_APPLICATION, ("Content-Disposition", "attachment; filename=results.csv"))
    return Reply(table.write(names, rows), 200, "text/plain; charset=UTF-8", headers)


def refuse(_: Call) -> Reply:
    """Deployment: what is served stands under artifacts/, where it was proven."""
    said = "Models are not deployed or downloaded here. Publish a bundle under artifacts/"
    return _reply({"message": said}, 403)


def _rows(signature: Signature, records: list[strict.Record]) -> Arrays:
    return from_json(signature, [_row(signature, each, i) for i, each in enumerate(records)])


def _row(signature: Signature, record: strict.Record, row: int) -> strict.Record:
    """Every column of the signature, and the record's strictness."""
    absent = signature.by_name.keys() - record.keys()
    if absent and record.keys() - signature.by_name.keys():
        # Both at once is a name that was misspelt: nobody meant that value to be missing.
        return record
    whole = strict.Record(
        (column.name, _value(record.get(column.name), column, row)) for column in signature.columns
    )
    whole.repeated = record.repeated
    return whole


def _value(value: Any, column: Column, row: int) -> Any:
    if isinstance(value, str) and column.kind == "number" and value:
        return value_of(value, column, row)
    return value


def _arguments(request: strict.Record) -> strict.Record:
    arguments = request.get("arguments", strict.Record())
    if not isinstance(arguments, strict.Record):
        raise MalformedError("the arguments are not an object", mend="Name each argument")
    return arguments


def _object(value: Any) -> strict.Record:
    if not isinstance(value, strict.Record):
        raise MalformedError("a request is not an object", mend="Send an object with arguments")
    if value.repeated is not None:
        raise MalformedError("a member of the request stands twice", mend="Send it once")
    if not isinstance(value.get("id"), str | None):
        raise MalformedError("an id is not text", mend="Send a string")
    return value


def _results(signature: Signature, answers: dict[str, Array]) -> list[dict[str, Any]]:
    """For each row its fields. Raises InputError where JSON cannot say a number."""
    check_finite(signature, answers)
    names: list[str] = []
    columns: list[list[Any]] = []
    for output in signature.outputs:
        values = answers[output.name]
        fields = field_names(output)
        shown = with_nulls(values) if output.nullable else values
        shown = shown.reshape(len(values), len(fields))  # -1 is not told where there are no rows
        names += fields
        columns += shown.T.tolist()
    return [{"results": dict(zip(names, row, strict=True))} for row in zip(*columns, strict=True)]


def _response(identity: Any, said: dict[str, Any]) -> dict[str, Any]:
    return said if identity is None else {"id": identity, **said}


def _summary(found: Ready) -> dict[str, Any]:
    manifest = found.bundle.manifest
    function = _FUNCTIONS.get(manifest.task)
    file = manifest.files.get("model.pmml")
    properties = {"created.timestamp": manifest.created, "model.version": str(found.version)}
    if file is not None:
        properties["file.checksum"] = file.sha256
    return {
        "id": found.name,
        **({"miningFunction": function} if function else {}),
        "summary": manifest.source.estimator,
        "properties": properties,
    }


def _input(column: Column) -> dict[str, Any]:
    if column.kind == "text":
        return _field(column.name, "string", "categorical", column.categories)
    ends = (column.minimum, column.maximum)
    values = () if None in ends else (f"[{ends[0]!r}, {ends[1]!r}]",)
    return _field(column.name, "double", "continuous", values)


def _is_target(output: Output) -> bool:
    return output.width is None and output.name in ("label", "prediction", "cluster")


def _fields(output: Output) -> list[dict[str, Any]]:
    kind = _DATA_TYPES.get(output.datatype, "string")
    operation = "continuous" if kind in ("double", "float") else "categorical"
    values = output.names if output.width is None else ()
    return [_field(name, kind, operation, values) for name in field_names(output)]


def _field(name: str, data_type: str, operation: str, values: Any) -> dict[str, Any]:
    known = {"values": [spelt(each) for each in values]} if values else {}
    return {"id": name, "dataType": data_type, "opType": operation, **known}


def _reply(content: Any, status: int = 200) -> Reply:
    return Reply(encoded(content), status, headers=_APPLICATION)


def error(fault: Fault) -> Reply:
    """`message`, as SimpleResponse.java has it; rows that are not accepted are 400."""
    status = 400 if fault.status == HTTPStatus.UNPROCESSABLE_ENTITY else fault.status
    headers = (*_APPLICATION, *fault.headers)
    return Reply(encoded({"message": fault.sentence}), status, headers=headers)


_ROOTS = ("/openscoring/model", "/model")

DOOR = Door(
    name="openscoring",
    routes=tuple(
        route
        for root in _ROOTS
        for route in (
            Route(path=root, handler=models),
            Route(path=f"{root}/{{name}}", handler=model),
            Route(path=f"{root}/{{name}}", handler=evaluate, methods=("POST",)),
            Route(
                path=f"{root}/{{name}}", handler=refuse, methods=("PUT", "DELETE"), scope="admin"
            ),
            Route(path=f"{root}/{{name}}/batch", handler=batch, methods=("POST",)),
            Route(path=f"{root}/{{name}}/csv", handler=evaluate_csv, methods=("POST",)),
            Route(path=f"{root}/{{name}}/pmml", handler=refuse),
        )
    ),
    fault=error,
    prefix="/openscoring",
)
