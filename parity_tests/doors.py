"""Every door as a way to ask: rows of a bundle in, its answers out, as its clients do it."""

from __future__ import annotations

import io
import json
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bundle.arrays import DTYPES, MISSING_TEXT, Array, Arrays, plain
from bundle.signature import Output
from isomorph import Bundle
from parity.columns import records
from parity_tests.asking import Ask, as_array, posted
from parity_tests.invocations import INVOCATIONS
from parity_tests.native import NATIVE


def v2(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """One tensor for each block."""
    inputs = [
        json_tensor(block.name, block.datatype, rows[block.name])
        for block in bundle.signature.inputs
    ]
    answer = posted(client, f"/v2{_model(bundle)}/infer", json={"inputs": inputs})
    return tensors(bundle, answer.json()["outputs"])


def v2_columns(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """One tensor for each column, by its name."""
    inputs = [
        json_tensor(name, block.datatype, rows[block.name][:, position])
        for block in bundle.signature.inputs
        for position, name in enumerate(block.columns)
    ]
    answer = posted(client, f"/v2{_model(bundle)}/infer", json={"inputs": inputs})
    return tensors(bundle, answer.json()["outputs"])


def v2_binary(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Both ways as bytes behind the JSON, as Triton's client does it."""
    blobs = [in_bytes(rows[block.name]) for block in bundle.signature.inputs]
    inputs = [
        {
            "name": block.name,
            "datatype": block.datatype,
            "shape": list(rows[block.name].shape),
            "parameters": {"binary_data_size": len(blob)},
        }
        for block, blob in zip(bundle.signature.inputs, blobs, strict=True)
    ]
    head = json.dumps({"inputs": inputs, "parameters": {"binary_data_output": True}}).encode()
    return binary_answers(client, bundle, head, b"".join(blobs))


def v2_raw(client: httpx.Client, bundle: Bundle, rows: Arrays) -> Arrays:
    """Only the bytes of the one block; a model of more takes its rows as `v2_binary` says."""
    block, *others = bundle.signature.inputs
    if others or block.datatype == "BYTES":
        return v2_binary(client, bundle, rows)
    return binary_answers(client, bundle, b"", in_bytes(rows[block.name]))


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
            output.name: from_table(output, [found[name] for name in output.flat_names])
            for output in bundle.signature.outputs
        }

    return ask


DOORS: dict[str, Ask] = {
    **NATIVE,
    "v2": v2,
    "v2 columns": v2_columns,
    "v2 binary": v2_binary,
    "v2 raw": v2_raw,
    **INVOCATIONS,
    "arrow": bulk(" predict", "arrow.stream"),
    "parquet": bulk(" predict", "parquet"),
    "v2 arrow": bulk("/v2 infer", "arrow.stream"),
    "v2 parquet": bulk("/v2 infer", "parquet"),
}


def json_tensor(name: str, datatype: str, values: Array) -> dict[str, Any]:
    """A V2 tensor in JSON; missing is null."""
    data = [plain(value) for value in values.ravel().tolist()]
    return {"name": name, "datatype": datatype, "shape": list(values.shape), "data": data}


def in_bytes(values: Array) -> bytes:
    """A V2 tensor as bytes: little-endian numbers, or texts behind their lengths."""
    if values.dtype != object:
        return values.astype(values.dtype.newbyteorder("<")).tobytes()
    texts = [text.encode() for text in values.ravel()]
    return b"".join(len(text).to_bytes(4, "little") + text for text in texts)


def tensors(bundle: Bundle, outputs: list[dict[str, Any]]) -> Arrays:
    """V2 tensors in JSON as arrays."""
    return {
        each["name"]: as_array(bundle.signature.output(each["name"]), each["data"]).reshape(
            each["shape"]
        )
        for each in outputs
    }


def binary_answers(client: httpx.Client, bundle: Bundle, head: bytes, blobs: bytes) -> Arrays:
    """The answers, all as bytes, to a request of a JSON head and bytes behind it."""
    length = "Inference-Header-Content-Length"
    answer = posted(
        client,
        f"/v2{_model(bundle)}/infer",
        content=head + blobs,
        headers={length: str(len(head)), "Content-Type": "application/octet-stream"},
    )
    at, found = int(answer.headers[length]), {}
    for each in json.loads(answer.content[:at])["outputs"]:
        size = each["parameters"]["binary_data_size"]
        found[each["name"]] = from_bytes(each, answer.content[at : at + size])
        at += size
    assert at == len(answer.content)
    return found


def from_bytes(tensor: dict[str, Any], blob: bytes) -> Array:
    """The array in the bytes of a V2 tensor."""
    if tensor["datatype"] != "BYTES":
        dtype = DTYPES[tensor["datatype"]].newbyteorder("<")
        return (
            np.frombuffer(blob, dtype).astype(DTYPES[tensor["datatype"]]).reshape(tensor["shape"])
        )
    texts = []
    while blob:
        size = int.from_bytes(blob[:4], "little")
        texts.append(blob[4 : 4 + size].decode())
        blob = blob[4 + size :]
    return np.array(texts, dtype=object).reshape(tensor["shape"])


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
