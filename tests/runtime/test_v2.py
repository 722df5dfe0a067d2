"""The V2 door, over a real socket."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from live_service import Service
from tiny_bundles import penguin_answers

from bundle import golden


def test_golden_json_posts_as_it_is(service: Service, artifacts: Path) -> None:
    content = (artifacts / "penguins" / "1" / "golden.json").read_bytes()
    answer = service.client.post("/v2/models/penguins/versions/1/infer", content=content)
    assert answer.status_code == 200, answer.text
    rows, _ = golden.decode(content)
    label, probabilities = answer.json()["outputs"]
    assert label["data"] == penguin_answers(rows)["label"].tolist()
    assert probabilities["shape"] == [2, 2]
    assert answer.json()["model_version"] == "1"


@pytest.mark.parametrize("path", ["/v2", "/v2/", "/v2/health/live", "/v2/health/ready"])
def test_server_addresses(service: Service, path: str) -> None:
    assert service.client.get(path).status_code == 200


def test_metadata(service: Service) -> None:
    found = service.client.get("/v2/models/penguins").json()
    assert found["versions"] == ["1", "2"]
    assert found["inputs"][1] == {"name": "text", "datatype": "BYTES", "shape": [-1, 2]}
    assert found["outputs"][0] == {"name": "label", "datatype": "BYTES", "shape": [-1]}
    assert service.client.get("/v2/models/penguins/ready").json()["ready"] is True


def prices(service: Service, **changes: Any) -> Any:
    tensor = {"name": "X", "shape": [1, 3], "datatype": "FP64", "data": [1, 2, 3]} | changes
    return service.client.post("/v2/models/prices/infer", json={"inputs": [tensor]})


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, 17.0),
        ({"data": [[1, 2, 3]]}, 17.0),
        ({"datatype": "INT64"}, 17.0),
        ({"datatype": "INT32", "data": [[1, 2, 3]]}, 17.0),
        ({"datatype": "BOOL", "data": [True, False, True]}, 5.0),
        ({"datatype": "FP32", "data": [0.1, 0, 0]}, 0.10000000149011612),
        ({"data": [9007199254740994, 0, 0]}, 9007199254740994.0),
    ],
)
def test_datatypes(service: Service, changes: dict[str, Any], expected: float) -> None:
    answer = prices(service, **changes)
    assert answer.status_code == 200, answer.text
    assert answer.json()["outputs"][0]["data"] == [expected]


@pytest.mark.parametrize(
    "changes",
    [
        {"shape": [-1, 3]},
        {"shape": [2**62, 3]},
        {"shape": [2**70, 3]},
        {"shape": [2**32, 2**32]},
        {"shape": [3]},
        {"shape": [2, 3]},
        {"data": [1, 2]},
        {"data": 7},
        {"data": {"a": 1}},
        {"data": [[1, 2], 3]},
        {"data": ["1", 2, 3]},
        {"data": [True, 2, 3]},
        {"data": [9007199254740993, 2, 3]},
        {"datatype": "INT64", "data": [1.5, 2, 3]},
        {"datatype": "FP32", "data": [1e300, 2, 3]},
        {"datatype": "FP64", "data": [None, 2, 3]},
        {"datatype": "UINT8", "data": [256, 2, 3]},
        {"datatype": "INT8", "data": [True, 2, 3]},
        {"datatype": "FP16"},
        {"datatype": "TEXT"},
        {"shape": []},
        {"datatype": "BYTES"},
        {"name": "Y"},
        {"surplus": 1},
    ],
)
def test_bad_tensors_are_400(service: Service, changes: dict[str, Any]) -> None:
    answer = prices(service, **changes)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    assert prices(service).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"inputs": []}',
        b'{"inputs": [], "surplus": 1}',
        b'{"inputs":[{"name":"X","shape":[1,3],"datatype":"FP64","data":[1,2,3],"data":[3,2,1]}]}',
        b'{"inputs":[],"inputs":[{"name":"X","shape":[1,3],"datatype":"FP64","data":[1,2,3]}]}',
        b'{"inputs":[{"name":"X","shape":[1,3],"datatype":"FP64","data":[NaN,1,2]}]}',
        b'{"inputs":[{"name":"X","shape":[1,3],"datatype":"FP64","data":[1e400,1,2]}]}',
        b'{"inputs":[{"name":"X","shape":[1,3],"datatype":"FP64","data":'
        + b"[" * 100_000
        + b"]" * 100_000
        + b"}]}",
        b'{"expected":' + b"[" * 100_000 + b"]" * 100_000 + b',"inputs":[]}',
    ],
)
def test_bad_bodies_are_400(service: Service, body: bytes) -> None:
    answer = service.client.post("/v2/models/prices/infer", content=body)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]


def test_id_and_outputs(service: Service, artifacts: Path) -> None:
    request = json.loads((artifacts / "penguins" / "1" / "golden.json").read_bytes())
    request |= {"id": "a-7", "outputs": [{"name": "probabilities"}]}
    answer = service.client.post("/v2/models/penguins/infer", json=request).json()
    assert answer["id"] == "a-7"
    assert [each["name"] for each in answer["outputs"]] == ["probabilities"]
    request["outputs"] = [{"name": "nothing"}]
    refused = service.client.post("/v2/models/penguins/infer", json=request)
    assert refused.status_code == 400


@pytest.mark.parametrize(
    "media_type", ["application/x-www-form-urlencoded", "text/plain", "application/octet-stream"]
)
def test_any_media_type_and_chunks(service: Service, media_type: str) -> None:
    """A form, as curl names it by default; a generator is sent in chunks, without a length."""
    body = b'{"inputs":[{"name":"X","shape":[1,3],"datatype":"FP64","data":[1,2,3]}]}'
    chunks = (body[at : at + 10] for at in range(0, len(body), 10))
    answer = service.client.post(
        "/v2/models/prices/infer", content=chunks, headers={"Content-Type": media_type}
    )
    assert answer.json()["outputs"][0]["data"] == [17]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v2/models/nothing", 404),
        ("GET", "/v2/models/penguins/versions/9/ready", 404),
        ("POST", "/v2/models/nothing/infer", 404),
        ("GET", "/v2/nothing", 404),
        ("GET", "/v2/models/prices/infer", 405),
    ],
)
def test_errors_have_the_protocols_shape(
    service: Service, method: str, path: str, status: int
) -> None:
    answer = service.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
