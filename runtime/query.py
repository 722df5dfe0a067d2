"""A query string into one row: `?bill_length_mm=39.1&island=Biscoe`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from bundle.arrays import Arrays
from bundle.errors import InputError
from bundle.signature import Column, Signature
from runtime import strict
from runtime.answers import chosen_outputs
from runtime.errors import MalformedError
from runtime.rows import from_json

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


OUTPUTS = "outputs"


def pairs(query: bytes) -> list[tuple[str, str]]:
    """Names and values, in order. Raises MalformedError."""
    try:
        return parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise MalformedError("the query is not UTF-8 in percent form") from error


def only_outputs(signature: Signature, query: bytes) -> list[str] | None:
    """The outputs that a query without columns asks for; None means all. Raises InputError."""
    given = pairs(query)
    if any(name != OUTPUTS for name, _ in given):
        raise MalformedError("the address takes no such parameter", mend=f"It takes: {OUTPUTS}")
    return _outputs(signature, given)


def from_query(signature: Signature, query: bytes) -> tuple[Arrays, list[str] | None]:
    """One row, and the outputs asked for. Raises InputError.

    A value that is missing is empty, or left out: a query has no null. Where the model has a
    column called `outputs`, that is the column.
    """
    given = pairs(query)
    choice = [] if OUTPUTS in signature.by_name else [p for p in given if p[0] == OUTPUTS]
    record = strict.Record()
    for name, text in given:
        if choice and name == OUTPUTS:
            continue
        if name in record:
            record.repeated = record.repeated or name
        column = signature.by_name.get(name)
        record[name] = text if column is None else value_of(text, column)
    for column in signature.columns:
        if column.nullable:
            record.setdefault(column.name, None)
    return from_json(signature, [record]), _outputs(signature, choice)


def _outputs(signature: Signature, given: list[tuple[str, str]]) -> list[str] | None:
    """`outputs=a&outputs=b`, or `outputs=a,b`."""
    names = [name for _, text in given for name in text.split(",")]
    return chosen_outputs(signature, names) if given else None


def value_of(text: str, column: Column, row: int = 0) -> Any:
    """What `text` spells for this column; empty is missing. Raises InputError."""
    if text == "":
        return None
    if column.kind == "text":
        return text
    if column.dtype == "bool" and text in ("true", "false"):
        return text == "true"
    found = _NUMBER.fullmatch(text)
    if found is None:
        raise InputError(
            "a number is due here",
            row=row,
            column=column.name,
            mend="Write it as JSON does, such as 39.1 or 1e-3",
        )
    return strict.number(text) if found[1] or found[2] else strict.integer(text)
