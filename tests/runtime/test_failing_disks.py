"""A disk that is full or gone, and a log that nobody reads: requests are answered on."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import numpy as np
import pyarrow as pa
import pytest
from live_service import Service, start
from tables import penguins, post, read
from tiny_bundles import RECORD, write_penguins, write_prices
from workers import workers

ROWS = 200_000  # over the mebibyte that stays in memory


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_prices(tmp_path / "artifacts")
    write_penguins(tmp_path / "artifacts", version=2)
    return write_penguins(tmp_path / "artifacts").path.parent.parent


def answers(service: Service, version: int | None = None) -> bool:
    which = "" if version is None else f"/versions/{version}"
    path = f"/models/penguins{which}/predict"
    return service.client.post(path, json=RECORD).status_code == 200


def fault(service: Service, name: str) -> str:
    """What is said of a model; empty for nothing."""
    found = service.client.get(f"/models/{name}/aliases").json()
    return str(found.get("fault", ""))


def many() -> pa.Table:
    return penguins(ROWS, bill=pa.array(np.linspace(30, 60, ROWS)))


def test_a_full_disk(place: Path) -> None:
    """By a limit on the size of files: a write fails in the kernel, as on a full disk."""
    with start(place) as service:
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
        refused = post(service, many())
        assert refused.status_code == 503
        assert refused.json()["type"] == "urn:isomorph:no-room"
        assert refused.headers["retry-after"] == "10"
        assert "tmp" not in refused.text
        alias = service.client.put("/models/penguins/aliases/champion", json={"version": 2})
        assert alias.status_code == 409
        assert os.strerror(errno.EFBIG) in alias.json()["detail"]
        assert answers(service)
        write_prices(place, version=2)
        within(service, lambda: "2" in versions(service, "prices"))
        resource.prlimit(service.process.pid, resource.RLIMIT_FSIZE, (-1, -1))
        assert read(post(service, many())).num_rows == ROWS
    assert any("TMPDIR takes no bulk body" in line for line in service.logged)


def test_no_place_for_bulk_bodies(place: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    with start(place, environment={"TMPDIR": str(gone)}) as service:
        assert read(post(service, many())).num_rows == ROWS
        shutil.rmtree(gone)
        assert post(service, many()).status_code == 503
        assert answers(service)


def test_artifacts_that_are_lost(place: Path) -> None:
    """A mount that goes: nothing changes, the log says so once, and once that it is back."""
    with start(place) as service:
        place.rename(place.parent / "elsewhere")
        within(service, lambda: any("cannot be listed" in line for line in service.logged))
        time.sleep(1.5)
        assert answers(service)
        assert service.client.get("/v2/health/ready").status_code == 200
        (place.parent / "elsewhere").rename(place)
        within(service, lambda: any("can be listed again" in line for line in service.logged))
        shutil.rmtree(place / "penguins")
        within(service, lambda: "its directory is gone" in service.client.get("/models").text)
        assert answers(service)
    assert sum("cannot be listed" in line for line in service.logged) == 1


def test_a_process_that_starts_while_artifacts_are_lost(place: Path) -> None:
    """It does not say that there is no such model: it does not know."""
    with start(place, environment={"ISOMORPH_LOOK_SECONDS": "0.1"}, workers=2) as service:
        elsewhere = place.rename(place.parent / "elsewhere")
        for worker in workers(service):
            os.kill(worker, signal.SIGKILL)
        within(service, lambda: sum("cannot be listed" in line for line in service.logged) >= 2)
        refused = service.client.post("/models/penguins/predict", json=RECORD)
        assert refused.status_code == 503
        assert "cannot be listed" in refused.json()["detail"]
        assert service.client.get("/v2/health/ready").status_code == 503
        elsewhere.rename(place)
        statuses = [refused.status_code]
        until = time.monotonic() + 20
        while statuses[-30:] != [200] * 30:
            assert time.monotonic() < until, statuses
            with httpx.Client(base_url=service.address) as another:  # perhaps of the other worker
                answer = another.post("/models/penguins/predict", json=RECORD)
            statuses.append(answer.status_code)
        assert {*statuses} == {200, 503}
        assert service.client.get("/models/none").status_code == 404


@pytest.fixture
def obeying() -> list[str]:
    """What makes the superuser obey the permissions of files, as everybody else does."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("the superuser may read everything, and there is no setpriv to change that")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def test_artifacts_that_may_not_be_read_any_more(place: Path, obeying: list[str]) -> None:
    with start(place, within=obeying) as service:
        place.chmod(0)
        within(service, lambda: "(Permission denied)" in fault(service, "penguins"))
        assert fault(service, "prices").startswith("the directory cannot be listed")
        assert all(answers(service, version) for version in (1, 2))
        assert service.client.get("/v2/health/ready").status_code == 200
        alias = service.client.put("/models/penguins/aliases/champion", json={"version": 1})
        assert alias.status_code == 409, alias.text
        place.chmod(0o700)
        within(service, lambda: not fault(service, "penguins"))
    said = [line for line in service.logged if "listed" in line]
    assert "cannot be listed (Permission denied); what answers goes on answering" in said[0]
    assert "can be listed again" in said[1]
    assert len(said) == 2


def test_a_model_that_may_not_be_read_any_more(place: Path, obeying: list[str]) -> None:
    """Of its versions none is taken for removed."""
    with start(place, within=obeying) as service:
        (place / "penguins").chmod(0)
        within(service, lambda: "(Permission denied)" in fault(service, "penguins"))
        assert all(answers(service, version) for version in (1, 2))
        assert not fault(service, "prices")
        (place / "penguins").chmod(0o700)
        within(service, lambda: not fault(service, "penguins"))
    assert sum("penguins: the directory cannot be listed" in line for line in service.logged) == 1


def test_a_model_that_may_not_be_read_at_the_start(place: Path, obeying: list[str]) -> None:
    (place / "penguins").chmod(0)
    with start(place, within=obeying) as service:
        refused = service.client.post("/models/penguins/predict", json=RECORD)
        assert refused.status_code == 503
        assert service.client.get("/v2/health/ready").status_code == 503
        assert service.client.get("/models/none").status_code == 404
        assert service.client.get("/v2/models/prices/ready").status_code == 200
        (place / "penguins").chmod(0o700)
        within(service, lambda: answers(service))
        assert service.client.get("/v2/health/ready").status_code == 200


def test_a_new_version_that_may_not_be_read(place: Path, obeying: list[str]) -> None:
    with start(place, within=obeying) as service:
        (place / "penguins" / "1").chmod(0)  # it answers from memory
        write_penguins(place.parent / "elsewhere", version=3)
        new = place.parent / "elsewhere" / "penguins" / "3"
        (new / "model.onnx").chmod(0)
        new.rename(place / "penguins" / "3")
        within(service, lambda: any("penguins/3 is not ready" in line for line in service.logged))
        assert "Permission denied" in service.client.get("/models").text
        assert all(answers(service, version) for version in (1, 2))
        (place / "penguins" / "3" / "model.onnx").chmod(0o600)
        (place / "penguins" / "3" / "model.onnx").touch()
        within(service, lambda: answers(service, 3))
        (place / "penguins" / "1").chmod(0o700)


def test_a_log_that_nobody_reads(place: Path) -> None:
    reading, writing = os.pipe()
    code = f"from runtime.server import serve; serve({str(place)!r}, port=0)"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=writing, text=True
    ) as process:
        os.close(writing)
        assert process.stdout is not None
        address = process.stdout.readline().split()[-1]
        os.close(reading)
        with httpx.Client(base_url=address) as client:
            for _ in range(30):
                assert client.post("/models/penguins/predict", json=RECORD).status_code == 200
                assert client.get("/models/none").status_code == 404
                time.sleep(0.01)
            hostile = place / "prices" / "7"
            hostile.mkdir()  # the log has something to say of its own
            within_client(client)
            assert client.post("/models/penguins/predict", json=RECORD).status_code == 200
        process.terminate()
        assert process.wait(timeout=30) in (0, -15)


def within_client(client: httpx.Client) -> None:
    until = time.monotonic() + 20
    while "7 is not" not in client.get("/models").text and '"version":7' not in client.get(
        "/models"
    ).text.replace(" ", ""):
        assert time.monotonic() < until
        time.sleep(0.05)


def versions(service: Service, name: str) -> list[str]:
    listing = service.client.get("/models").json()["models"]
    return [str(each["version"]) for each in listing if each["name"] == name]


def within(service: Service, true: object) -> None:
    until = time.monotonic() + 20
    while not true():  # type: ignore[operator]
        assert time.monotonic() < until, "".join(service.logged[-5:])
        time.sleep(0.05)
