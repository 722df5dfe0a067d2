"""Every door as a way to ask: rows of a bundle in, its answers out, as its clients do it."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bundle.arrays import DTYPES, MISSING_TEXT, Array, Arrays, plain
from bundle.pmml_fields import field_names
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


def bulk(address: str, kind: str) -> Ask:
    """A table, as pyarrow reads and writes it; `address` is what stands before /models."""

    def ask(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
        sent = pa.Table.from_pylist(
            list(records(bundle.signature, rows)), schema=table_schema(bundle)
        )
        path, action = address.split(" ")
        answer = posted(
            client,
            f"{path}{_model(bundle)}/{action}",
            content=written(sent, kind),
            headers={"Content-Type": f"application/vnd.apache.{kind}"},
        )
        found = read(answer.content, kind)
        return {
            output.name: from_table(output, [found[name] for name in field_names(output)])
            for output in bundle.signature.outputs
        }

    return ask


DOORS: dict[str, Ask] = {
    "native": native,
    "v2": v2,
    "arrow": bulk(" predict", "arrow.stream"),
    "parquet": bulk(" predict", "parquet"),
    "v2 arrow": bulk("/v2 infer", "arrow.stream"),
    "v2 parquet": bulk("/v2 infer", "parquet"),
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


def table_schema(bundle: Bundle) -> pa.Schema:
    """Float64 and string columns for the rows of a bundle."""
    types = {"text": pa.string(), "number": pa.float64()}
    return pa.schema(
        [
            (column.name, pa.bool_() if column.dtype == "bool" else types[column.kind])
            for column in bundle.signature.columns
        ]
    )


def written(table: pa.Table, kind: str) -> bytes:
    """A table as an Arrow IPC stream, or as Parquet."""
    content = io.BytesIO()
    if kind == "parquet":
        pq.write_table(table, content)
    else:
        with pa.ipc.new_stream(content, table.schema) as stream:
            stream.write_table(table)
    return content.getvalue()


def read(content: bytes, kind: str) -> pa.Table:
    """The table in an answer."""
    if kind == "parquet":
        return pq.read_table(io.BytesIO(content))
    return pa.ipc.open_stream(content).read_all()


def from_table(output: Output, columns: list[pa.ChunkedArray]) -> Array:
    """The columns of an output as the array that `bundle.predict` gives; null is missing."""
    missing = MISSING_TEXT if output.datatype == "BYTES" else float("nan")
    lists = [[missing if v is None else v for v in column.to_pylist()] for column in columns]
    found = [np.array(values, dtype=DTYPES[output.datatype]) for values in lists]
    return found[0] if output.width is None else np.column_stack(found)


def _model(bundle: Bundle) -> str:
    return f"/models/{bundle.manifest.name}/versions/{bundle.manifest.version}"
