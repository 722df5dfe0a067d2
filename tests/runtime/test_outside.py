"""What people and tools see beside answers: logs, OpenAPI, the page."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from in_process import InProcess
from live_service import Service
from tiny_bundles import RECORD, write_prices

from runtime.app import create_app


def logged(service: Service, identity: str) -> dict[str, object]:
    for _ in range(50):
        lines = [json.loads(line) for line in list(service.logged)]
        found = [line for line in lines if line.get("request_id") == identity]
        if found:
            return found[0]
        time.sleep(0.05)
    pytest.fail(f"{identity} was not logged")


def test_a_request_is_one_line(service: Service) -> None:
    answer = service.client.post(
        "/models/penguins/predict", json=RECORD, headers={"X-Request-Id": "abc-123"}
    )
    assert answer.headers["x-request-id"] == "abc-123"
    line = logged(service, "abc-123")
    assert (line["status"], line["model"], line["version"]) == (200, "penguins", 2)
    assert (line["method"], line["path"]) == ("POST", "/models/penguins/predict")


@pytest.mark.parametrize("forged", ['x"}', "a" * 65, "a b", "é"])
def test_another_id_is_replaced(service: Service, forged: str) -> None:
    answer = service.client.get("/v2", headers={"X-Request-Id": forged.encode()})
    assert len(answer.headers["x-request-id"]) == 32
    logged(service, answer.headers["x-request-id"])


def test_no_path_makes_a_second_line(service: Service) -> None:
    answer = service.client.get('/models/a%0a{"time": 1}%e2%80%a8%ff' + "x" * 999)
    line = logged(service, answer.headers["x-request-id"])
    assert line["status"] == 404
    assert len(str(line["path"])) <= 256


def test_what_nobody_foresaw_is_a_500_without_its_trace(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_prices(tmp_path)
    monkeypatch.setattr("runtime.predictions.Rows.__call__", lambda *_: 1 / 0)
    with InProcess(create_app(tmp_path)) as client:
        answer = client.post("/models/prices/predict", json=[[1, 2, 3]])
    assert answer.status_code == 500
    assert "division" not in answer.text
    line = json.loads(capfd.readouterr().err)
    assert line["status"] == 500
    assert "ZeroDivisionError" in line["error"]


def test_the_page_needs_nothing_from_elsewhere(service: Service) -> None:
    answer = service.client.get("/", headers={"Accept": "text/html"})
    assert answer.headers["content-type"].startswith("text/html")
    assert f"curl -s {service.address}/models/penguins/versions/1/predict" in answer.text
    assert "http" not in answer.text.replace(service.address, "")
    assert "<script" not in answer.text


def test_the_page_escapes(tmp_path: Path) -> None:
    (tmp_path / "<b>" / "1").mkdir(parents=True)
    with InProcess(create_app(tmp_path)) as client:
        assert "<b>" not in client.get("/", headers={"Accept": "text/html"}).text
