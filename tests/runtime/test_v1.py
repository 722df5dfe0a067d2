"""The V1 door, over a real socket: TensorFlow Serving's forms and KServe's."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_process import InProcess
from live_service import Service
from tiny_bundles import PENGUINS, RECORD, penguin_answers, write_penguins

from bundle.aliases import set_alias
from bundle.arrays import Array
from bundle.rows import to_arrays
from runtime.app import create_app

LIST = list(RECORD.values())
OTHER = {**RECORD, "bill": None, "island": None, "mass": 5000.5, "tagged": False}
SENT = "hunter2"


def ask(service: Service, body: Any, path: str = "penguins") -> Any:
    answer = service.client.post(f"/v1/models/{path}:predict", json=body)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    return answer.json()


def due(*records: dict[str, Any]) -> dict[str, Array]:
    return dict(penguin_answers(to_arrays(PENGUINS, list(records))))


def text(value: str) -> dict[str, str]:
    return {"b64": base64.b64encode(value.encode()).decode()}


def test_an_answer_without_parameters_is_what_predict_answers(service: Service) -> None:
    answer = ask(service, {"instances": [RECORD, OTHER]})
    assert answer == {"predictions": due(RECORD, OTHER)["label"].tolist()}


@pytest.mark.parametrize(
    "rows",
    [
        [RECORD, OTHER],
        [LIST, list(OTHER.values())],
        [RECORD, list(OTHER.values())],
        [{**RECORD, "island": text("Biscoe")}, OTHER],
        [[39.1, text("Biscoe"), 3750, "male", True], OTHER],
        [{"numbers": [39.1, 3750, 1], "text": ["Biscoe", "male"]}, OTHER],
        [{"numbers": [39.1, 3750, True], "text": ["Biscoe", text("male")]}, OTHER],
    ],
)
def test_every_form_of_a_row(service: Service, rows: list[Any]) -> None:
    body = {"instances": rows, "parameters": {"outputs": ["label", "probabilities"]}}
    expected = due(RECORD, OTHER)
    got = ask(service, body)["predictions"]
    assert [each["label"] for each in got] == expected["label"].tolist()
    np.testing.assert_allclose(
        [each["probabilities"] for each in got], expected["probabilities"], rtol=1e-14
    )


@pytest.mark.parametrize(
    "inputs",
    [
        {name: [RECORD[name], OTHER[name]] for name in RECORD},
        {name: [RECORD[name], OTHER[name]] for name in RECORD} | {"island": [text("Biscoe"), None]},
        {
            "numbers": [[39.1, 3750, 1], [None, 5000.5, 0]],
            "text": [["Biscoe", "male"], [None, "male"]],
        },
        [LIST, list(OTHER.values())],
    ],
)
def test_inputs_are_answered_by_column(service: Service, inputs: Any) -> None:
    body = {"inputs": inputs, "parameters": {"outputs": ["label", "probabilities"]}}
    got, expected = ask(service, body)["outputs"], due(RECORD, OTHER)
    assert got["label"] == expected["label"].tolist()
    np.testing.assert_allclose(got["probabilities"], expected["probabilities"], rtol=1e-14)


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ({"signature_name": "serving_default"}, None),
        ({"signature_name": ""}, None),
        ({"signature_name": "label"}, None),
        ({"parameters": {}}, None),
        ({"parameters": {"method": "predict"}}, None),
        ({"parameters": {"outputs": "label"}}, None),
        ({"signature_name": "probabilities"}, 2),
        ({"parameters": {"outputs": ["probabilities"]}}, 2),
        ({"parameters": {"method": "predict_proba"}}, 2),
    ],
)
def test_what_is_answered_is_chosen(service: Service, said: Any, keys: int | None) -> None:
    (answer,) = ask(service, {"instances": [LIST]} | said)["predictions"]
    expected = due(RECORD)
    if keys is None:
        assert answer == expected["label"][0]
    else:
        np.testing.assert_allclose(answer, expected["probabilities"][0], rtol=1e-14)


def test_a_model_of_an_array(service: Service) -> None:
    rows = [[1, 2, 3], [0, 0, 0.5]]
    for instances in (rows, [{"X": row} for row in rows]):
        assert ask(service, {"instances": instances}, "prices") == {"predictions": [17.0, 2.0]}
    for inputs in (rows, {"X": rows}, {"x0": [1, 0], "x1": [2, 0], "x2": [3, 0.5]}):
        assert ask(service, {"inputs": inputs}, "prices") == {"outputs": [17.0, 2.0]}
    assert ask(service, {"instances": []}, "prices") == {"predictions": []}


def test_versions(service: Service) -> None:
    body = {"instances": [LIST]}
    assert ask(service, body, "penguins/versions/1") == ask(service, body, "penguins/versions/2")


def test_classify_and_regress(service: Service) -> None:
    example = {**RECORD, "bill": [39.1]}
    del example["sex"]
    body = {"context": {"sex": "male"}, "examples": [example, {**example, "bill": 50}]}
    answer = service.client.post("/v1/models/penguins:classify", json=body)
    expected = due(RECORD, {**RECORD, "bill": 50})["probabilities"]
    assert answer.status_code == 200, answer.text
    pairs = answer.json()["results"]
    assert [[name for name, _ in row] for row in pairs] == [["Adelie", "Gentoo"]] * 2
    np.testing.assert_allclose([[p for _, p in row] for row in pairs], expected, rtol=1e-14)
    body = {"signature_name": "", "examples": [{"x0": 1, "x1": [2], "x2": 3.5}]}
    answer = service.client.post("/v1/models/prices/versions/1:regress", json=body)
    assert answer.json() == {"results": [19.0]}


def test_status_is_of_both_contracts(service: Service) -> None:
    state = {"state": "AVAILABLE", "status": {"error_code": "OK", "error_message": ""}}
    assert service.client.get("/v1/models").json() == {"models": ["penguins", "prices"]}
    assert service.client.get("/v1/models/penguins").json() == {
        "name": "penguins",
        "ready": True,
        "model_version_status": [{"version": "2", **state}, {"version": "1", **state}],
    }
    one = service.client.get("/v1/models/penguins/versions/1").json()
    assert one["model_version_status"] == [{"version": "1", **state}]


def test_labels_and_versions_that_do_not_answer(tmp_path: Path) -> None:
    write_penguins(tmp_path)
    broken = write_penguins(tmp_path, version=2).path
    (broken / "model.onnx").write_bytes(b"x")
    set_alias(tmp_path / "penguins", "stable", 1)
    body = {"instances": [LIST]}
    with InProcess(create_app(tmp_path)) as client:
        answer = client.get("/v1/models/penguins")
        assert (answer.status_code, answer.json()["ready"]) == (200, True)
        newest, oldest = answer.json()["model_version_status"]
        assert (newest["state"], oldest["state"]) == ("END", "AVAILABLE")
        assert newest["status"]["error_code"] == "FAILED_PRECONDITION"
        assert "SHA-256" in newest["status"]["error_message"]
        assert client.get("/v1/models/penguins/labels/stable").status_code == 200
        assert client.get("/v1/models/penguins/labels/stable/metadata").status_code == 200
        assert client.post("/v1/models/penguins/labels/stable:predict", json=body).json() == {
            "predictions": ["Adelie"]
        }
        wrong = client.get("/v1/models/penguins/versions/2")
        assert (wrong.status_code, wrong.json()["ready"]) == (503, False)
        refused = client.post("/v1/models/penguins/versions/2:predict", json=body)
        assert (refused.status_code, list(refused.json())) == (503, ["error"])


def test_metadata(service: Service) -> None:
    found = service.client.get("/v1/models/penguins/versions/1/metadata").json()
    assert found["model_spec"] == {"name": "penguins", "signature_name": "", "version": "1"}
    signatures = found["metadata"]["signature_def"]["signature_def"]
    assert list(signatures) == ["serving_default", "label", "probabilities"]
    default = signatures["serving_default"]
    assert list(default["inputs"]) == list(RECORD)
    assert default["inputs"]["island"]["dtype"] == "DT_STRING"
    assert list(default["outputs"]) == ["label"]
    (rows, width) = signatures["probabilities"]["outputs"]["probabilities"]["tensor_shape"]["dim"]
    assert (rows["size"], width["size"]) == ("-1", "2")
    found = service.client.get("/v1/models/prices/metadata").json()
    inputs = found["metadata"]["signature_def"]["signature_def"]["prediction"]["inputs"]
    assert inputs["X"]["tensor_shape"]["dim"][1]["size"] == "3"


def instances(*rows: Any) -> bytes:
    return json.dumps({"instances": rows}).encode()


def raw(token: str) -> bytes:
    return instances({**RECORD, "bill": "@"}).replace(b'"@"', token.encode())


FAULTS: dict[str, tuple[bytes, str]] = {
    "not JSON": (b"instances=hunter2", "not JSON"),
    "empty": (b"", "not JSON"),
    "not an object": (b"[]", "not an object"),
    "neither": (b"{}", "neither"),
    "both": (b'{"instances": [], "inputs": []}', "both"),
    "instances twice": (b'{"instances": [], "instances": []}', "twice"),
    "instances twice, differing": (b'{"instances": [[1]], "instances": [[2]]}', "twice"),
    "a parameter twice": (
        b'{"instances": [], "parameters": {"outputs": [], "outputs": []}}',
        "twice",
    ),
    "another member": (b'{"instances": [], "hunter2": 1}', "lacks"),
    "instances no array": (b'{"instances": 7}', "not an array"),
    "instances an object": (
        instances(RECORD).replace(b"[", b"").replace(b"]", b""),
        "not an array",
    ),
    "a row of text": (instances(SENT), "row 0"),
    "a short list": (instances(LIST, LIST[:-1]), "row 1: the row has 4 values"),
    "a long list": (instances([*LIST, 1]), "row 0: the row has 6 values"),
    "missing column": (instances({k: v for k, v in RECORD.items() if k != "mass"}), "'mass'"),
    "unknown column": (instances(RECORD, {**RECORD, "wings": 1}), "row 1, column 'wings'"),
    "repeated column": (instances(RECORD).replace(b'{"bill"', b'{"mass": 1, "bill"'), "twice"),
    "text for a number": (instances({**RECORD, "mass": SENT}), "row 0, column 'mass'"),
    "a number for text": (instances({**RECORD, "sex": 7}), "row 0, column 'sex'"),
    "true for a number": (instances({**RECORD, "mass": True}), "row 0, column 'mass'"),
    "base64 for a number": (instances({**RECORD, "mass": text("1")}), "row 0, column 'mass'"),
    "no base64": (instances({**RECORD, "sex": {"b64": SENT + "!"}}), "row 0, column 'sex'"),
    "no UTF-8": (instances({**RECORD, "sex": {"b64": "/w=="}}), "row 0, column 'sex'"),
    "base64 of a number": (instances({**RECORD, "sex": {"b64": 7}}), "row 0, column 'sex'"),
    "an object for text": (instances({**RECORD, "sex": {"a": 7}}), "row 0, column 'sex'"),
    "unknown category": (instances({**RECORD, "sex": SENT}), "row 0, column 'sex'"),
    "NaN": (raw("NaN"), "row 0, column 'bill'"),
    "1e400": (raw("1e400"), "row 0, column 'bill'"),
    "no exact float64": (raw("9007199254740993"), "row 0, column 'bill'"),
    "a list": (raw("[1]"), "row 0, column 'bill'"),
    "deep": (raw("[" * 100_000 + "]" * 100_000), "too deep"),
    "deep parameters": (
        b'{"instances":[],"parameters":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "too deep",
    ),
    "an unknown signature": (b'{"instances": [], "signature_name": "hunter2"}', "no signature"),
    "a signature that is no text": (b'{"instances": [], "signature_name": 7}', "no signature"),
    "a signature that is a list": (b'{"instances": [], "signature_name": []}', "no signature"),
    "an unknown output": (b'{"instances": [], "parameters": {"outputs": ["x"]}}', "no such output"),
    "no outputs": (b'{"instances": [], "parameters": {"outputs": []}}', "no output is asked for"),
    "outputs of objects": (b'{"instances": [], "parameters": {"outputs": [{}]}}', "not names"),
    "another method": (b'{"instances": [], "parameters": {"method": "fit"}}', "this method"),
    "another parameter": (b'{"instances": [], "parameters": {"x": 1}}', "parameters"),
    "parameters no object": (b'{"instances": [], "parameters": 7}', "parameters"),
    "a tensor too short": (instances({"numbers": [1], "text": ["a", "b"]}), "'numbers'"),
    "a tensor twice": (b'{"instances": [{"numbers":[1],"text":[],"text":[]}]}', "row 0"),
    "columns of two lengths": (
        json.dumps({"inputs": {k: [v] * (1 + (k == "sex")) for k, v in RECORD.items()}}).encode(),
        "another number",
    ),
    "a column that is no list": (json.dumps({"inputs": RECORD}).encode(), "'bill'"),
    "blocks of two lengths": (
        b'{"inputs": {"numbers": [[1, 2, 1]], "text": []}}',
        "different numbers of rows",
    ),
    "a block that is no array": (b'{"inputs": {"numbers": 7, "text": []}}', "not an array"),
    "inputs a number": (b'{"inputs": 7}', "not an array"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_named(service: Service, fault: str) -> None:
    body, named = FAULTS[fault]
    answer = service.client.post("/v1/models/penguins:predict", content=body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]
    assert named in answer.json()["error"]
    assert SENT not in answer.text
    assert len(answer.text) < 1000


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/models/nothing", 404),
        ("GET", "/v1/models/penguins/versions/9", 404),
        ("GET", "/v1/models/penguins/labels/stable", 404),
        ("GET", "/v1/models/penguins/nothing", 404),
        ("POST", "/v1/models/nothing:predict", 404),
        ("POST", "/v1/models/penguins/labels/stable:predict", 404),
        ("GET", "/v1/models/penguins:predict", 405),
        ("POST", "/v1/models", 405),
        ("POST", "/v1/models/penguins:explain", 501),
        ("POST", "/v1/models/penguins:regress", 400),
        ("POST", "/v1/models/prices:classify", 400),
        ("POST", "/v1/models/penguins:classify", 400),
    ],
)
def test_addresses(service: Service, method: str, path: str, status: int) -> None:
    answer = service.client.request(method, path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(
    "body",
    [
        {"examples": 7},
        {"examples": [7]},
        {"examples": [RECORD], "context": 7},
        {"examples": [RECORD], "context": {"sex": "male"}},
        {"examples": [{**RECORD, "bill": [1, 2]}]},
        {"examples": [RECORD], "signature_name": "hunter2"},
        {"instances": [RECORD]},
    ],
)
def test_bad_examples(service: Service, body: Any) -> None:
    answer = service.client.post("/v1/models/penguins:classify", json=body)
    assert answer.status_code == 400, answer.text
    assert list(answer.json()) == ["error"]


def test_an_answer_that_is_not_finite_names_its_row(service: Service) -> None:
    body = {"instances": [[1, 2, 3], [1e308, 1e308, 1e308]]}
    answer = service.client.post("/v1/models/prices:predict", json=body)
    assert answer.status_code == 400
    assert "row 1" in answer.json()["error"]
