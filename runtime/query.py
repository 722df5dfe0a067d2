"""A query string into one row: `?bill_length_mm=39.1&island=Biscoe`."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

from bundle.arrays import Arrays
from bundle.errors import InputError
from bundle.signature import Column, Signature
from runtime import strict
from runtime.errors import MalformedError
from runtime.rows import from_json

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")


def from_query(signature: Signature, query: bytes) -> Arrays:
    """One row; an empty value is a missing one. Raises InputError."""
    try:
        pairs = parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError as error:
        raise MalformedError("the query is not UTF-8 in percent form") from error
    record = strict.Record()
    for name, text in pairs:
        if name in record:
            record.repeated = record.repeated or name
        column = signature.by_name.get(name)
        record[name] = text if column is None else value_of(text, column)
    return from_json(signature, [record])


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
