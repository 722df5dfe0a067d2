"""The addresses of versions and aliases over a socket: what they answer, what they refuse."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from live_service import Service, start
from tiny_bundles import RECORD, write_penguins, write_prices

from bundle.aliases import set_alias


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Prices 1 and 2, of which 1 is the champion; version 3 is not whole. And penguins."""
    root = tmp_path_factory.mktemp("admin")
    for version in (1, 2, 3):
        place = write_prices(root, version=version, scale=float(version)).path
    (place / "golden.json").unlink()
    set_alias(root / "prices", "champion", 1)
    write_penguins(root)
    return root


@pytest.fixture(scope="module")
def admin(root: Path) -> Iterator[Service]:
    """A server over them."""
    with start(root) as running:
        yield running


@pytest.fixture
def client(admin: Service) -> Iterator[httpx.Client]:
    """Each test leaves champion 1 and both versions loaded, whatever it did."""
    yield admin.client
    admin.client.post("/models/prices/load")
    admin.client.put("/models/prices/aliases/champion", json={"version": 1})
    for alias in ("challenger", "spare"):
        admin.client.delete(f"/models/prices/aliases/{alias}")


def listed(client: httpx.Client) -> dict[int, dict[str, Any]]:
    found = client.get("/models").json()["models"]
    return {each["version"]: each for each in found if each["name"] == "prices"}


def price(client: httpx.Client, address: str) -> tuple[int, float]:
    answer = client.post(f"/models/prices{address}/predict", json=[[1, 2, 4]]).json()
    return answer["version"], answer["predictions"][0]["prediction"]


def test_aliases_are_listed(client: httpx.Client) -> None:
    answer = client.get("/models/prices/aliases")
    assert answer.status_code == 200
    assert answer.json() == {"model": "prices", "default": 1, "aliases": {"champion": 1}}
    assert client.get("/models/penguins/aliases").json()["aliases"] == {}
    found = listed(client)
    assert [found[version]["default"] for version in (1, 2, 3)] == [True, False, False]
    assert [found[version]["aliases"] for version in (1, 2, 3)] == [["champion"], [], []]
    by_alias = client.get("/models/prices/aliases/champion").json()
    assert (by_alias["version"], by_alias["state"]) == (1, "ready")
    assert by_alias == client.get("/models/prices/versions/1").json()
    assert by_alias == client.get("/models/prices").json()


def test_an_alias_is_set_moved_and_deleted(client: httpx.Client) -> None:
    answer = client.put("/models/prices/aliases/challenger", json={"version": 2})
    assert answer.status_code == 200
    assert answer.json()["aliases"] == {"challenger": 2, "champion": 1}
    assert price(client, "/aliases/challenger") == (2, 42.0)
    assert price(client, "") == price(client, "/aliases/champion") == (1, 21.0)
    moved = client.put("/models/prices/aliases/champion", json={"version": 2}).json()
    assert moved == {
        "model": "prices",
        "default": 2,
        "aliases": {"challenger": 2, "champion": 2},
    }
    assert price(client, "") == (2, 42.0)
    deleted = client.delete("/models/prices/aliases/challenger")
    assert deleted.json()["aliases"] == {"champion": 2}
    gone = client.post("/models/prices/aliases/challenger/predict", json=[[1, 2, 4]])
    assert gone.status_code == 404
    assert gone.json()["mend"] == "It has: champion"


def test_one_row_by_get_and_by_alias(client: httpx.Client) -> None:
    answer = client.get("/models/prices/aliases/champion/predict?x0=1&x1=2&x2=4")
    assert answer.json() == {"model": "prices", "version": 1, "prediction": 21.0}


def test_versions_are_unloaded_and_loaded(client: httpx.Client) -> None:
    answer = client.post("/models/prices/versions/2/unload")
    assert (answer.status_code, answer.json()["reason"]) == (200, "unloaded")
    refused = client.post("/models/prices/versions/2/predict", json=[[1, 2, 4]])
    assert refused.status_code == 503
    assert refused.json()["detail"] == "version 2 is not ready: unloaded"
    assert client.get("/v2/health/ready").status_code == 200
    answer = client.post("/models/prices/versions/2/load")
    assert (answer.status_code, answer.json()["state"]) == (200, "ready")
    assert price(client, "/versions/2") == (2, 42.0)


def test_a_model_is_unloaded_and_loaded(client: httpx.Client) -> None:
    assert client.post("/models/prices/unload").json()["reason"] == "unloaded"
    assert client.post("/models/prices/predict", json=[[1, 2, 4]]).status_code == 503
    assert {each["state"] for each in listed(client).values()} == {"not ready"}
    assert client.get("/v2/health/ready").status_code == 200
    assert client.post("/models/penguins/predict", json=RECORD).status_code == 200
    assert client.post("/models/prices/load").json()["version"] == 1
    assert price(client, "") == (1, 21.0)


ALIAS = "/models/prices/aliases/champion"
REFUSED = {
    "no body": ("PUT", ALIAS, b"", 400, "the body is not JSON (line 1, column 1)"),
    "not JSON": ("PUT", ALIAS, b"{", 400, "the body is not JSON (line 1, column 2)"),
    "a list": ("PUT", ALIAS, b"[3]", 400, "the body names no version"),
    "no version": ("PUT", ALIAS, b"{}", 400, "the body names no version"),
    "a text": ("PUT", ALIAS, b'{"version": "2"}', 400, "the body names no version"),
    "true": ("PUT", ALIAS, b'{"version": true}', 400, "the body names no version"),
    "a float": ("PUT", ALIAS, b'{"version": 2.0}', 400, "the body names no version"),
    "zero": ("PUT", ALIAS, b'{"version": 0}', 400, "the body names no version"),
    "a digit too many": (
        "PUT",
        ALIAS,
        b'{"version": ' + b"9" * 999 + b"}",
        400,
        "names no version",
    ),
    "twice": ("PUT", ALIAS, b'{"version": 1, "version": 2}', 400, "the body names no version"),
    "a member more": ("PUT", ALIAS, b'{"version": 2, "x": 1}', 400, "the body names no version"),
    "deep": ("PUT", ALIAS, b"[" * 99, 400, "nested too deep"),
    "not an alias": ("PUT", ALIAS[:-8] + "v3", b'{"version": 2}', 400, "cannot be an alias"),
    "a bad version": ("PUT", ALIAS, b'{"version": 3}', 409, "version 3 is not ready: prices/3"),
    "no such version": ("PUT", ALIAS, b'{"version": 9}', 409, "it is not there"),
    "a huge version": ("PUT", ALIAS, b'{"version": 99999999999}', 409, "it is not there"),
    "no model": ("PUT", "/models/x/aliases/a", b'{"version": 1}', 404, "no model has this name"),
    "up": ("PUT", "/models/..%2fprices/aliases/a", b'{"version": 1}', 404, ""),
    "delete none": ("DELETE", ALIAS + "s", b"", 404, "the model has no such alias"),
    "delete no model": ("DELETE", "/models/x/aliases/a", b"", 404, "no model has this name"),
    "list no model": ("GET", "/models/x/aliases", b"", 404, "no model has this name"),
    "no alias": ("GET", ALIAS + "s", b"", 404, "the model has no such alias"),
    "post": ("POST", ALIAS, b"{}", 405, ""),
    "load none": ("POST", "/models/prices/versions/9/load", b"", 404, "no such version"),
    "load 01": ("POST", "/models/prices/versions/01/load", b"", 404, "no such version"),
    "load bad": ("POST", "/models/prices/versions/3/load", b"", 503, "version 3 is not ready"),
    "load no model": ("POST", "/models/x/load", b"", 404, "no model has this name"),
    "unload none": ("POST", "/models/prices/versions/9/unload", b"", 404, "no such version"),
    "in use": ("POST", "/models/prices/versions/1/unload", b"", 409, "the alias champion names"),
    "get load": ("GET", "/models/prices/load", b"", 405, ""),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(client: httpx.Client, admin: Service, case: str) -> None:
    method, path, body, status, detail = REFUSED[case]
    before = client.get("/models").json()
    answer = client.request(method, path, content=body)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert detail in answer.json()["detail"]
    assert "/tmp" not in answer.text  # noqa: S108 - where artifacts are is nobody's business
    assert client.get("/models").json() == before
    assert not any("error" in line for line in admin.logged)


def test_what_is_on_disk_is_followed_and_what_is_wrong_there_is_said(
    client: httpx.Client, root: Path
) -> None:
    aliases = root / "prices" / "aliases.json"
    aliases.write_text('{"champion": 2, "spare": 1}')
    within(lambda: aliases_of(client) == {"champion": 2, "spare": 1})
    aliases.write_text('{"champion": 1, "champion": 1}')
    within(lambda: "fault" in client.get("/models/prices/aliases").json())
    answer = client.get("/models/prices/aliases").json()
    assert answer["fault"].startswith("prices/aliases.json: not a file of aliases: an alias stands")
    assert answer["aliases"] == {"champion": 2, "spare": 1}
    refused = client.put("/models/prices/aliases/spare", json={"version": 2})
    assert refused.status_code == 409
    assert refused.json()["detail"] == "not a file of aliases: an alias stands twice"
    assert price(client, "") == (2, 42.0)
    aliases.write_text('{"champion": 1}')
    within(lambda: aliases_of(client) == {"champion": 1})


def aliases_of(client: httpx.Client) -> dict[str, int]:
    found: dict[str, int] = client.get("/models/prices/aliases").json()["aliases"]
    return found


def within(true: Callable[[], bool], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "not followed in time"
        time.sleep(0.02)
