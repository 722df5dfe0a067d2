"""Arrow tables as bulk bodies, and the answers to them."""

from __future__ import annotations

import io
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
from live_service import Service
from tiny_bundles import RECORD

STREAM = "application/vnd.apache.arrow.stream"
PARQUET = "application/vnd.apache.parquet"
FORMATS = (STREAM, PARQUET)
NATIVE, V2 = "/models/{}/predict", "/v2/models/{}/infer"


def penguins(count: int = 1, **columns: Any) -> pa.Table:
    """`count` rows of the record that is right, some of its columns replaced; None drops one."""
    given = {name: pa.array([value] * count) for name, value in RECORD.items()} | columns
    return pa.table({name: values for name, values in given.items() if values is not None})


def written(table: pa.Table, media_type: str = STREAM, *, rows: int | None = None) -> bytes:
    """The table as a body; `rows` in each batch or row group."""
    content = io.BytesIO()
    if media_type == PARQUET:
        pq.write_table(table, content, row_group_size=rows)
    else:
        with pa.ipc.new_stream(content, table.schema) as stream:
            stream.write_table(table, max_chunksize=rows)
    return content.getvalue()


def read(answer: httpx.Response) -> pa.Table:
    """The table in an answer that is right."""
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"] == PARQUET:
        return pq.read_table(io.BytesIO(answer.content))
    assert answer.headers["content-type"] == STREAM
    return pa.ipc.open_stream(answer.content).read_all()


def post(
    service: Service,
    content: bytes | pa.Table,
    media_type: str = STREAM,
    path: str = NATIVE.format("penguins"),
    **headers: str,
) -> httpx.Response:
    """POST a table, or bytes that may be none."""
    body = written(content, media_type) if isinstance(content, pa.Table) else content
    sent = {"Content-Type": media_type, **headers}
    return service.client.post(path, content=body, headers=sent, timeout=120)
