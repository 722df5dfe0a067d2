"""Where the server listens: what is given, what a platform says, what is safe."""

# ruff: noqa: S104 - addresses to compare with, nothing binds to them

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest
from live_service import Service, start

from bundle.errors import IsomorphError
from runtime.platforms import Place, is_local, place


def test_at_home(tmp_path: Path) -> None:
    assert place(environment={}, root=tmp_path) == Place(Path("artifacts"), "127.0.0.1", 8080)
    assert (
        place(environment={"SAGEMAKER_REGION": "eu-west-1"}, root=tmp_path) == Place()
    )  # a notebook, say


@pytest.mark.parametrize(
    ("environment", "port"), [({}, 8080), ({"SAGEMAKER_BIND_TO_PORT": "8085"}, 8085)]
)
def test_in_sagemaker(tmp_path: Path, environment: dict[str, str], port: int) -> None:
    model = tmp_path / "opt" / "ml" / "model"
    model.mkdir(parents=True)
    assert place(environment=environment, root=tmp_path) == Place(model, "0.0.0.0", port)


def test_in_sagemaker_with_many_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = place(environment={"SAGEMAKER_MULTI_MODEL": "true"}, root=tmp_path)
    assert found == Place(tmp_path / "isomorph-models", "0.0.0.0", 8080)
    assert found.artifacts.is_dir()
    assert place(environment={"SAGEMAKER_MULTI_MODEL": "false"}, root=tmp_path) == Place()


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
    tmp_path: Path,
    host: str | None,
    port: int | None,
    environment: dict[str, str],
    expected: tuple[str, int],
) -> None:
    assert place(None, host, port, environment=environment, root=tmp_path)[1:] == expected


@pytest.mark.parametrize("text", ["http", "-1", "65536", "9" * 5000, "80 80", "٣", "8080.0"])
@pytest.mark.parametrize("name", ["PORT", "AIP_HTTP_PORT"])
def test_what_is_no_port_is_named(name: str, text: str) -> None:
    with pytest.raises(IsomorphError, match=f"the environment's {name} is no port"):
        place(environment={name: text})


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
    assert not any("is open to whoever" in line for line in list(service.logged))
