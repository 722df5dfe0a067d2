"""Rows and answers as `instances` and `predictions`: what V1, Vertex AI and Azure ML share.

Source: TensorFlow Serving's REST API (api_rest.md, util/json_tensor.cc), which the others took up.
A model's columns are its named inputs; a block of the signature (`X`) may be sent as one tensor.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from typing import Any

import msgspec

from bundle.arrays import Arrays
from bundle.errors import InputError
from bundle.signature import Column, Signature
from runtime import strict
from runtime.answers import check_finite, chosen_outputs, listed
from runtime.bounds import paced
from runtime.chosen import by_default, by_method
from runtime.errors import MalformedError
from runtime.repository import Ready
from runtime.rows import from_columns, from_json


def from_instances(found: Ready, value: Any) -> Arrays:
    """Blocks for a list of rows: lists in order, records, or values where one column is due.

    `value` is the bytes of an array, or a value of `runtime.strict`. Raises InputError.
    """
    if isinstance(value, bytes):
        plain = found.forms.plain_rows(value)
        if plain is not None:
            return plain
        value = strict.loads(value)
    if not isinstance(value, list):
        raise MalformedError("the rows are not an array", mend="Send an array of rows")
    signature = found.bundle.signature
    rows = [_row(signature, each, row) for row, each in paced(value)]
    return from_json(signature, rows, lists=True)


def from_inputs(found: Ready, value: Any) -> Arrays:
    """Blocks for columns by name, for tensors by the name of their block, or for one tensor."""
    if isinstance(value, bytes):
        plain = found.forms.plain_columns(value)
        if plain is not None:
            return plain
    parsed = strict.loads(value) if isinstance(value, bytes) else value
    if not isinstance(parsed, strict.Record):
        return from_instances(found, value)
    signature = found.bundle.signature
    if _is_blocks(signature, parsed):
        return from_instances(found, list(_unrolled(parsed)))
    columns = strict.Record(parsed)
    columns.repeated = parsed.repeated
    for name in columns.keys() & signature.by_name.keys():
        if isinstance(columns[name], list):
            cells = enumerate(columns[name])
            columns[name] = [_cell(signature.by_name[name], each, row) for row, each in cells]
    return from_columns(signature, columns)


def chosen(signature: Signature, parameters: Any) -> list[str]:
    """The outputs that `parameters` ask for: `{"outputs": [names]}` or `{"method": name}`.

    Without them what the model's `predict` answers. Raises InputError.
    """
    if parameters is None or parameters == {}:
        return by_default(signature)
    if not isinstance(parameters, dict) or len(parameters) > 1:
        raise MalformedError("the parameters are not one of outputs and method", mend=_mend())
    ((name, value),) = parameters.items()
    if name == "outputs":
        names = value if isinstance(value, list) else [value]
        if not all(isinstance(each, str) for each in names):
            raise MalformedError("the outputs are not names", mend="Send a list of outputs")
        return chosen_outputs(signature, names)
    if name == "method" and isinstance(value, str):
        return by_method(signature, value)
    raise MalformedError("the parameters are not one of outputs and method", mend=_mend())


def said(signature: Signature, answers: Arrays, *, by_row: bool = True) -> Any:
    """Bare values where one output was asked for, else objects by output name.

    Raises InputError where JSON cannot say a number.
    """
    check_finite(signature, answers)
    columns = {name: _values(signature, name, answers) for name in answers}
    if len(columns) == 1:
        return next(iter(columns.values()))
    if not by_row:
        return columns
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def encoded(content: Any) -> bytes:
    """JSON, of Python floats: the shortest text that reads back to the same bits."""
    return msgspec.json.encode(content)


def _values(signature: Signature, name: str, answers: Arrays) -> list[Any]:
    return listed(signature.output(name), answers[name])


def _mend() -> str:
    return 'Send {"outputs": [names]} or {"method": "predict"}'


def _row(signature: Signature, value: Any, row: int) -> Any:
    """A row as `from_json` takes it: tensors unrolled, base64 decoded, a value alone as a list."""
    columns = signature.columns
    if isinstance(value, strict.Record) and _is_blocks(signature, value):
        return _by_column(signature, value, row)
    alone = len(columns) == 1 and not isinstance(value, list)
    if alone and not (isinstance(value, strict.Record) and columns[0].name in value):
        return [_cell(columns[0], value, row)]
    if isinstance(value, list) and len(value) == len(columns):
        return [_cell(column, each, row) for column, each in zip(columns, value, strict=True)]
    if isinstance(value, strict.Record):
        for name in value.keys() & signature.by_name.keys():
            value[name] = _cell(signature.by_name[name], value[name], row)
    return value


def _is_blocks(signature: Signature, value: strict.Record) -> bool:
    names = {block.name for block in signature.inputs}
    return value.keys() == names and value.keys() != signature.by_name.keys()


def _by_column(signature: Signature, tensors: strict.Record, row: int) -> strict.Record:
    """One row of named tensors, as a record of columns."""
    record = strict.Record()
    record.repeated = tensors.repeated
    for block in signature.inputs:
        values = tensors[block.name]
        if not isinstance(values, list) or len(values) != len(block.columns):
            raise InputError(
                f"the input {block.name!r} has another shape",
                row=row,
                mend=f"Send {len(block.columns)} values in each row",
            )
        for name, value in zip(block.columns, values, strict=True):
            record[name] = _cell(signature.by_name[name], value, row)
    return record


def _unrolled(tensors: strict.Record) -> Iterator[strict.Record]:
    """Tensors [rows, width] by name, row by row."""
    if tensors.repeated is not None:
        raise MalformedError("an input stands twice", mend="Send it once")
    if not all(isinstance(each, list) for each in tensors.values()):
        raise MalformedError("an input is not an array", mend="Send an array of rows")
    if len({len(each) for each in tensors.values()}) != 1:
        raise InputError("the inputs have different numbers of rows", mend="Send as many in each")
    for row in zip(*tensors.values(), strict=True):
        yield strict.Record(zip(tensors, row, strict=True))


def _cell(column: Column, value: Any, row: int) -> Any:
    """The text in `{"b64": ...}`, where text is due; anything else as it is."""
    if column.kind != "text" or not isinstance(value, strict.Record) or value.keys() != {"b64"}:
        return value
    try:
        return base64.b64decode(value["b64"], validate=True).decode()
    except (TypeError, ValueError, binascii.Error) as error:
        raise InputError(
            "the value is not UTF-8 in base64",
            row=row,
            column=column.name,
            mend='Send a string, or {"b64": "..."} of UTF-8',
        ) from error
