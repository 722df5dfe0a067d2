"""MLflow's scoring protocol: its JSON into rows, its errors.

Source: mlflow/pyfunc/scoring_server/__init__.py and utils/proto_json_utils.py of MLflow 3.17. Its
client writes a missing value of a frame as the token NaN, so that is one here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec

from bundle.arrays import Arrays
from bundle.errors import InputError
from bundle.signature import Signature
from runtime import chosen, strict
from runtime.door import Call, Reply
from runtime.doors import sagemaker
from runtime.envelope import members
from runtime.errors import MalformedError
from runtime.faults import Fault
from runtime.records import quotes
from runtime.repository import Ready
from runtime.rows import from_columns, from_json
from runtime.strict import Record


class _Split(msgspec.Struct, forbid_unknown_fields=True):
    """A frame as pandas splits it; its rows, and its index, stay as they came."""

    columns: list[str]
    data: msgspec.Raw
    index: msgspec.Raw = msgspec.Raw()


_MEMBERS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_SPLIT = msgspec.json.Decoder(_Split)
VERSION = "3.17.2"  # of the protocol's source; clients compare nothing with it, and some print it

_CODES = {
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "RESOURCE_DOES_NOT_EXIST",
    409: "RESOURCE_CONFLICT",
    422: "INVALID_PARAMETER_VALUE",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL_ERROR",
    501: "NOT_IMPLEMENTED",
    503: "TEMPORARILY_UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}


def version(_: Call) -> Reply:
    """The version of MLflow whose protocol this is; MLflow calls the text JSON too."""
    return Reply(VERSION.encode())


def error(fault: Fault) -> Reply:
    """An MLflow error: a body of the wrong type is told so in plain text, all else in JSON."""
    if fault.status == HTTPStatus.UNSUPPORTED_MEDIA_TYPE:
        text = fault.sentence.encode()
        return Reply(text, fault.status, "text/plain; charset=utf-8", fault.headers)
    code = _CODES.get(fault.status, "BAD_REQUEST")
    status = 400 if fault.status == HTTPStatus.UNPROCESSABLE_ENTITY else fault.status
    body = msgspec.json.encode({"error_code": code, "message": fault.sentence})
    return Reply(body, status, headers=fault.headers)


def read_json(found: Ready, body: bytes) -> tuple[Arrays, Sequence[str] | None]:
    """Rows in one of the four forms, and the outputs that `params` asks for. Raises InputError."""
    plain = _plain(found, body)
    if plain is not None:
        return plain, None
    # Rows stay bytes for the fast road, unless some stand there that are no JSON.
    asked = strict.loads(body, nan=True) if b"NaN" in body else members(body, *_FORMS)
    forms = _FORMS.keys() & asked.keys() if isinstance(asked, dict) else ()
    if len(forms) != 1:
        raise MalformedError(
            "the body is not one of MLflow's forms",
            mend=f"Send a JSON object with exactly one of: {', '.join(_FORMS)}",
        )
    form = next(iter(forms))
    _check_members(asked, {form, "params"}, "the request")
    outputs = _outputs(found.bundle.signature, asked.get("params"))
    value, read = asked[form], _FORMS[form]
    rows = read.fast(found, value) if isinstance(value, bytes) else None
    if rows is None:
        parsed = strict.loads(value) if isinstance(value, bytes) else value
        rows = read.slow(found.bundle.signature, parsed)
    return rows, outputs


def _plain(found: Ready, body: bytes) -> Arrays | None:
    """Rows that are plainly right, and the only member; None where the slow road must look."""
    try:
        members = _MEMBERS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    (form, raw), *others = members.items() or ((None, b""),)
    if others or form not in _FORMS:
        return None
    value = bytes(raw)
    rows = _FORMS[form].fast(found, value)
    # Two quotes more are those of its name; others would be a member's that was sent twice.
    return rows if rows is not None and quotes(body) == quotes(value) + 2 else None


def _check_members(value: Any, known: set[str], what: str) -> None:
    if not isinstance(value, dict):
        raise MalformedError(f"{what} is not an object", mend=f"Known in it: {_listed(known)}")
    if isinstance(value, Record) and value.repeated is not None:
        raise MalformedError(f"a member of {what} stands twice", mend="Send it once")
    if value.keys() - known:
        raise MalformedError(
            f"{what} has a member that is not supported", mend=f"Known in it: {_listed(known)}"
        )


def _listed(names: set[str]) -> str:
    return ", ".join(sorted(names))


def _fast_split(found: Ready, table: bytes) -> Arrays | None:
    """The model's own columns in their order."""
    try:
        asked = _SPLIT.decode(table)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    data, index = bytes(asked.data), bytes(asked.index)
    names = 2 + len(asked.columns) + (1 if index else 0)
    if (
        asked.columns != list(found.bundle.signature.by_name)
        or _first(data) != b"["
        or quotes(table) != quotes(data) + quotes(index) + 2 * names
    ):
        return None
    return found.forms.plain_lists(data)


def _fast_records(found: Ready, rows: bytes) -> Arrays | None:
    return found.forms.plain_rows(rows) if _first(rows) == b"{" else None


def _fast_rows(found: Ready, rows: bytes) -> Arrays | None:
    return found.forms.plain_rows(rows)


def _fast_inputs(found: Ready, value: bytes) -> Arrays | None:
    if value[:1] == b"{":
        return found.forms.plain_columns(value)
    return found.forms.plain_rows(value)


def _first(rows: bytes) -> bytes:
    """How the first of an array's elements begins."""
    return rows[1:].lstrip(b" \t\r\n")[:1] if rows[:1] == b"[" else b""


def _split(signature: Signature, table: Any) -> Arrays:
    """{"columns", "index", "data"}, as pandas splits a frame; the index says nothing."""
    _check_members(table, {"columns", "index", "data"}, "dataframe_split")
    data, names = table.get("data"), table.get("columns")
    if not isinstance(data, list):
        raise MalformedError("dataframe_split has no list of data", mend="Send a list of rows")
    if names is None:
        return from_json(signature, data, lists=True)
    places = _places(signature, names)
    for row, values in enumerate(data):
        if not isinstance(values, list) or len(values) != len(names):
            raise InputError(
                "the row is not a list of one value for each of the columns",
                row=row,
                mend=f"Send {len(names)} values in each row",
            )
    return from_json(signature, [[row[i] for i in places] for row in data], lists=True)


def _places(signature: Signature, names: Any) -> list[int]:
    """Where each of the model's columns stands among `names`; others are left aside, as MLflow."""
    if not isinstance(names, list) or not all(isinstance(each, str | int) for each in names):
        raise MalformedError("the columns are not a list of names", mend="Send their names")
    texts = [str(each) for each in names]
    if not signature.named and texts == [str(i) for i in range(len(signature.columns))]:
        return list(range(len(texts)))  # how pandas calls the columns of an array
    for name in signature.by_name:
        if texts.count(name) != 1:
            fault = "the column stands twice" if name in texts else "the column is missing"
            raise InputError(fault, column=name, mend="Send every column once")
    return [texts.index(name) for name in signature.by_name]


def _records(signature: Signature, rows: Any) -> Arrays:
    _check_list(rows)
    return from_json(signature, [_known(signature, each) for each in rows], lists=False)


def _instances(signature: Signature, rows: Any) -> Arrays:
    """Rows as TensorFlow Serving has them, or as SageMaker's own algorithms have."""
    _check_list(rows)
    return from_json(
        signature,
        [_known(signature, sagemaker.row(signature, each, i)) for i, each in enumerate(rows)],
        lists=True,
    )


def _inputs(signature: Signature, value: Any) -> Arrays:
    """A matrix of rows, or an object of columns; one of single values is one row."""
    if not isinstance(value, Record):
        return _instances(signature, value)
    columns = _known(signature, value)
    if columns and not any(isinstance(each, list) for each in columns.values()):
        return from_json(signature, [columns])
    return from_columns(signature, columns)


def _check_list(rows: Any) -> None:
    if not isinstance(rows, list):
        raise MalformedError("the rows are not a list", mend="Send a list of rows")


def _known(signature: Signature, row: Any) -> Any:
    """The row without what the model has no column for: MLflow's clients send whole frames.

    All of the model's columns are due, so a name that is misspelt is still missed.
    """
    if not isinstance(row, Record) or row.keys() <= signature.by_name.keys():
        return row
    known = Record((name, row[name]) for name in signature.by_name if name in row)
    known.repeated = row.repeated
    return known


def _outputs(signature: Signature, params: Any) -> Sequence[str] | None:
    if params is None:
        return None
    _check_members(params, {"outputs", "predict_method"}, "params")
    if len(params) > 1:
        raise MalformedError("params has both its members", mend="Send one of them")
    if "predict_method" in params:
        return chosen.by_method(signature, str(params["predict_method"]))
    asked = params.get("outputs")
    names = [asked] if isinstance(asked, str) else asked
    if not isinstance(names, list | None) or not all(isinstance(n, str) for n in names or ()):
        raise MalformedError("params.outputs is not a list of names", mend="Send their names")
    return names or None


class _Form(NamedTuple):
    """`fast` takes what is plainly right, as it came; `slow` names what is wrong."""

    fast: Callable[[Ready, bytes], Arrays | None]
    slow: Callable[[Signature, Any], Arrays]


_FORMS = {
    "dataframe_split": _Form(_fast_split, _split),
    "dataframe_records": _Form(_fast_records, _records),
    "instances": _Form(_fast_rows, _instances),
    "inputs": _Form(_fast_inputs, _inputs),
}
