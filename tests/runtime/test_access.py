"""Keys over sockets, in two workers: each door, each scope, keys that come and go."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from live_service import Service, start

from runtime import keys

ROWS = [[1.0, 2.0, 3.0]]
TENSOR = {"name": "X", "datatype": "FP64", "shape": [1, 3], "data": [1.0, 2.0, 3.0]}


@dataclass
class Locked:
    """A service that asks for keys, and the keys it knows."""

    service: Service
    file: Path
    predict: str
    admin: str

    def ask(self, key: str | None, method: str, path: str, **content: Any) -> httpx.Response:
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return self.service.client.request(method, path, headers=headers, **content)


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[Locked]:
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    predict, admin = keys.make(file, "caller", "predict"), keys.make(file, "operator", "admin")
    environment = {
        "ISOMORPH_KEYS": str(file),
        "AIP_PREDICT_ROUTE": "/vertex/predict",
        "AIP_HEALTH_ROUTE": "/vertex/health",
    }
    with start(artifacts, 2, "prices", environment) as service:
        yield Locked(service, file, predict, admin)


def problem(answer: httpx.Response) -> bool:
    return answer.headers["content-type"] == "application/problem+json" and {
        "type",
        "title",
        "status",
        "detail",
        "mend",
    } == set(answer.json())


def says(*members: str) -> Any:
    return lambda answer: set(answer.json()) == set(members)


# Method, address, body, and whether an error has the shape of the door.
DOORS = [
    ("POST", "/models/prices/predict", ROWS[0:0] or [{"x0": 1, "x1": 2, "x2": 3}], problem),
    ("GET", "/models/prices/predict?x0=1&x1=2&x2=3", None, problem),
    ("GET", "/models", None, problem),
    ("GET", "/openapi.json", None, problem),
    ("GET", "/metrics", None, problem),
    ("GET", "/models/prices/aliases", None, problem),
    ("POST", "/v2/models/prices/infer", {"inputs": [TENSOR]}, says("error")),
    ("GET", "/v2", None, says("error")),
    ("POST", "/v1/models/prices:predict", {"instances": ROWS}, says("error")),
    ("GET", "/v1/models", None, says("error")),
    ("POST", "/invocations", {"inputs": ROWS}, says("error_code", "message")),
    ("POST", "/endpoints/prices/invocations", {"inputs": ROWS}, says("error_code", "message")),
    ("GET", "/execution-parameters", None, says("error_code", "message")),
    ("POST", "/score", {"data": ROWS}, says("message")),
    ("GET", "/swagger.json", None, says("message")),
    (
        "POST",
        "/openscoring/model/prices",
        {"arguments": {"x0": 1, "x1": 2, "x2": 3}},
        says("message"),
    ),
    ("GET", "/openscoring/model", None, says("message")),
    ("POST", "/vertex/predict", {"instances": ROWS}, None),
]
ADMIN = [
    ("PUT", "/models/prices/aliases/next", {"version": 1}, problem, 200),
    ("DELETE", "/models/prices/aliases/next", None, problem, 200),
    ("POST", "/models/prices/unload", {}, problem, 200),
    ("POST", "/models/prices/load", {}, problem, 200),
    ("POST", "/models/prices/versions/1/unload", {}, problem, 200),
    ("POST", "/models/prices/versions/1/load", {}, problem, 200),
    ("POST", "/v2/repository/index", {}, says("error"), 200),
    ("POST", "/v2/repository/models/prices/unload", {}, says("error"), 200),
    ("POST", "/v2/repository/models/prices/load", {}, says("error"), 200),
]
OPEN = ["/livez", "/readyz", "/ping", "/health", "/v2/health/live", "/v2/health/ready", "/"]
OPEN += ["/vertex/health"]


@pytest.mark.parametrize(("method", "path", "body", "shaped"), DOORS)
def test_each_door_asks_for_a_key(
    locked: Locked, method: str, path: str, body: Any, shaped: Any
) -> None:
    content = {} if body is None else {"json": body}
    for wrong in (None, "x", "isomorph_" + "0" * 48, locked.predict[:-1], locked.predict + "0"):
        answer = locked.ask(wrong, method, path, **content)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == 'Bearer realm="isomorph"'
        assert shaped is None or shaped(answer)
        assert not wrong or wrong not in answer.text
    for key in (locked.predict, locked.admin):
        assert locked.ask(key, method, path, **content).status_code == 200


@pytest.mark.parametrize("asked", ADMIN, ids=lambda asked: f"{asked[0]} {asked[1]}")
def test_admin_asks_for_more(locked: Locked, asked: tuple[Any, ...]) -> None:
    method, path, body, shaped, status = asked
    content = {} if body is None else {"json": body}
    for key, refused in ((None, 401), (locked.predict, 403)):
        answer = locked.ask(key, method, path, **content)
        assert answer.status_code == refused
        assert shaped(answer)
    assert locked.ask(locked.admin, method, path, **content).status_code == status
    wait_for_prices(locked)


def wait_for_prices(locked: Locked) -> None:
    """What one worker loaded or unloaded the other follows in a second."""
    path = "/v2/repository/models/prices/load"
    locked.ask(locked.admin, "POST", path, json={})
    for _ in range(100):
        new = [httpx.get(locked.service.address + "/readyz") for _ in range(6)]
        if all(each.status_code == 200 for each in new):
            return
        time.sleep(0.05)
    raise AssertionError


@pytest.mark.parametrize("path", OPEN)
def test_probes_need_no_key(locked: Locked, path: str) -> None:
    assert locked.ask(None, "GET", path).status_code == 200


def test_the_page_shows_no_model_without_a_key(locked: Locked) -> None:
    answer = locked.service.client.get("/", headers={"Accept": "text/html"})
    assert answer.status_code == 200
    assert "prices" not in answer.text


def test_the_path_alone_decides(locked: Locked) -> None:
    for headers in (
        {"Host": "livez"},
        {"X-Forwarded-Prefix": "/livez"},
        {"X-Original-URL": "/livez"},
        {"X-Forwarded-For": "127.0.0.1"},
    ):
        assert locked.service.client.get("/models", headers=headers).status_code == 401
    for path in ("/models?/livez", "/livez/../models", "//models", "/models/", "/%6dodels"):
        url = httpx.URL(locked.service.address).copy_with(raw_path=path.encode())
        assert locked.service.client.get(url).status_code in (401, 404)


def all_workers(locked: Locked, key: str) -> set[int]:
    """The statuses of many new connections."""
    headers = {"Authorization": f"Bearer {key}"}
    url = f"{locked.service.address}/models"
    return {httpx.get(url, headers=headers).status_code for _ in range(12)}


def eventually(locked: Locked, key: str, status: int) -> None:
    until = time.monotonic() + 5
    while all_workers(locked, key) != {status}:
        assert time.monotonic() < until
        time.sleep(0.1)


def test_keys_come_and_go_while_it_runs(locked: Locked) -> None:
    key = keys.make(locked.file, "guest", "predict")
    eventually(locked, key, 200)
    keys.revoke(locked.file, "guest")
    eventually(locked, key, 401)
    assert all_workers(locked, locked.predict) == {200}


@pytest.mark.parametrize("damage", [b"{", None])
def test_a_damaged_file_changes_nothing(locked: Locked, damage: bytes | None) -> None:
    good = locked.file.read_bytes()
    before = len(locked.service.logged)
    try:
        locked.file.unlink() if damage is None else locked.file.write_bytes(damage)
        until = time.monotonic() + 5
        while not any("keys as they were stay" in x for x in locked.service.logged[before:]):
            assert time.monotonic() < until
            time.sleep(0.1)
        assert all_workers(locked, locked.predict) == {200}
        assert all_workers(locked, "isomorph_" + "0" * 48) == {401}
    finally:
        locked.file.write_bytes(good)
    eventually(locked, locked.admin, 200)


def test_the_log_names_the_key_and_never_shows_it(locked: Locked) -> None:
    locked.ask(locked.predict, "GET", "/models", params={"seen": "here"})
    locked.ask("isomorph_wrong", "GET", "/models")
    time.sleep(0.5)
    lines = [json.loads(line) for line in list(locked.service.logged)]
    assert any(line.get("key") == "caller" for line in lines)
    assert any(line.get("status") == 401 and "key" not in line for line in lines)
    shown = "".join(locked.service.logged) + "".join(locked.service.printed)
    assert locked.predict not in shown
    assert locked.admin not in shown
    assert "isomorph_wrong" not in shown


def test_the_document_says_so(locked: Locked, service: Service) -> None:
    said = locked.ask(locked.predict, "GET", "/openapi.json").json()
    assert said["security"] == [{"bearer": []}, {"header": []}]
    assert set(said["components"]["securitySchemes"]) == {"bearer", "header"}
    assert said["paths"]["/livez"]["get"]["security"] == []
    for path, item in said["paths"].items():
        for method, operation in item.items():
            if method == "parameters" or path in ("/livez", "/readyz"):
                continue
            refused = {"401", "403"} & set(operation["responses"])
            status = locked.ask(locked.predict, method, path.replace("{name}", "none")).status_code
            assert refused == ({"401", "403"} if status == 403 else {"401"}), path
    assert "security" not in service.client.get("/openapi.json").json()
