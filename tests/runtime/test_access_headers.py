"""What opens and what does not: how a key may be sent, near misses, the scope of every route."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from in_process import InProcess
from live_service import Service, start
from tiny_bundles import RECORD, write_penguins

from runtime import keys
from runtime.access import Access
from runtime.app import create_app, doors
from runtime.door import Call, Route
from runtime.errors import UnauthorizedError
from runtime.settings import Settings


@dataclass
class Locked:
    """A service that asks for a key, and the key."""

    service: Service
    predict: str


@pytest.fixture(scope="module")
def locked(tmp_path_factory: pytest.TempPathFactory, artifacts: Path) -> Iterator[Locked]:
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    key = keys.make(file, "caller", "predict")
    with start(artifacts, environment={"ISOMORPH_KEYS": str(file)}) as service:
        yield Locked(service, key)


def basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def test_how_a_key_is_sent(locked: Locked) -> None:
    key = locked.predict
    signed = (
        "AWS4-HMAC-SHA256 Credential=AKIA/20261121/eu-west-1/sagemaker/aws4_request, Signature=0"
    )
    for headers in (
        {"Authorization": f"Bearer {key}"},
        {"Authorization": f"bearer {key}"},
        {"Authorization": basic("anyone", key)},
        {"Authorization": basic("", key)},
        {"X-Api-Key": key},
        {"X-Api-Key": key, "Authorization": signed},
    ):
        for _ in range(3):
            assert locked.service.client.get("/models", headers=headers).status_code == 200
    for headers in (
        {"Authorization": key},
        {"Authorization": f"Bearer{key}"},
        {"Authorization": f"Token {key}"},
        {"Authorization": basic(key, "")},
        {"Authorization": "Basic !!!!"},
        {"Authorization": signed},
        {"X-Api-Key": f"Bearer {key}"},
        {"X-Api-Key": "", "Authorization": f"Bearer {key}"},
        {"Cookie": f"Authorization=Bearer {key}"},
    ):
        assert locked.service.client.get("/models", headers=headers).status_code == 401
    assert locked.service.client.get("/models", params={"key": key}).status_code == 401


# What changes something is admin; whatever is added must be put into one of the lists.
PREDICTS = ("predict", "infer", "invocations", "classify", "regress", "explain", "score", "batch")
PREDICTS += ("csv", "evaluate", "invoke", "unsupported")


def test_every_route_has_the_scope_of_what_it_does() -> None:
    routes = [
        route
        for door in doors({"SAGEMAKER_MULTI_MODEL": "true", "AIP_HEALTH_ROUTE": "/here"})
        for route in door.routes
    ]
    assert len(routes) > 80
    for route in routes:
        assert route.scope in ("open", "predict", "admin")
        if route.scope == "open":
            assert route.methods == ("GET",)
            assert route.path.endswith(
                ("z", "/ping", "/health", "/live", "/ready", "/", "/here")
            ) or (route.path.startswith("/v1/endpoints/")), route.path
        elif set(route.methods) & {"PUT", "DELETE"}:
            assert route.scope == "admin", route.path
        elif "POST" in route.methods and route.scope == "predict":
            assert predicts(route), route.path


def predicts(route: Route) -> bool:
    return any(each in route.handler.__name__ for each in PREDICTS)


def test_multi_model_routes_ask_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAGEMAKER_MULTI_MODEL", "true")
    bundle = write_penguins(tmp_path / "artifacts").path
    file = tmp_path / "keys.json"
    predict, admin = keys.make(file, "a", "predict"), keys.make(file, "b", "admin")
    with InProcess(create_app(Settings(artifacts=tmp_path / "artifacts", keys=file))) as app:

        def post(path: str, key: str, body: Any) -> int:
            return app.post(path, json=body, headers={"X-Api-Key": key}).status_code

        wish = {"model_name": "p", "url": str(bundle)}
        row = {"dataframe_split": {"columns": list(RECORD), "data": [list(RECORD.values())]}}
        assert [post("/models", key, wish) for key in ("", predict)] == [401, 403]
        assert post("/models", admin, wish) not in (401, 403)
        assert post("/models/p/invoke", "", row) == 401
        assert post("/models/p/invoke", predict, row) == 200


@pytest.fixture(scope="module")
def access(tmp_path_factory: pytest.TempPathFactory) -> tuple[Access, str]:
    file = tmp_path_factory.mktemp("keys") / "keys.json"
    key = keys.make(file, "caller", "predict")
    return Access(file), key


def allowed(access: Access, **headers: bytes) -> bool:
    named = {name.replace("_", "-").encode(): value for name, value in headers.items()}
    call = Call({}, named, {}, b"", None, None, None)  # type: ignore[arg-type]
    try:
        access.check(call, "predict")
    except UnauthorizedError:
        return False
    return True


@settings(deadline=None, max_examples=500)
@given(
    authorization=st.binary(max_size=100)
    | st.binary(max_size=60).map(b"Bearer ".__add__)
    | st.binary(max_size=60).map(lambda each: b"Basic " + base64.b64encode(each)),
    alone=st.none() | st.binary(max_size=80),
)
def test_no_header_opens_by_accident(
    access: tuple[Access, str], authorization: bytes, alone: bytes | None
) -> None:
    headers = {"authorization": authorization} | ({} if alone is None else {"x_api_key": alone})
    assert not allowed(access[0], **headers)


@settings(deadline=None, max_examples=300)
@given(data=st.data())
def test_no_other_key_is_the_key(access: tuple[Access, str], data: st.DataObject) -> None:
    checked, key = access
    raw = bytearray(key.encode())
    at = data.draw(st.integers(0, len(raw) - 1))
    raw[at] ^= data.draw(st.integers(1, 255))
    assert allowed(checked, authorization=b"Bearer " + key.encode())
    assert allowed(checked, x_api_key=key.encode())
    # White space around a credential is no part of it.
    if bytes(raw).strip() != key.encode():
        assert not allowed(checked, authorization=b"Bearer " + bytes(raw))
        assert not allowed(checked, x_api_key=bytes(raw))


@settings(deadline=None, max_examples=200)
@given(user=st.text(max_size=300).filter(lambda text: ":" not in text))
def test_any_user_may_stand_before_the_key(access: tuple[Access, str], user: str) -> None:
    checked, key = access
    encoded = base64.b64encode(f"{user}:{key}".encode("utf-8", "replace"))
    assert allowed(checked, authorization=b"Basic " + encoded)
    assert len(checked._remembered) <= 1024
