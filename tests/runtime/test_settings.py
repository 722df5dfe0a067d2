"""Where the server listens: what is given, what a platform says, what is safe."""

# ruff: noqa: S104 - addresses to compare with, nothing binds to them

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest
from live_service import Service, start

from bundle.errors import IsomorphError
from runtime.settings import is_local, place


@pytest.mark.parametrize(
    ("host", "port", "environment", "expected"),
    [
        (None, None, {}, ("127.0.0.1", 8080)),
        (None, None, {"PORT": ""}, ("127.0.0.1", 8080)),
        (None, None, {"PORT": "9000"}, ("0.0.0.0", 9000)),
        (None, None, {"AIP_HTTP_PORT": "8081", "PORT": "9000"}, ("0.0.0.0", 8081)),
        ("127.0.0.1", None, {"PORT": "9000"}, ("127.0.0.1", 9000)),
        (None, 7000, {"PORT": "9000"}, ("127.0.0.1", 7000)),
        (None, 0, {"PORT": "9000"}, ("127.0.0.1", 0)),
        ("::", 7000, {"AIP_HTTP_PORT": "8081"}, ("::", 7000)),
        ("::1", None, {}, ("::1", 8080)),
    ],
)
def test_what_is_given_comes_first(
    host: str | None, port: int | None, environment: dict[str, str], expected: tuple[str, int]
) -> None:
    assert place(host, port, environment) == expected


@pytest.mark.parametrize("text", ["http", "-1", "65536", "9" * 5000, "80 80", "٣", "8080.0"])
@pytest.mark.parametrize("name", ["PORT", "AIP_HTTP_PORT"])
def test_what_is_no_port_is_named(name: str, text: str) -> None:
    with pytest.raises(IsomorphError, match=f"the environment's {name} is no port"):
        place(None, None, {name: text})


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.0.0.2", True),
        ("::1", True),
        ("[::1]", True),
        ("localhost", True),
        ("0.0.0.0", False),
        ("::", False),
        ("10.0.0.1", False),
        ("example.org", False),
        ("", False),
    ],
)
def test_what_only_this_machine_reaches(host: str, local: bool) -> None:  # noqa: FBT001
    assert is_local(host) is local


def test_a_server_takes_the_port_of_the_platform(artifacts: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with start(artifacts, environment={"PORT": str(port)}) as service:
        assert service.address == f"http://127.0.0.1:{port}"
        assert service.client.get("/v2/health/ready").status_code == 200
        assert httpx.get(f"http://127.0.0.2:{port}/v2").status_code == 200
    assert sum(line.startswith(f"WARNING: 0.0.0.0:{port} is open") for line in service.logged) == 1


def test_alone_on_this_machine_there_is_nothing_to_warn_of(service: Service) -> None:
    assert not any("WARNING" in line for line in list(service.logged))
