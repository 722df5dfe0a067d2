"""The example model's rows, as each door's clients send them."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable
from typing import Any

from closed_loop import Request
from servers import CHECKOUT

MODEL = CHECKOUT / "artifacts" / "breast_cancer" / "1"


def manifest() -> Any:
    """The model's, which must have been converted."""
    return json.loads((MODEL / "manifest.json").read_bytes())


def records(count: int) -> list[dict[str, float]]:
    """Rows like those of training: uniform over each column's range."""
    generator = random.Random(0)  # noqa: S311 - no secrets
    columns = manifest()["signature"]["columns"]
    return [
        {each["name"]: generator.uniform(each["minimum"], each["maximum"]) for each in columns}
        for _ in range(count)
    ]


def native(rows: list[dict[str, float]]) -> Request:
    """Named records."""
    content: Any = rows if len(rows) > 1 else rows[0]
    return Request("/models/breast_cancer/predict", json.dumps(content).encode())


def v2_json(rows: list[dict[str, float]]) -> Request:
    """A tensor of numbers in JSON."""
    data = [value for row in rows for value in row.values()]
    tensor = {"name": "numbers", "datatype": "FP64", "shape": [len(rows), 30], "data": data}
    return Request("/v2/models/breast_cancer/infer", json.dumps({"inputs": [tensor]}).encode())


def v2_binary(rows: list[dict[str, float]]) -> Request:
    """The same tensor as bytes, the answers as bytes."""
    data = [value for row in rows for value in row.values()]
    blob = struct.pack(f"<{len(data)}d", *data)
    tensor = {"name": "numbers", "datatype": "FP64", "shape": [len(rows), 30]}
    tensor["parameters"] = {"binary_data_size": len(blob)}
    head = {"inputs": [tensor], "parameters": {"binary_data_output": True}}
    content = json.dumps(head).encode()
    return Request(
        "/v2/models/breast_cancer/infer",
        content + blob,
        "application/octet-stream",
        {"Inference-Header-Content-Length": str(len(content))},
    )


def mlflow(rows: list[dict[str, float]]) -> Request:
    """MLflow's dataframe_split."""
    split = {"columns": list(rows[0]), "data": [list(row.values()) for row in rows]}
    content = json.dumps({"dataframe_split": split}).encode()
    return Request("/endpoints/breast_cancer/invocations", content)


def arrow(rows: list[dict[str, float]]) -> Request:
    """An Arrow stream."""
    import pyarrow as pa  # noqa: PLC0415 - only this door needs it

    table = pa.Table.from_pylist(rows)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    media_type = "application/vnd.apache.arrow.stream"
    return Request("/models/breast_cancer/predict", sink.getvalue().to_pybytes(), media_type)


DOORS: dict[str, Callable[[list[dict[str, float]]], Request]] = {
    "native": native,
    "V2 JSON": v2_json,
    "V2 binary": v2_binary,
    "MLflow": mlflow,
    "Arrow": arrow,
}
