"""Every door as a way to ask: rows of a bundle in, its answers out, as its clients do it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import numpy as np

from bundle.arrays import DTYPES, MISSING_TEXT, Array, Arrays, plain
from bundle.signature import Output
from isomorph import Bundle
from parity.columns import records

Ask = Callable[[httpx.Client, Bundle, Arrays], Arrays]


def native(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Records of named values."""
    sent = list(records(bundle.signature, rows))
    answer = posted(client, f"{_model(bundle)}/predict", json=sent)
    found = answer.json()["predictions"]
    return {
        output.name: as_array(output, [named(output, each[output.name]) for each in found])
        for output in bundle.signature.outputs
    }


def v2(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """One tensor for each block."""
    inputs = [
        {
            "name": block.name,
            "datatype": block.datatype,
            "shape": list(rows[block.name].shape),
            "data": [plain(value) for value in rows[block.name].ravel().tolist()],
        }
        for block in bundle.signature.inputs
    ]
    answer = posted(client, f"/v2{_model(bundle)}/infer", json={"inputs": inputs}).json()
    return {
        each["name"]: as_array(bundle.signature.output(each["name"]), each["data"]).reshape(
            each["shape"]
        )
        for each in answer["outputs"]
    }


DOORS: dict[str, Ask] = {
    "native": native,
    "v2": v2,
}


def posted(client: httpx.Client, path: str, **content: Any) -> httpx.Response:
    """The answer to a POST that is right."""
    answer = client.post(path, **content)
    assert answer.status_code == 200, answer.text
    return answer


def named(output: Output, value: Any) -> Any:
    """One row's answer to an output, without the names of its columns."""
    if output.width is None or output.names is None:
        return value
    return [value[str(name)] for name in output.names]


def as_array(output: Output, values: list[Any]) -> Array:
    """Answers to an output as the array that `bundle.predict` gives."""
    found = np.array(values, dtype=DTYPES[output.datatype])
    if output.datatype == "BYTES":
        found[found == None] = MISSING_TEXT  # noqa: E711 - element by element
    return found


def _model(bundle: Bundle) -> str:
    return f"/models/{bundle.manifest.name}/versions/{bundle.manifest.version}"
