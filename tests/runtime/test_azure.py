"""The Azure ML door, over a real socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from live_service import Service, start
from tiny_bundles import PENGUINS, RECORD, penguin_answers

from bundle.rows import to_arrays

NAMES, LIST = list(RECORD), list(RECORD.values())
OTHER = {**RECORD, "bill": None, "island": None, "mass": 5000.5, "tagged": False}
ROWS = [RECORD, OTHER]
LISTS = [list(each.values()) for each in ROWS]
COLUMNS = {name: [RECORD[name], OTHER[name]] for name in NAMES}
SPLIT = {"columns": NAMES, "index": [0, 1], "data": LISTS}
TURNED = {"columns": NAMES[::-1], "data": [row[::-1] for row in LISTS]}
SENT = "hunter2"


@pytest.fixture(scope="module")
def azure(artifacts: Path) -> Iterator[Service]:
    with start(artifacts, model="penguins") as running:
        yield running


@pytest.mark.parametrize(
    "body",
    [
        ROWS,
        LISTS,
        COLUMNS,
        SPLIT,
        {"data": ROWS},
        {"data": LISTS},
        {"data": COLUMNS},
        {"data": SPLIT},
        {"data": LISTS, "method": "predict"},
        {"input_data": SPLIT},
        {"input_data": TURNED},
        {"input_data": SPLIT | {"columns": [0, 1, 2, 3, 4]}},
        {"input_data": ROWS},
        {"input_data": LISTS, "params": {}},
        {"input_data": COLUMNS},
    ],
)
def test_every_form_is_answered_with_a_list(azure: Service, body: Any) -> None:
    answer = azure.client.post("/score", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.json() == penguin_answers(to_arrays(PENGUINS, ROWS))["label"].tolist()


def test_one_record(azure: Service) -> None:
    assert azure.client.post("/score", json=RECORD).json() == ["Adelie"]


@pytest.mark.parametrize("inputs", [ROWS, {"data": ROWS}, {"data": LISTS}, {"data": SPLIT}])
@pytest.mark.parametrize("parameters", [{}, 0.0, {"method": "predict"}, None])
def test_inputs_are_answered_with_results(azure: Service, inputs: Any, parameters: Any) -> None:
    body = {"Inputs": inputs, "GlobalParameters": parameters}
    answer = azure.client.post("/score", json=body)
    assert answer.status_code == 200, answer.text
    labels = penguin_answers(to_arrays(PENGUINS, ROWS))["label"].tolist()
    assert answer.json() == {"Results": labels}


@pytest.mark.parametrize(
    "body",
    [
        {"data": LISTS, "method": "predict_proba"},
        {"input_data": SPLIT, "params": {"outputs": ["probabilities"]}},
        {"input_data": SPLIT, "params": {"method": "predict_proba"}},
    ],
)
def test_probabilities(azure: Service, body: Any) -> None:
    got = azure.client.post("/score", json=body).json()
    expected = penguin_answers(to_arrays(PENGUINS, ROWS))["probabilities"]
    np.testing.assert_allclose(got, expected, rtol=1e-14)


def test_the_root_is_what_its_caller_accepts(azure: Service) -> None:
    said = {
        accept: azure.client.get("/", headers={"Accept": accept})
        for accept in (
            "*/*",
            "application/json",
            "text/plain",
            "text/html,application/xml;q=0.9,*/*;q=0.8",
        )
    }
    assert [each.status_code for each in said.values()] == [200] * 4
    alive, also, probe, page = said.values()
    assert alive.json() == also.json() == {"status": "alive", "health": "Healthy"}
    assert (probe.text, probe.headers["content-type"]) == ("Healthy", "text/plain; charset=utf-8")
    assert page.text.startswith("<!doctype html>")


@pytest.mark.parametrize(
    ("query", "key"), [("", "swagger"), ("?version=2", "swagger"), ("?version=3", "openapi")]
)
def test_swagger(azure: Service, query: str, key: str) -> None:
    found = azure.client.get(f"/swagger.json{query}").json()
    assert found[key].startswith("2.0" if key == "swagger" else "3.0")
    operation = found["paths"]["/score"]["post"]
    if key == "swagger":
        schema = operation["parameters"][0]["schema"]
    else:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
    cells = schema["properties"]["data"]["items"]["properties"]
    assert list(cells) == NAMES
    assert cells["sex"]["type"] == "string"
    assert cells["sex"]["enum"] == ["female", "male"]
    assert cells["tagged"].keys() == {"type", "description"}
    assert cells["tagged"]["type"] == "boolean"
    assert cells["bill"]["x-nullable" if key == "swagger" else "nullable"] is True
    assert azure.client.post("/score", json=schema["example"]).json() == ["Adelie"]


FAULTS: dict[str, tuple[bytes, str]] = {
    "not JSON": (b"hunter2", "not JSON"),
    "empty": (b"", "not JSON"),
    "a number": (b"7", "not an object"),
    "an empty object": (b"{}", "'bill'"),
    "data twice": (b'{"data": [], "data": []}', "twice"),
    "two forms": (b'{"data": [], "input_data": []}', "lacks"),
    "another member": (b'{"data": [], "hunter2": 7}', "lacks"),
    "data a number": (b'{"data": 7}', "neither an array"),
    "Inputs a number": (b'{"Inputs": 7}', "not an object"),
    "a member in Inputs": (b'{"Inputs": {"data": [], "hunter2": []}}', "lacks"),
    "another method": (b'{"data": [], "method": "hunter2"}', "method"),
    "a method that is no text": (b'{"data": [], "method": [7]}', "parameters"),
    "a member in the split": (
        b'{"input_data": {"columns": [], "data": [], "hunter2": 7}}',
        "lacks",
    ),
    "split no arrays": (b'{"input_data": {"columns": 7, "data": []}}', "not names"),
    "a column twice": (
        b'{"input_data": {"columns": ["bill", "bill"], "data": [[1, 2]]}}',
        "column 'bill': the column stands twice",
    ),
    "columns of objects": (b'{"input_data": {"columns": [{}], "data": [[1]]}}', "not names"),
    "a short row": (
        json.dumps({"input_data": {"columns": NAMES, "data": [LIST, LIST[:-1]]}}).encode(),
        "row 1",
    ),
    "a column less": (
        json.dumps({"input_data": {"columns": NAMES[1:], "data": [LIST[1:]]}}).encode(),
        "'bill'",
    ),
    "NaN": (b'{"data": [[NaN, "Biscoe", 1, "male", true]]}', "row 0, column 'bill'"),
    "1e400": (b'[[1e400, "Biscoe", 1, "male", true]]', "row 0, column 'bill'"),
    "a repeated column": (json.dumps(RECORD).encode()[:-1] + b', "sex": "male"}', "twice"),
    "unknown category": (json.dumps([{**RECORD, "sex": SENT}]).encode(), "row 0, column 'sex'"),
    "deep": (b'{"data": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too deep"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_named(azure: Service, fault: str) -> None:
    body, named = FAULTS[fault]
    answer = azure.client.post("/score", content=body)
    assert answer.status_code == 400, answer.text
    assert list(answer.json()) == ["message"]
    assert named in answer.json()["message"]
    assert SENT not in answer.text


def test_addresses(azure: Service, service: Service) -> None:
    assert azure.client.get("/score").status_code == 405
    assert azure.client.get("/swagger.json?version=hunter2").status_code == 404
    several = service.client.post("/score", json=[])
    assert several.status_code == 404
    assert "--model" in several.json()["message"]
