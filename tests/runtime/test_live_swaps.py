"""Under requests: aliases move, versions come and go, and every request is answered whole."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from live_service import Service, start
from load import asking, post
from tiny_bundles import write_prices

from bundle.aliases import set_alias
from bundle.unloaded import add_unloaded, remove_unloaded

ROWS = [[1.0, 2.0, 4.0], [2.0, 4.0, 8.0]]
LOOK = {"ISOMORPH_LOOK_SECONDS": "0.1"}
SWAPS = 10
"""By each of the two ways."""


@dataclass
class Load:
    """Requests from several connections, as fast as they are answered."""

    address: str
    answered: list[int] = field(default_factory=list)
    wrong: list[Any] = field(default_factory=list)
    stop: threading.Event = field(default_factory=threading.Event)

    def ask(self) -> None:
        while not self.stop.is_set():
            # A new connection now and then, so that every worker takes part.
            with closing(HTTPConnection(self.address, timeout=30)) as connection:
                for _ in range(20):
                    self._once(connection)
                    time.sleep(0.005)

    def _once(self, connection: HTTPConnection) -> None:
        status, content = post(connection, "/models/prices/predict", ROWS)
        version = content.get("version", 0)
        if status != 200 or content["predictions"] != [
            {"prediction": k * 21.0 * version} for k in (1, 2)
        ]:
            self.wrong.append(content)
        self.answered.append(version)


@contextmanager
def load(address: str, connections: int = 3) -> Iterator[Load]:
    with asking(Load(address), connections) as running:
        yield running


def write(root: Path, version: int) -> Path:
    return write_prices(root, version=version, scale=float(version)).path


@pytest.fixture
def artifacts(tmp_path: Path) -> Path:
    root = tmp_path / "artifacts"
    for version in (1, 2):
        write(root, version)
    set_alias(root / "prices", "champion", 1)
    return root


def everywhere(address: str, workers: int, version: int) -> bool:
    """Whether every worker answers with this version, asked over new connections."""
    for _ in range(1 if workers == 1 else 12):
        with closing(HTTPConnection(address, timeout=30)) as connection:
            status, content = post(connection, "/models/prices/predict", ROWS)
        if status != 200 or content["version"] != version:
            return False
    return True


def within(seconds: float, true: Callable[[], bool]) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, "not followed in time"
        time.sleep(0.02)


def host(service: Service) -> str:
    return service.address.removeprefix("http://")


def moved(service: Service, version: int) -> None:
    answer = service.client.put("/models/prices/aliases/champion", json={"version": version})
    assert answer.status_code == 200, answer.text


def swapped(root: Path, workers: int, swaps: int) -> Load:
    """Move the champion `swaps` times by the file, and as often by the admin route."""
    for version in (1, 2):
        write(root, version)
    set_alias(root / "prices", "champion", 1)
    with start(root, workers, environment=LOOK) as service, load(host(service)) as running:
        for i in range(2 * swaps):
            version = 2 - i % 2
            if i < swaps:
                set_alias(root / "prices", "champion", version)
                within(20, lambda v=version: everywhere(host(service), workers, v))  # type: ignore[misc]
            else:
                moved(service, version)
                if workers == 1:
                    assert everywhere(host(service), workers, version)
                else:
                    time.sleep(0.2)
        within(20, lambda: everywhere(host(service), workers, version))
    return running


@pytest.mark.parametrize("workers", [1, 2])
def test_swaps_fail_no_request_and_mix_no_answer(tmp_path: Path, workers: int) -> None:
    running = swapped(tmp_path, workers, SWAPS)
    assert running.wrong == []
    assert {1, 2} == set(running.answered)
    assert len(running.answered) > 10 * SWAPS


@pytest.mark.parametrize("workers", [1, 2])
def test_versions_come_and_go_under_requests(artifacts: Path, workers: int) -> None:
    prices = artifacts / "prices"
    (prices / "aliases.json").unlink()
    with start(artifacts, workers, environment=LOOK) as service, load(host(service)) as running:
        at = lambda version: within(8, lambda: everywhere(host(service), workers, version))  # noqa: E731
        at(2)
        bad = write(artifacts.parent / "elsewhere", 4)
        (bad / "golden.json").write_bytes(b"{}")
        bad.rename(prices / "4")
        write(artifacts, 3)
        at(3)
        moved(service, 2)
        at(2)
        shutil.rmtree(prices / "3")
        shutil.rmtree(prices / "1")
        (prices / "aliases.json").unlink()
        time.sleep(0.5)
        at(2)
        write(artifacts, 5)
        at(5)
        service.client.post("/models/prices/versions/5/unload")
        at(2)
        service.client.post("/models/prices/versions/5/load")
        at(5)
        add_unloaded(prices, [5])
        at(2)
        remove_unloaded(prices, [5])
        at(5)
        listing = service.client.get("/models").json()["models"]
        assert {each["version"]: each["state"] for each in listing} == {
            2: "ready",
            4: "not ready",
            5: "ready",
        }
    assert running.wrong == []
    assert set(running.answered) == {2, 3, 5}


def test_a_version_of_this_moment_becomes_the_champion(artifacts: Path) -> None:
    """The worker that is asked opens it at once; the other moves when it has opened it, too."""
    with start(artifacts, workers=2, environment=LOOK) as service, load(host(service)) as running:
        for version in range(3, 9):
            write(artifacts, version)
            moved(service, version)
            within(8, lambda v=version: everywhere(host(service), 2, v))  # type: ignore[misc]
            within(8, lambda v=version: v in running.answered)  # type: ignore[misc]
    assert running.wrong == []
