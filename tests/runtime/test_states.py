"""A bundle that is not whole, or not the same function here, never answers; the others do."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest
from in_process import InProcess
from live_service import start
from tiny_bundles import RECORD, prices_onnx, rehash, write_penguins, write_prices

from bundle.aliases import set_alias
from bundle.errors import BundleError
from bundle.reader import open_bundle
from runtime.app import create_app
from runtime.engine import Engine

HTML = {"Accept": "text/html"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    write_prices(tmp_path)
    return write_penguins(tmp_path).path


def flip(place: Path) -> None:
    content = bytearray((place / "model.onnx").read_bytes())
    content[100] ^= 1
    (place / "model.onnx").write_bytes(content)


def change_golden(place: Path) -> None:
    golden = json.loads((place / "golden.json").read_bytes())
    golden["expected"]["outputs"][1]["data"][2] += 1e-6
    (place / "golden.json").write_text(json.dumps(golden))
    rehash(place)


def other_label(place: Path) -> None:
    golden = json.loads((place / "golden.json").read_bytes())
    golden["expected"]["outputs"][0]["data"][0] = "Chinstrap"
    (place / "golden.json").write_text(json.dumps(golden))
    rehash(place)


def other_graph(place: Path) -> None:
    (place / "model.onnx").write_bytes(prices_onnx())
    rehash(place)


def no_graph(place: Path) -> None:
    (place / "model.onnx").write_bytes(b"not a graph")
    rehash(place)


def other_directory(place: Path) -> None:
    shutil.move(place, place.parent / "7")


CASES = {
    "a byte flipped": (flip, "SHA-256"),
    "a golden number changed": (change_golden, "row 1, output 'probabilities'"),
    "a golden label changed": (other_label, "row 0, output 'label'"),
    "another graph": (other_graph, "is not the signature's"),
    "not a graph": (no_graph, "not ONNX"),
    "a file missing": (lambda place: (place / "golden.json").unlink(), "missing"),
    "a file more": (lambda place: (place / "x").write_text("x"), "not in the manifest"),
    "no manifest": (lambda place: (place / "manifest.json").unlink(), "no manifest.json"),
    "another directory": (other_directory, "the manifest says penguins/1"),
}


@pytest.mark.parametrize("case", CASES)
def test_not_ready_with_a_reason(place: Path, case: str) -> None:
    damage, reason = CASES[case]
    damage(place)
    with InProcess(create_app(place.parent.parent)) as client:
        answer = client.post("/models/penguins/predict", json=RECORD)
        assert answer.status_code == 503
        assert reason in answer.json()["detail"]
        assert str(place.parent.parent) not in answer.text
        assert client.get("/v2/health/ready").status_code == 503
        assert client.get("/v2/models/penguins/ready").json()["ready"] is False
        assert client.post("/v2/models/penguins/infer", json={}).status_code == 503
        assert client.get("/models/penguins").json()["state"] == "not ready"
        assert "Not ready" in client.get("/", headers=HTML).text
        assert client.post("/models/prices/predict", json=[[1, 2, 3]]).status_code == 200


def test_an_older_version_steps_in_for_no_version_that_was_asked_for(place: Path) -> None:
    flip(write_penguins(place.parent.parent, version=2).path)
    with InProcess(create_app(place.parent.parent)) as client:
        asked = client.post("/models/penguins/versions/2/predict", json=RECORD)
        assert asked.status_code == 503
        assert client.post("/models/penguins/predict", json=RECORD).json()["version"] == 1
    set_alias(place.parent, "champion", 2)
    with InProcess(create_app(place.parent.parent)) as client:
        assert client.post("/models/penguins/predict", json=RECORD).status_code == 503
        older = client.post("/models/penguins/versions/1/predict", json=RECORD)
        assert older.json()["version"] == 1


def test_the_latest_is_the_highest_number(place: Path) -> None:
    write_penguins(place.parent.parent, version=10)
    write_penguins(place.parent.parent, version=9)
    with InProcess(create_app(place.parent.parent)) as client:
        assert client.post("/models/penguins/predict", json=RECORD).json()["version"] == 10


def test_the_terminal_says_what_answers_and_what_does_not(place: Path) -> None:
    flip(place)
    with start(place.parent.parent) as service:
        answer = service.client.post("/models/prices/predict", json=[[1, 2, 3]])
        assert answer.status_code == 200
        for _ in range(100):
            time.sleep(0.02 * (len(service.printed) < 2))
    printed = "".join(service.printed)
    assert "penguins/1 is not ready: penguins/1/model.onnx: the file is not the one" in printed
    assert f"curl -s {service.address}/models/prices/versions/1/predict -d " in printed


def test_replay_raises_what_differs(place: Path) -> None:
    engine = Engine(open_bundle(place))
    engine.replay()
    change_golden(place)
    with pytest.raises(BundleError, match=r"row 1, output 'probabilities': expected .* got "):
        Engine(open_bundle(place)).replay()


def test_no_artifacts_is_an_empty_service(tmp_path: Path) -> None:
    with InProcess(create_app(tmp_path)) as client:
        assert client.get("/models").json() == {"models": []}
        assert client.get("/v2/health/ready").status_code == 200
        assert client.post("/models/penguins/predict", json=RECORD).status_code == 404
        assert client.post("/invocations", json={"inputs": [[1.0]]}).status_code == 404


def test_where_artifacts_cannot_be_listed_nobody_says_that_there_are_none(tmp_path: Path) -> None:
    app = create_app(tmp_path / "none")
    with InProcess(app) as client:
        assert client.get("/v2/health/ready").status_code == 503
        assert client.post("/models/penguins/predict", json=RECORD).status_code == 503
        assert client.post("/invocations", json={"inputs": [[1.0]]}).status_code == 503
        write_penguins(tmp_path / "none")
        app.repository.refresh()
        assert client.get("/v2/health/ready").status_code == 200
        assert client.post("/models/penguins/predict", json=RECORD).status_code == 200
        assert client.post("/models/none/predict", json=RECORD).status_code == 404


def test_a_directory_that_is_not_there_is_not_served(tmp_path: Path) -> None:
    run = [sys.executable, "-m", "isomorph", "serve", "--port", "0"]
    done = subprocess.run(
        run, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith(f"error: {tmp_path}/artifacts: there is no such directory. Name")
    assert len(done.stderr.splitlines()) == 1
