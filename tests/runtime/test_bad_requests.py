"""Every way to ask wrongly gets a 4xx that names the place, and the server goes on."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
from live_service import Service
from tiny_bundles import RECORD

SENT = "hunter2"  # stands for whatever a client sends; no answer may hold it


def changed(**changes: Any) -> bytes:
    return json.dumps({**RECORD, **changes}).encode()


def raw(column: str, token: str) -> bytes:
    """The record with one value replaced by a bare token."""
    return changed(**{column: "@"}).replace(b'"@"', token.encode())


def without(column: str) -> bytes:
    return json.dumps({name: value for name, value in RECORD.items() if name != column}).encode()


FAULTS: dict[str, tuple[bytes, int, int | None, str | None]] = {
    "not JSON": (b"bill=39.1&hunter2", 400, None, None),
    "empty": (b"", 400, None, None),
    "cut short": (changed()[:-1], 400, None, None),
    "two documents": (changed() + changed(), 400, None, None),
    "not UTF-8": (b'{"bill": "\xff"}', 400, None, None),
    "UTF-16": (changed().decode().encode("utf-16"), 400, None, None),
    "a number alone": (b"7", 400, None, None),
    "NaN alone": (b"NaN", 400, None, None),
    "missing column": (without("mass"), 422, 0, "mass"),
    "unknown column": (changed(wings=2), 422, 0, "wings"),
    "repeated column": (changed()[:-1] + b', "mass": 1}', 422, 0, "mass"),
    "repeated, other order": (b'{"mass": 1, ' + changed()[1:], 422, 0, "mass"),
    "text for a number": (changed(mass=SENT), 422, 0, "mass"),
    "digits in quotes": (changed(mass="3750"), 422, 0, "mass"),
    "a number for text": (changed(sex=7), 422, 0, "sex"),
    "true for a number": (changed(mass=True), 422, 0, "mass"),
    "2 for a bool": (changed(tagged=2), 422, 0, "tagged"),
    "null, not nullable": (changed(mass=None), 422, 0, "mass"),
    "null text, not nullable": (changed(sex=None), 422, 0, "sex"),
    "unknown category": (changed(sex=SENT), 422, 0, "sex"),
    "NaN": (raw("bill", "NaN"), 422, 0, "bill"),
    "Infinity": (raw("bill", "-Infinity"), 422, 0, "bill"),
    "1e400": (raw("bill", "1e400"), 422, 0, "bill"),
    "5,000 digits": (raw("bill", "9" * 5000), 422, 0, "bill"),
    "no exact float64": (raw("mass", "9007199254740993"), 422, 0, "mass"),
    "an int beyond int64": (raw("mass", "123456789012345678901"), 422, 0, "mass"),
    "out of the domain": (changed(bill=1e7), 422, 0, "bill"),
    "a lone surrogate": (raw("island", '"\\ud800"'), 422, 0, "island"),
    "a lone surrogate as a name": (changed()[:-1] + b', "\\ud800": 1}', 422, 0, "?"),
    "the missing marker": (raw("island", '"\\uffff"'), 422, 0, "island"),
    "the missing marker in UTF-8": (raw("island", '"\uffff"'), 422, 0, "island"),
    "a list for a number": (changed(mass=[1]), 422, 0, "mass"),
    "an object for text": (changed(sex={"a": 1}), 422, 0, "sex"),
    "second row": (b"[" + changed() + b"," + changed(mass=SENT) + b"]", 422, 1, "mass"),
    "second row repeats": (
        b"[" + changed() + b"," + changed()[:-1] + b', "sex": "male"}]',
        422,
        1,
        "sex",
    ),
    "a row that is no object": (b"[7]", 422, 0, None),
    "a list for a frame's model": (b"[[1, 2]]", 422, 0, None),
    "deep arrays": (b"[" * 100_000, 400, None, None),
    "deep objects": (b'{"a":' * 100_000, 400, None, None),
    "deep value": (raw("mass", "[" * 100_000 + "]" * 100_000), 400, None, None),
    "an unclosed string of escapes": (b'{"' + b'\\"' * 1_000_000, 400, None, None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_named(service: Service, fault: str) -> None:
    body, status, row, column = FAULTS[fault]
    answer = service.client.post("/models/penguins/predict", content=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert (problem.get("row"), problem.get("column")) == (row, column)
    assert problem["detail"]
    assert SENT not in answer.text
    assert len(answer.text) < 1000
    assert service.client.post("/models/penguins/predict", json=RECORD).status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", "/models/nothing/predict", 404),
        ("POST", "/models/penguins/versions/9/predict", 404),
        ("POST", "/models/penguins/versions/hunter2/predict", 404),
        ("POST", "/models/..%2f..%2fetc/predict", 404),
        ("GET", "/models/hunter2", 404),
        ("GET", "/hunter2", 404),
        ("DELETE", "/models/penguins/predict", 405),
        ("PUT", "/models/penguins/versions/1/predict", 405),
        ("POST", "/models", 405),
    ],
)
def test_addresses(service: Service, method: str, path: str, status: int) -> None:
    answer = service.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert SENT not in answer.text
    assert ("allow" in answer.headers) == (status == 405)


def test_a_declared_body_over_the_limit(service: Service) -> None:
    answer = service.client.post("/models/penguins/predict", content=b" " * (17 * 2**20))
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"
    assert service.client.post("/models/penguins/predict", json=RECORD).status_code == 200


def test_a_chunked_body_over_the_limit(service: Service) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(17):
            yield b" " * 2**20

    answer = service.client.post("/models/penguins/predict", content=chunks())
    assert answer.status_code == 413
    assert service.client.post("/models/penguins/predict", json=RECORD).status_code == 200


@pytest.mark.parametrize(
    ("content", "encoding", "status"),
    [
        (gzip.compress(changed(), mtime=0), "gzip", 200),
        (zlib.compress(changed()), "deflate", 200),
        (b"\x1f\x8b", "gzip", 400),
        (gzip.compress(changed(), mtime=0)[:-9], "gzip", 400),
        (gzip.compress(changed(), mtime=0) + b"x", "gzip", 400),
        (changed(), "gzip", 400),
        (changed(), "br", 400),
        (gzip.compress(b" " * (17 * 2**20), mtime=0), "gzip", 413),
    ],
)
def test_compressed_bodies(service: Service, content: bytes, encoding: str, status: int) -> None:
    answer = service.client.post(
        "/models/penguins/predict", content=content, headers={"Content-Encoding": encoding}
    )
    assert answer.status_code == status, answer.text


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_an_answer_is_compressed_where_one_way_is_asked_for(
    service: Service, encoding: str
) -> None:
    rows = [RECORD] * 100
    plain = service.client.post("/models/penguins/predict", json=rows)
    packed = service.client.post(
        "/models/penguins/predict", json=rows, headers={"Accept-Encoding": encoding}
    )
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == encoding
    assert packed.json() == plain.json()
    assert int(packed.headers["content-length"]) < int(plain.headers["content-length"])


@pytest.mark.parametrize(
    ("change", "status", "column"),
    [
        ({"mass": "0x10"}, 422, "mass"),
        ({"mass": "1_000"}, 422, "mass"),
        ({"mass": "NaN"}, 422, "mass"),
        ({"mass": "1e400"}, 422, "mass"),
        ({"mass": ""}, 422, "mass"),
        ({"mass": ["1", "2"]}, 422, "mass"),
        ({"wings": "2"}, 422, "wings"),
    ],
)
def test_a_query_is_as_strict(
    service: Service, change: dict[str, Any], status: int, column: str
) -> None:
    query = {**RECORD, "tagged": "true"} | change
    answer = service.client.get("/models/penguins/predict", params=query)
    assert (answer.status_code, answer.json().get("column")) == (status, column)


def test_an_answer_that_is_not_finite_names_its_row(service: Service) -> None:
    rows = [[1, 2, 3], [1e308, 1e308, 1e308]]
    answer = service.client.post("/models/prices/predict", json=rows)
    assert (answer.status_code, answer.json()["row"]) == (422, 1)
