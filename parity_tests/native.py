"""Every form of the native door as a way to ask."""

from __future__ import annotations

from typing import Any

import httpx

from bundle.arrays import Arrays
from isomorph import Bundle
from parity.columns import records
from parity_tests.asking import Ask, as_array, named, posted


def native(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Records of named values."""
    return _posted(client, bundle, list(records(bundle.signature, rows)))


def native_columns(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """One list for each column."""
    sent = list(records(bundle.signature, rows))
    names = bundle.signature.by_name
    return _posted(
        client, bundle, {"columns": {name: [row[name] for row in sent] for name in names}}
    )


def native_table(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Lists below the columns' names."""
    sent = [list(row.values()) for row in records(bundle.signature, rows)]
    return _posted(client, bundle, {"columns": list(bundle.signature.by_name), "rows": sent})


def native_shuffled_table(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """The same with the last column first."""
    names = list(reversed(bundle.signature.by_name))
    sent = [[row[name] for name in names] for row in records(bundle.signature, rows)]
    return _posted(client, bundle, {"columns": names, "rows": sent})


def native_query(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """GET, one row at a time; what is missing is left out."""
    answers = []
    for row in records(bundle.signature, rows):
        query = {name: _text(value) for name, value in row.items() if value is not None}
        answer = client.get(_address(bundle), params=query)
        assert answer.status_code == 200, answer.text
        answers.append(answer.json())
    return _arrays(bundle, answers)


def native_outputs(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Records, once for each output, which alone is asked for."""
    sent, found = list(records(bundle.signature, rows)), {}
    for output in bundle.signature.outputs:
        query = {"outputs": output.name}
        answer = posted(client, _address(bundle), json=sent, params=query).json()["predictions"]
        assert all(list(each) == [output.name] for each in answer)
        found[output.name] = as_array(output, [named(output, each[output.name]) for each in answer])
    return found


NATIVE: dict[str, Ask] = {
    "native": native,
    "native columns": native_columns,
    "native table": native_table,
    "native table, other order": native_shuffled_table,
    "native GET": native_query,
    "native, chosen outputs": native_outputs,
}


def _posted(client: httpx.Client, bundle: Bundle, body: Any) -> Arrays:
    return _arrays(bundle, posted(client, _address(bundle), json=body).json()["predictions"])


def _arrays(bundle: Bundle, answers: list[dict[str, Any]]) -> Arrays:
    return {
        output.name: as_array(output, [named(output, each[output.name]) for each in answers])
        for output in bundle.signature.outputs
    }


def _text(value: Any) -> str:
    """A cell in a query: as JSON has it, texts without quotes."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _address(bundle: Bundle) -> str:
    return f"/models/{bundle.manifest.name}/versions/{bundle.manifest.version}/predict"
