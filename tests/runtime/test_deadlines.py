"""A request has its time: what is late is not run, what runs too long is ended."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from in_process import InProcess
from slow_model import write_slow
from tiny_bundles import RECORD, write_penguins, write_prices

from runtime import bounds
from runtime.app import create_app
from runtime.engine import Engine
from runtime.settings import Settings

NATIVE, V2 = "/models/penguins/predict", "/v2/models/prices/infer"
TENSOR = {"name": "X", "shape": [1, 3], "datatype": "FP64", "data": [1, 2, 3]}


@pytest.fixture
def client(tmp_path: Path) -> Any:
    write_penguins(tmp_path)
    write_prices(tmp_path)
    with InProcess(create_app(tmp_path)) as made:
        yield made


@pytest.fixture
def runs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each run of a model."""
    found: list[int] = []
    run = Engine.run
    monkeypatch.setattr(Engine, "run", lambda *given: found.append(1) or run(*given))
    return found


@pytest.mark.parametrize("given", ["", "0", "-1", "nan", "inf", "1e3", "1,5", "hunter2", "9" * 99])
def test_a_time_that_is_none(client: InProcess, given: str) -> None:
    answer = client.post(NATIVE, json=RECORD, headers={"X-Request-Timeout": given})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "X-Request-Timeout is not a number of seconds"
    assert "hunter2" not in answer.text


@pytest.mark.parametrize("rows", [1, 2000])  # on the event loop, in a thread
def test_what_is_late_is_not_run(client: InProcess, runs: list[int], rows: int) -> None:
    body = [RECORD] * rows
    assert client.post(NATIVE, json=body, headers={"X-Request-Timeout": "30"}).status_code == 200
    del runs[:]
    answer = client.post(NATIVE, json=body, headers={"X-Request-Timeout": "0.000001"})
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "1"
    assert answer.json()["type"] == "urn:isomorph:deadline-passed"
    assert not runs


def test_the_timeout_of_v2_is_in_microseconds(client: InProcess, runs: list[int]) -> None:
    for timeout, status in ((1, 503), (0, 200), (30_000_000, 200)):
        del runs[:]
        sent = {"inputs": [TENSOR], "parameters": {"timeout": timeout}}
        answer = client.post(V2, json=sent)
        assert answer.status_code == status, answer.text
        assert len(runs) == (status == 200)
        if status == 503:
            assert answer.json().keys() == {"error"}
            assert answer.headers["retry-after"] == "1"


def test_a_run_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    write_slow(tmp_path)
    rows = [[0.0, 0.0, 1.0]] * 5000
    assert len(json.dumps(rows)) > 32 * 1024
    with InProcess(create_app(tmp_path)) as client:
        path = "/models/slow/predict"
        expected = client.post(path, json=rows)
        assert expected.status_code == 200
        rows[0] = [0.0, 0.0, 11.0]
        for path_, body, told in (
            (path, rows, lambda said: said["type"] == "urn:isomorph:took-too-long"),
            ("/v1/models/slow:predict", {"instances": rows}, lambda said: said.keys() == {"error"}),
        ):
            began = time.perf_counter()
            answer = client.post(path_, json=body, headers={"X-Request-Timeout": "0.5"})
            assert answer.status_code == 504, answer.text
            assert "retry-after" not in answer.headers
            assert told(answer.json())
            assert 0.4 < time.perf_counter() - began < 5
        assert client.post(path, json=[[1, 2, 3]]).json()["predictions"] == [{"prediction": 17.0}]


def test_the_operators_time(tmp_path: Path) -> None:
    write_slow(tmp_path)
    rows = [[0.0, 0.0, 11.0]] * 5000
    settings = Settings(artifacts=tmp_path, request_seconds=0.3)
    with InProcess(create_app(settings)) as client:
        for longer in ({}, {"X-Request-Timeout": "30"}):
            answer = client.post("/models/slow/predict", json=rows, headers=longer)
            assert answer.status_code == 504


@pytest.mark.parametrize("form", ["records", "lists", "columns", "tensor"])
def test_rows_have_a_limit(tmp_path: Path, form: str) -> None:
    write_prices(tmp_path)
    with InProcess(create_app(Settings(artifacts=tmp_path, max_rows=10))) as client:
        for rows, statuses in ((10, {200}), (11, {413})):
            values = [[1.0, 2.0, 3.0]] * rows
            made: dict[str, tuple[str, Any]] = {
                "records": (
                    "/models/prices/predict",
                    [{"x0": 1, "x1": 2, "x2": 3}] * rows,
                ),
                "lists": ("/models/prices/predict", values),
                "columns": (
                    "/models/prices/predict",
                    {"columns": {name: [1.5] * rows for name in ("x0", "x1", "x2")}},
                ),
                "tensor": (V2, {"inputs": [TENSOR | {"shape": [rows, 3], "data": values}]}),
            }
            path, body = made[form]
            answer = client.post(path, json=body)
            assert answer.status_code in statuses, answer.text


def test_answers_have_a_limit(tmp_path: Path) -> None:
    """Of what is asked for: a label for each of ten rows, or two probabilities too."""
    write_penguins(tmp_path)
    with InProcess(create_app(Settings(artifacts=tmp_path, max_numbers=10))) as client:
        label = f"{NATIVE}?outputs=label"
        assert client.post(label, json=[RECORD] * 10).status_code == 200
        assert client.post(label, json=[RECORD] * 11).status_code == 413
        refused = client.post(f"{label},probabilities", json=[RECORD] * 10)
        assert refused.status_code == 413
        assert "the answers would be 30 numbers, over 10" in refused.json()["detail"]
        assert client.post(NATIVE, json=RECORD).status_code == 200


def test_the_slow_road_looks_at_the_clock() -> None:
    settings = Settings(artifacts=Path(), request_seconds=0.05)
    bounds.BOUNDS.set(bounds.Bounds(settings, time.perf_counter()))
    seen: list[Any] = []
    with pytest.raises(bounds.LateError):
        seen.extend(time.sleep(0.0001) for _ in bounds.paced([0] * 1_000_000))
    assert len(seen) < 3000


def test_the_depth_is_a_setting(tmp_path: Path) -> None:
    write_penguins(tmp_path)
    with InProcess(create_app(Settings(artifacts=tmp_path, max_depth=5))) as client:
        for depth, said in ((4, 422), (5, 422), (6, 400)):
            deep = "[" * (depth - 1) + "]" * (depth - 1)
            body = json.dumps({**RECORD, "mass": "@"}).replace('"@"', deep)
            answer = client.post(NATIVE, content=body)
            assert answer.status_code == said, answer.text
            assert ("nested" in answer.text) == (said == 400)
