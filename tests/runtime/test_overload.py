"""Too many at once: told to come later at once and in the door's words, the others answered."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from live_service import start
from tiny_bundles import RECORD, write_penguins, write_prices

from runtime.app import Service, create_app
from runtime.bounds import ARRIVED, SHED
from runtime.large import Large
from runtime.settings import Settings

NATIVE = "/models/penguins/predict"
MANY = json.dumps([RECORD] * 5000).encode()  # beyond what runs on the event loop


class Asgi:
    """The application, asked as a server asks it."""

    def __init__(self, app: Service) -> None:
        self.app, self.runner = app, asyncio.Runner()
        self.lifespan = app.router.lifespan_context(app)
        self.runner.run(self.lifespan.__aenter__())

    def close(self) -> None:
        self.runner.run(self.lifespan.__aexit__(None, None, None))
        self.runner.close()

    def ask(
        self, path: str, body: bytes = b"", waited: float = 0.0, more: Any = None
    ) -> tuple[int, dict[bytes, bytes], bytes, dict[str, Any]]:
        """Status, headers, body and the scope; `more` is called where more of the body is asked."""
        scope = {
            "type": "http",
            "method": "POST" if body else "GET",
            "path": path,
            "query_string": b"",
            "scheme": "http",
            "headers": [(b"content-type", b"application/json")],
            ARRIVED: time.perf_counter() - waited,
        }
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if receive.asked:  # type: ignore[attr-defined]
                more()
            receive.asked = True  # type: ignore[attr-defined]
            return {"type": "http.request", "body": body, "more_body": more is not None}

        receive.asked = False  # type: ignore[attr-defined]

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        self.runner.run(self.app(scope, receive, send))
        return sent[0]["status"], dict(sent[0]["headers"]), sent[1]["body"], scope


@pytest.fixture
def asgi(tmp_path: Path) -> Iterator[Asgi]:
    write_penguins(tmp_path)
    write_prices(tmp_path)
    settings = Settings(artifacts=tmp_path, concurrency=1, queue=0, max_held=600_000)
    made = Asgi(create_app(settings))
    yield made
    made.close()


def test_what_waited_too_long_is_told_to_come_later(asgi: Asgi) -> None:
    row = json.dumps(RECORD).encode()
    assert asgi.ask(NATIVE, row, waited=0.4)[0] == 200
    status, headers, body, scope = asgi.ask(NATIVE, row, waited=0.6)
    assert status == 503
    assert headers[b"retry-after"] == b"1"
    assert json.loads(body)["type"] == "urn:isomorph:overloaded"
    assert scope[SHED]
    assert asgi.ask("/livez", waited=9)[0] == 200
    status, headers, body, _ = asgi.ask("/v2/models/prices/infer", b"{}", waited=0.6)
    assert (status, headers[b"retry-after"]) == (503, b"1")
    assert json.loads(body).keys() == {"error"}


def test_large_ones_beyond_the_queue(asgi: Asgi, monkeypatch: pytest.MonkeyPatch) -> None:
    assert asgi.ask(NATIVE, MANY)[0] == 200
    monkeypatch.setattr(Large, "_full", True)
    status, headers, body, scope = asgi.ask(NATIVE, MANY)
    assert (status, headers[b"retry-after"]) == (503, b"1")
    assert json.loads(body)["type"] == "urn:isomorph:overloaded"
    assert scope[SHED]
    assert asgi.ask(NATIVE, json.dumps(RECORD).encode())[0] == 200  # needs no thread

    def never() -> None:
        raise AssertionError

    status, headers, body, _ = asgi.ask(NATIVE, MANY, more=never)  # the rest is not read
    assert (status, headers[b"connection"]) == (503, b"close")
    assert json.loads(body)["type"] == "urn:isomorph:busy"


def test_bodies_in_memory_are_counted(asgi: Asgi) -> None:
    for _ in range(3):  # what was held is let go of
        reads: list[int] = []
        status, headers, _, _ = asgi.ask(NATIVE, MANY, more=lambda: reads.append(1))  # noqa: B023
        assert (status, headers[b"connection"]) == (503, b"close")
        assert len(reads) == 600_000 // len(MANY)


def test_places_are_given_back(tmp_path: Path) -> None:
    """Many at once, of which most find no place; afterwards every place is free."""
    write_penguins(tmp_path)
    environment = {"ISOMORPH_CONCURRENCY": "2", "ISOMORPH_QUEUE": "2"}
    body = json.dumps([RECORD] * 30_000).encode()
    with start(tmp_path, environment=environment) as service:
        found: list[tuple[int, str | None]] = []

        def ask() -> None:
            answer = service.client.post(NATIVE, content=body)
            found.append((answer.status_code, answer.headers.get("retry-after")))

        threads = [threading.Thread(target=ask) for _ in range(16)]
        for each in threads:
            each.start()
        for each in threads:
            each.join()
        assert {status for status, _ in found} == {200, 503}
        assert all(later for status, later in found if status == 503)
        assert len([status for status, _ in found if status == 200]) >= 4
        assert service.client.post(NATIVE, content=body).status_code == 200


def test_connections_have_a_limit(tmp_path: Path) -> None:
    write_penguins(tmp_path)
    with start(tmp_path, environment={"ISOMORPH_MAX_CONNECTIONS": "20"}) as service:
        host, port = service.address.removeprefix("http://").split(":")
        asked = b"GET /livez HTTP/1.1\r\nHost: x\r\n\r\n"
        found = []
        held = [socket.create_connection((host, int(port)), timeout=5) for _ in range(35)]
        for each in held:
            each.sendall(asked)
            found.append(each.recv(65536))
        statuses = [answer.split()[1] for answer in found]
        assert statuses.count(b"200") in (19, 20)  # the one that the start asked may still be open
        assert set(statuses) == {b"200", b"503"}
        assert all(b"retry-after: 1\r\n" in answer for answer in found if b" 503 " in answer)
        for each in held:
            each.close()
        time.sleep(0.3)
        assert service.client.get("/livez").status_code == 200
