"""The first golden row as a record: an example that is known to work."""

from __future__ import annotations

from typing import Any

from bundle.arrays import is_missing
from bundle.golden import decode
from bundle.reader import Bundle


def first_record(bundle: Bundle) -> dict[str, Any]:
    """Column name to value, in the order of the signature; empty if there are no golden rows."""
    rows, _ = decode(bundle.files["golden.json"])
    found: dict[str, Any] = {}
    for block in bundle.signature.inputs:
        if len(rows[block.name]):
            found |= zip(block.columns, rows[block.name][0].tolist(), strict=True)
    return {
        column.name: _plain(found[column.name], column.dtype)
        for column in bundle.signature.columns
        if column.name in found
    }


def _plain(value: Any, dtype: str) -> Any:
    if is_missing(value):
        return None
    if dtype == "bool":
        return bool(value)
    # An integer column reads better as 3 than as 3.0, and is the same float64.
    return int(value) if dtype.startswith(("int", "uint")) and value == int(value) else value
