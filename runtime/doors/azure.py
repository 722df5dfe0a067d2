"""Azure ML: `/score` and the forms of body that its scoring scripts take. It only translates.

Sources: azureml-inference-server-http (server/routes.py: addresses, error shape), the scripts that
Azure ML generates for AutoML (`Inputs`) and for MLflow models (`input_data`), and the entry script
of its documentation (`data`). All of them answer what `predict` answers, as a list.
`GET /` is the page's (`runtime.doors.page`).
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from bundle.arrays import Array, Arrays
from bundle.signature import Signature
from runtime import strict
from runtime.door import Asked, Call, Door, Reply, Route
from runtime.doors.azure_swagger import VERSIONS, describe
from runtime.envelope import known, members
from runtime.errors import MalformedError
from runtime.faults import Fault
from runtime.instances import chosen, encoded, from_inputs, from_instances, said
from runtime.repository import Ready
from runtime.rows import from_table

# The member that holds the rows, and the one beside it that chooses what is answered.
_FORMS = {"input_data": "params", "Inputs": "GlobalParameters", "data": "method"}


def score(call: Call) -> Asked:
    """Rows in any of the forms; a list with a value for each row."""
    found = call.ready()
    signature = found.bundle.signature
    if call.body.lstrip(b" \t\r\n")[:1] == b"[":
        return Asked(
            found, from_instances(found, call.body.strip()), _reply(found), chosen(signature, None)
        )
    asked = members(call.body, *_FORMS)
    forms = [name for name in _FORMS if name in asked and name not in signature.by_name]
    if not forms or "columns" in asked:
        rows = _table(found, strict.loads(call.body))
        return Asked(found, rows, _reply(found), chosen(signature, None))
    form = forms[0]
    known(asked, form, _FORMS[form])
    rows = _table(found, _inner(asked[form]) if form == "Inputs" else asked[form])
    outputs = chosen(signature, _parameters(form, asked.get(_FORMS[form])))
    return Asked(found, rows, _reply(found, results=form == "Inputs"), outputs)


def _reply(found: Ready, *, results: bool = False) -> Any:
    return partial(_scored, found, results)


def _scored(found: Ready, results: bool, answers: dict[str, Array]) -> Reply:  # noqa: FBT001
    values = said(found.bundle.signature, answers)
    return Reply(encoded({"Results": values} if results else values))


def _inner(value: Any) -> Any:
    """AutoML wraps the rows once more, in `data`."""
    if isinstance(value, bytes):
        if value[:1] == b"[":
            return value
        value = members(value, "data")
    if isinstance(value, dict) and "data" in value:
        known(value, "data")
        return value["data"]
    return value


def _parameters(form: str, value: Any) -> Any:
    """As `chosen` takes them: AutoML's older script has the method alone, designers send 0.0."""
    if form == "data":
        return None if value is None else {"method": value}
    return None if form == "Inputs" and isinstance(value, int | float) else value


def _table(found: Ready, value: Any) -> Arrays:
    """An array of rows, columns and rows apart, a list for each column, or one record."""
    if isinstance(value, bytes) and value[:1] == b"[":
        return from_instances(found, value)
    parsed = strict.loads(value) if isinstance(value, bytes) else value
    if isinstance(parsed, list):
        return from_instances(found, parsed)
    if not isinstance(parsed, strict.Record):
        raise MalformedError("the rows are neither an array nor an object", mend="Send an array")
    names = found.bundle.signature.by_name
    if {"columns", "data"} <= parsed.keys() and not {"columns", "data"} <= names.keys():
        return _split(found.bundle.signature, parsed)
    if any(isinstance(each, list) for each in parsed.values()):
        return from_inputs(found, parsed)
    return from_instances(found, [parsed])


def _split(signature: Signature, table: strict.Record) -> Arrays:
    """Blocks of `{"columns", "index", "data"}`."""
    if table.repeated is not None:
        raise MalformedError("a member of the request stands twice", mend="Send it once")
    known(table, "columns", "index", "data")
    names = table["columns"]
    if names == list(range(len(signature.columns))):  # so a frame counts that had no names
        names = list(signature.by_name)
    return from_table(signature, names, table["data"])


def swagger(call: Call) -> Reply:
    """The description of `/score`, in the version asked for; Azure's default is 2."""
    query = parse_qs(call.scope["query_string"].decode("latin-1"))
    version = query.get("version", ["2"])[-1]
    if version not in VERSIONS:
        return _message(f"There is no such version. There are: {', '.join(VERSIONS)}", 404)
    return Reply(encoded(describe(call.ready(), version)))


def error(fault: Fault) -> Reply:
    """`message`, as Azure's server says it; rows that are not accepted are 400."""
    status = 400 if fault.status == HTTPStatus.UNPROCESSABLE_ENTITY else fault.status
    reply = _message(fault.sentence, status)
    reply.headers = fault.headers
    return reply


def _message(text: str, status: int) -> Reply:
    return Reply(encoded({"message": text}), status)


DOOR = Door(
    name="azure",
    routes=(
        Route(path="/score", handler=score, methods=("POST",)),
        Route(path="/swagger.json", handler=swagger),
    ),
    fault=error,
)
