"""The Vertex AI door: a server started as the platform starts it."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from in_process import InProcess
from live_service import Service, start
from tiny_bundles import PENGUINS, RECORD, penguin_answers, write_penguins

from bundle.rows import to_arrays
from runtime.app import create_app

HEALTH, PREDICT = "/v1/endpoints/7/deployedModels/8", "/v1/endpoints/7/deployedModels/8:predict"
SENT = "hunter2"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def vertex(artifacts: Path) -> Iterator[Service]:
    environment = {
        "AIP_HTTP_PORT": str(free_port()),
        "PORT": "1",
        "AIP_HEALTH_ROUTE": "/alive",
        "AIP_PREDICT_ROUTE": "/ask",
    }
    with start(artifacts, model="penguins", environment=environment) as running:
        assert running.address.endswith(f":{environment['AIP_HTTP_PORT']}")
        yield running


@pytest.mark.parametrize("path", ["/ask", PREDICT, "/invoke/ask"])
def test_predictions(vertex: Service, path: str) -> None:
    rows = to_arrays(PENGUINS, [RECORD])
    body: dict[str, Any] = {"instances": [RECORD]}
    answer = vertex.client.post(path, json=body)
    assert answer.json() == {"predictions": penguin_answers(rows)["label"].tolist()}
    body["parameters"] = {"outputs": ["probabilities"]}
    (got,) = vertex.client.post(path, json=body).json()["predictions"]
    np.testing.assert_allclose(got, penguin_answers(rows)["probabilities"][0], rtol=1e-14)


@pytest.mark.parametrize("path", ["/alive", HEALTH, "/invoke/alive"])
def test_health(vertex: Service, path: str) -> None:
    assert vertex.client.get(path).status_code == 200


def test_it_listens_on_every_address_and_says_so(vertex: Service) -> None:
    port = vertex.address.rpartition(":")[2]
    assert httpx.get(f"http://127.0.0.2:{port}/alive").status_code == 200
    assert any(line.startswith("WARNING: 0.0.0.0:") for line in vertex.logged)


def test_a_redirect_reaches_v2(vertex: Service, artifacts: Path) -> None:
    content = (artifacts / "penguins" / "2" / "golden.json").read_bytes()
    to = {"X-Vertex-Ai-Triton-Redirect": "v2/models/penguins/infer"}
    answer = vertex.client.post(PREDICT, content=content, headers=to)
    assert answer.json()["outputs"][0]["name"] == "label"
    to = {"X-Vertex-Ai-Triton-Redirect": "models/penguins"}
    assert vertex.client.post(PREDICT, content=content, headers=to).status_code == 400


def test_elsewhere_nothing_is_forwarded(service: Service) -> None:
    assert service.client.get("/invoke/v2").status_code == 404


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"", "not JSON"),
        (b"[]", "not an object"),
        (b"{}", "no instances"),
        (b'{"instances": {}}', "not an array"),
        (b'{"instances": [], "instances": []}', "twice"),
        (b'{"instances": [], "hunter2": 1}', "lacks"),
        (b'{"instances": [], "parameters": {"outputs": ["hunter2"]}}', "no such output"),
        (b'{"instances": [[NaN, "Biscoe", 1, "male", 1]]}', "row 0, column 'bill'"),
        (json.dumps({"instances": [RECORD, {**RECORD, "sex": SENT}]}).encode(), "row 1"),
    ],
)
def test_faults(vertex: Service, body: bytes, named: str) -> None:
    answer = vertex.client.post("/ask", content=body)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error"]
    assert named in answer.json()["error"]
    assert SENT not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("POST", HEALTH, 405), ("GET", PREDICT, 405), ("GET", "/v1/endpoints/7", 404)],
)
def test_addresses(vertex: Service, method: str, path: str, status: int) -> None:
    answer = vertex.client.request(method, path)
    assert answer.status_code == status
    assert list(answer.json()) == ["error"]


def test_it_is_not_healthy_while_a_model_does_not_answer(tmp_path: Path) -> None:
    with InProcess(create_app(tmp_path)) as client:
        assert client.get(HEALTH).status_code == 503
    place = write_penguins(tmp_path).path
    with InProcess(create_app(tmp_path)) as client:
        assert client.get(HEALTH).status_code == 200
    (place / "model.onnx").write_bytes(b"x")
    with InProcess(create_app(tmp_path)) as client:
        assert client.get(HEALTH).status_code == 503
        assert client.post(PREDICT, json={"instances": [RECORD]}).status_code == 503


def test_a_route_of_another_contract_stays_what_it_is(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIP_PREDICT_ROUTE", "/v1/models/prices:predict")
    with InProcess(create_app(artifacts)) as client:
        answer = client.post("/v1/models/prices:predict", json={"instances": [[1, 2, 3]]})
        assert answer.json() == {"predictions": [17.0]}
