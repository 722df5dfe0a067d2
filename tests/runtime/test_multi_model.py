"""SageMaker's multi-model contract: load, list, invoke, unload, in the order that it asks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from live_service import Service, start
from tiny_bundles import write_penguins, write_prices

ROW = b'{"instances": [[1, 2, 3]]}'
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def models(tmp_path: Path) -> Path:
    """Where SageMaker unpacks: <hash>/model, of whatever form the archive has."""
    write_prices(tmp_path / "made")
    shutil.copytree(tmp_path / "made" / "prices" / "1", tmp_path / "models" / "abc" / "model")
    shutil.copytree(tmp_path / "made", tmp_path / "models" / "def" / "model")
    return tmp_path / "models"


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """A server of many models, with none."""
    monkeypatch.setenv("SAGEMAKER_MULTI_MODEL", "true")
    (tmp_path / "artifacts").mkdir()
    with start(tmp_path / "artifacts") as running:
        yield running


def load(service: Service, name: str, url: Path | str) -> httpx.Response:
    return service.client.post("/models", json={"model_name": name, "url": str(url)})


def names(service: Service) -> list[tuple[str, str]]:
    found = service.client.get("/models").json()["models"]
    return [(each["modelName"], each["modelUrl"]) for each in found]


def invoke(service: Service, name: str, **headers: str) -> Any:
    return service.client.post(f"/models/{name}/invoke", content=ROW, headers=JSON | headers)


def test_a_life(service: Service, models: Path, tmp_path: Path) -> None:
    assert service.client.get("/ping").status_code == 200  # before any model is there
    assert names(service) == []
    url = models / "abc" / "model"
    assert load(service, "abc", url).status_code == 200
    assert load(service, "abc", url).status_code == 409
    assert names(service) == [("abc", str(url))]
    one = service.client.get("/models/abc").json()
    assert (one["modelName"], one["modelUrl"], one["state"]) == ("abc", str(url), "ready")
    for headers in ({}, {"X-Amzn-SageMaker-Target-Model": "some/where.tar.gz"}):
        assert invoke(service, "abc", **headers).json() == {"predictions": [17.0]}
    assert load(service, "def", models / "def" / "model").status_code == 200
    assert service.client.delete("/models/abc").status_code == 200
    assert service.client.delete("/models/abc").status_code == 404
    assert service.client.get("/models/abc").status_code == 404
    assert invoke(service, "abc").status_code == 404
    assert invoke(service, "def").json() == {"predictions": [17.0]}  # the same bundle
    assert service.client.delete("/models/def").status_code == 200
    assert names(service) == []
    assert service.client.get("/ping").status_code == 200
    assert load(service, "abc", url).status_code == 200
    assert invoke(service, "abc").json() == {"predictions": [17.0]}
    assert url.is_dir()
    assert list((tmp_path / "artifacts" / "prices").glob("*/manifest.json"))


def test_what_lies_in_artifacts_has_its_own_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SAGEMAKER_MULTI_MODEL", "true")
    write_prices(tmp_path)
    with start(tmp_path) as running:
        assert names(running) == [("prices", str(tmp_path / "prices"))]
        assert invoke(running, "prices").json() == {"predictions": [17.0]}
        assert load(running, "prices", tmp_path / "prices").status_code == 409
        assert running.client.delete("/models/prices").status_code == 200
        assert invoke(running, "prices").status_code == 404
        assert (tmp_path / "prices" / "1" / "manifest.json").is_file()
        assert load(running, "prices", tmp_path / "prices" / "1").status_code == 200
        assert running.client.delete("/models/prices").status_code == 200
        assert (tmp_path / "prices" / "1" / "manifest.json").is_file()


def test_another_bundle_of_the_same_version(service: Service, models: Path, tmp_path: Path) -> None:
    assert load(service, "abc", models / "abc" / "model").status_code == 200
    other = write_penguins(tmp_path / "others")
    shutil.copytree(other.path, models / "ghi" / "model")
    assert load(service, "ghi", models / "ghi" / "model").status_code == 200
    manifest = models / "def" / "model" / "prices" / "1" / "manifest.json"
    changed = json.loads(manifest.read_text()) | {"created": "2027-01-01T00:00:00Z"}
    manifest.write_text(json.dumps(changed))
    assert load(service, "def", models / "def" / "model").status_code == 409
    assert [name for name, _ in names(service)] == ["abc", "ghi"]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"model_name": "a"}',
        b'{"model_name": "", "url": "/"}',
        b'{"model_name": "a", "url": 7}',
        b'{"model_name": "a", "url": "/", "surplus": 1}',
        b'{"model_name": "a", "model_name": "b", "url": "/"}',
        b'{"model_name": "a", "url": "/hunter2"}',
        b'{"model_name": "a", "url": "/etc/passwd"}',
        b'{"model_name": "a", "url": "\\u0000"}',
        b'{"model_name": "a", "url": ""}',
    ],
)
def test_bad_loads_are_400(service: Service, body: bytes) -> None:
    answer = service.client.post("/models", content=body)
    assert answer.status_code == 400
    assert list(answer.json()) == ["error_code", "message"]
    assert "hunter2" not in answer.text
    assert names(service) == []


def test_it_is_the_native_listing_too(service: Service, models: Path) -> None:
    load(service, "abc", models / "abc" / "model")
    (found,) = service.client.get("/models").json()["models"]
    assert (found["name"], found["version"], found["state"]) == ("prices", 1, "ready")
    answer = service.client.post("/models/prices/predict", json=[[1, 2, 3]])
    assert answer.json()["predictions"] == [{"prediction": 17.0}]


def test_without_the_variable_there_is_no_such_door(tmp_path: Path) -> None:
    write_prices(tmp_path)
    with start(tmp_path) as running:
        assert load(running, "prices", tmp_path).status_code == 405
        assert running.client.post("/models/prices/invoke", content=ROW).status_code == 404
