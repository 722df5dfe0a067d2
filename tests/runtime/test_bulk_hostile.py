"""Bodies made to break a reader: a 4xx, little memory, and the server goes on."""

from __future__ import annotations

import http.client
import io
import random
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from live_service import Service, start
from tables import FORMATS, NATIVE, PARQUET, STREAM, penguins, post, read, written
from tiny_bundles import PENGUINS, write_penguins, write_prices

from bundle.errors import IsomorphError
from runtime import ipc_messages
from runtime.columnar import TEXT_BYTES, read_parquet, read_stream

MEGABYTES = 2**20
READERS = {STREAM: read_stream, PARQUET: read_parquet}


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server whose memory nobody else uses, pyarrow loaded already."""
    root = tmp_path_factory.mktemp("alone")
    write_penguins(root)
    write_prices(root)
    with start(root) as service:
        for media_type in FORMATS:
            read(post(service, penguins(20_000), media_type))
        yield service


def peak(service: Service, *, reset: bool = False) -> int:
    """The most bytes that the server's process has had in memory, since a reset."""
    place = Path(f"/proc/{service.process.pid}")
    if reset:
        (place / "clear_refs").write_text("5")
    lines = (place / "status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM"))


def zeros(count: int, **options: Any) -> bytes:
    """A Parquet file of zeros for the regression."""
    content = io.BytesIO()
    table = pa.table({f"x{i}": np.zeros(count) for i in range(3)})
    pq.write_table(table, content, compression="zstd", use_dictionary=False, **options)
    return content.getvalue()


def compressed(table: pa.Table) -> bytes:
    """One batch, its buffers compressed."""
    content = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    with pa.ipc.new_stream(content, table.schema, options=options) as stream:
        stream.write_table(table)
    return content.getvalue()


def lying(content: bytes) -> bytes:
    """Every buffer of a compressed stream says that it becomes a terabyte."""
    body = bytearray(content)
    for message in ipc_messages._messages(memoryview(content)):
        if message.kind == ipc_messages.RECORDS:
            place = content.rindex(bytes(message.body)[:64])
            body[place : place + 8] = struct.pack("<q", 2**40)
    return bytes(body)


def shared_metadata() -> bytes:
    """4,000 pairs of metadata in the schema that are all the one of 100 kB."""
    pairs = {f"{i}": "x" for i in range(4000)} | {"long": "x" * 100_000}
    table = penguins().replace_schema_metadata(pairs)
    content = bytearray(written(table))
    message = next(ipc_messages._messages(memoryview(content)))
    count, first = message.header.vector(2)
    longest = max(message.header.tables(2), key=lambda pair: pair.vector(1)[0])
    assert count == 4001
    for place in range(first, first + 4 * count, 4):
        content[8 + place : 12 + place] = struct.pack("<I", longest.at - place)
    return bytes(content)


def nested(depth: int) -> pa.Table:
    """A column of lists of lists."""
    kind = pa.float64()
    for _ in range(depth):
        kind = pa.list_(kind)
    return penguins(mass=pa.array([None], kind))


def nested_parquet(depth: int) -> bytes:
    """The same, and only Parquet's own schema says so."""
    content = io.BytesIO()
    pq.write_table(nested(depth), content, store_schema=False)
    return content.getvalue()


def texts_of(length: int, kind: pa.DataType, count: int = 64) -> pa.Table:
    """The same long text in every row, which the body holds once."""
    known = pa.array(["x" * length], kind)
    island = pa.DictionaryArray.from_arrays(pa.array([0] * count, pa.int32()), known)
    return penguins(count, island=island)


def file_format() -> bytes:
    """The other Arrow format, which needs to be read from its end."""
    content = io.BytesIO()
    with pa.ipc.new_file(content, penguins().schema) as file:
        file.write_table(penguins())
    return content.getvalue()


def delta(table: pa.Table) -> bytes:
    """Texts as what differs from the one before."""
    content = io.BytesIO()
    pq.write_table(
        table, content, use_dictionary=False, column_encoding={"island": "DELTA_BYTE_ARRAY"}
    )
    return content.getvalue()


def parts() -> bytes:
    """A dictionary that grows."""
    content = io.BytesIO()
    first, second = (
        penguins(n, island=pa.array(["a", "b", "c"][:n]).dictionary_encode()) for n in (1, 3)
    )
    options = pa.ipc.IpcWriteOptions(emit_dictionary_deltas=True)
    with pa.ipc.new_stream(content, first.schema, options=options) as stream:
        stream.write_table(first)
        stream.write_table(second)
    return content.getvalue()


def broken(place: int, value: int, island: pa.Array) -> bytes:
    """A stream with one int32 of the island's offsets, or indices, replaced."""
    content = bytearray(written(penguins(len(island), island=island)))
    buffer = island.indices.buffers()[1] if hasattr(island, "indices") else island.buffers()[1]
    start = bytes(content).rindex(bytes(buffer)[: 4 * len(island)])
    content[start + 4 * place : start + 4 * place + 4] = struct.pack("<i", value)
    return bytes(content)


NAMES = pa.array(["Biscoe", "Dream", "Torgersen", "elsewhere"])
WHOLE = written(penguins(100))
BODIES: dict[str, tuple[str, bytes, int]] = {
    "nothing": (STREAM, b"", 400),
    "nothing, Parquet": (PARQUET, b"", 400),
    "JSON": (STREAM, b'{"mass": 1}', 400),
    "JSON, Parquet": (PARQUET, b'{"mass": 1}', 400),
    "the other format": (STREAM, written(penguins(), PARQUET), 400),
    "the other format, Parquet": (PARQUET, WHOLE, 400),
    "the file format": (STREAM, file_format(), 400),
    "no end": (STREAM, WHOLE[:-8], 400),
    "half": (STREAM, WHOLE[: len(WHOLE) // 2], 400),
    "two streams": (STREAM, WHOLE + WHOLE, 400),
    "half, Parquet": (PARQUET, written(penguins(), PARQUET)[:-500], 400),
    "no body in Parquet": (PARQUET, b"PAR1" + written(penguins(), PARQUET)[-900:], 400),
    "a footer of 4 GB": (PARQUET, b"PAR1" + b"\0" * 64 + b"\xff\xff\xff\xff" + b"PAR1", 400),
    "a footer of nothing": (PARQUET, b"PAR1" + b"\0" * 64 + b"\x20\0\0\0" + b"PAR1", 400),
    "lists without end": (
        PARQUET,
        b"PAR1" + b"\x29\xfc\xff\xff\xff\x07" + b"\0" * 26 + b"\x20\0\0\0" + b"PAR1",
        400,
    ),
    "a bomb of zeros": (STREAM, compressed(pa.table({"x0": np.zeros(10**7)})), 413),
    "a buffer of a terabyte": (STREAM, lying(compressed(penguins(1000))), 413),
    "metadata of 400 MB": (STREAM, shared_metadata(), 413),
    "a page of 160 MB": (
        PARQUET,
        zeros(2 * 10**7, data_page_size=2**30, max_rows_per_page=10**9, row_group_size=10**8),
        413,
    ),
    "a text of 9 MB": (STREAM, written(penguins(island=["x" * (TEXT_BYTES + 1)])), 422),
    "prefixes": (PARQUET, delta(penguins(10)), 400),
    "a dictionary in parts": (STREAM, parts(), 400),
    "deep lists": (STREAM, written(nested(60)), 422),
    "deep lists, Parquet": (PARQUET, written(nested(60), PARQUET), 422),
    "deep lists without Arrow's schema": (PARQUET, nested_parquet(200), 400),
    "an offset beyond": (STREAM, broken(2, 10**6, NAMES), 400),
    "an offset below": (STREAM, broken(1, -5, NAMES), 400),
    "offsets backwards": (STREAM, broken(2, 2, NAMES), 400),
    "an index beyond": (STREAM, broken(1, 9, NAMES.dictionary_encode()), 400),
    "an index below": (STREAM, broken(1, -1, NAMES.dictionary_encode()), 400),
    "not UTF-8": (STREAM, WHOLE.replace(b"BiscoeBiscoe", b"Bisco\xffBiscoe", 1), 422),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_4xx_and_little_memory(alone: Service, name: str) -> None:
    media_type, body, status = BODIES[name]
    before = peak(alone, reset=True)
    answer = post(alone, body, media_type)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert peak(alone) - before < 80 * MEGABYTES
    assert read(post(alone, penguins(), media_type)).num_rows == 1


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("kind", [pa.string(), pa.string_view()], ids=str)
def test_one_text_in_every_row(alone: Service, media_type: str, kind: pa.DataType) -> None:
    """64 rows of 6 MB are 400 MB, sent as 6."""
    if media_type == PARQUET and kind == pa.string_view():
        pytest.skip("pyarrow does not write it to Parquet")
    body = written(texts_of(6 * 10**6, kind), media_type)
    assert len(body) < 13 * MEGABYTES
    before = peak(alone, reset=True)
    assert read(post(alone, body, media_type)).num_rows == 64
    assert peak(alone) - before < 120 * MEGABYTES


def test_fields_that_are_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each child shared by its parent 100 times, 10 deep, are 10**20 fields."""
    content = written(nested(3))
    with pytest.raises(IsomorphError, match="'mass'"):
        ipc_messages.check_stream(memoryview(content), 5, lambda: None)
    monkeypatch.setattr(ipc_messages, "MAX_METADATA", 100)
    with pytest.raises(IsomorphError, match="not an Arrow"):
        ipc_messages.check_stream(memoryview(WHOLE), 5, lambda: None)


@pytest.mark.parametrize("media_type", FORMATS)
def test_damaged_bytes_are_refused_or_read(media_type: str) -> None:
    """Nothing but our own errors comes out, and nobody's memory is read."""
    chance = random.Random(5)  # noqa: S311 - a test that repeats
    table = penguins(50, island=pa.array(["Biscoe", None] * 25).dictionary_encode())
    bodies = [written(table, media_type), written(table.slice(0, 3), media_type)]
    refused = 0
    for _ in range(400):
        body = bytearray(chance.choice(bodies))
        place = chance.randrange(len(body))
        body[place : place + chance.choice([1, 8])] = bytes([chance.choice([0, 127, 255])])
        try:
            for rows in READERS[media_type](PENGUINS, io.BytesIO(bytes(body))):
                assert rows["numbers"].shape[1] == 3
        except IsomorphError:
            refused += 1
    assert refused > 100


@pytest.mark.parametrize("media_type", FORMATS)
def test_200_megabytes_pass_through(alone: Service, media_type: str) -> None:
    numbers = np.random.default_rng(3).random(200 * 10**6 // 24)
    body = written(pa.table({"x0": numbers, "x1": numbers[::-1], "x2": numbers}), media_type)
    assert len(body) > 190 * 10**6
    before = peak(alone, reset=True)
    # httpx itself takes seconds to send so much.
    with closing(http.client.HTTPConnection(alone.address.removeprefix("http://"))) as connection:
        connection.request("POST", NATIVE.format("prices"), body, {"Content-Type": media_type})
        answer = connection.getresponse()
        content = answer.read()
    grown = peak(alone) - before
    assert answer.status == 200, content
    found = read(httpx.Response(200, headers={"Content-Type": media_type}, content=content))
    expected = numbers + 2 * numbers[::-1] + 4 * numbers
    np.testing.assert_allclose(found["prediction"].to_numpy(), expected, rtol=1e-15)
    assert grown < 60 * MEGABYTES, grown
