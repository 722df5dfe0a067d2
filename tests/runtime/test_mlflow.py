"""MLflow's scoring protocol, over a real socket."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from live_service import Service, start
from tiny_bundles import RECORD, penguin_answers, write_penguins, write_prices

from bundle import golden
from bundle.arrays import plain
from runtime.doors.mlflow import VERSION

PENGUINS = "/endpoints/penguins/invocations"
PRICES = "/serving-endpoints/prices/invocations"
NAMES = list(RECORD)
VALUES = list(RECORD.values())
SENT = "hunter2"  # stands for whatever a client sends; no answer may hold it


def ask(service: Service, body: Any, path: str = PENGUINS, **headers: str) -> httpx.Response:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    types = {"Content-Type": "application/json"} | headers
    return service.client.post(path, content=content, headers=types)


FORMS: dict[str, Any] = {
    "split": {"dataframe_split": {"columns": NAMES, "index": [0], "data": [VALUES]}},
    "split, shuffled": {"dataframe_split": {"columns": NAMES[::-1], "data": [VALUES[::-1]]}},
    "split, no columns": {"dataframe_split": {"data": [VALUES]}},
    "split, another column": {
        "dataframe_split": {"columns": ["id", *NAMES], "data": [["a", *VALUES]]}
    },
    "records": {"dataframe_records": [RECORD]},
    "records, another column": {"dataframe_records": [{"id": 7, **RECORD}]},
    "instances of records": {"instances": [RECORD]},
    "instances of lists": {"instances": [VALUES]},
    "inputs of rows": {"inputs": [VALUES]},
    "inputs of records": {"inputs": [RECORD]},
    "inputs of columns": {"inputs": {name: [value] for name, value in RECORD.items()}},
    "inputs of columns, another one": {
        "inputs": {"id": ["a"], **{name: [value] for name, value in RECORD.items()}}
    },
    "inputs, one row": {"inputs": RECORD},
    "no params": {"dataframe_records": [RECORD], "params": None},
    "empty params": {"dataframe_records": [RECORD], "params": {}},
    "by method": {"dataframe_records": [RECORD], "params": {"predict_method": "predict"}},
    "by output": {"dataframe_records": [RECORD], "params": {"outputs": "label"}},
}


@pytest.mark.parametrize("form", FORMS)
def test_forms(service: Service, form: str) -> None:
    answer = ask(service, FORMS[form])
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"predictions": ["Adelie"]}


def test_golden_rows_to_the_same_bits(service: Service, artifacts: Path) -> None:
    rows, _ = golden.decode((artifacts / "penguins" / "1" / "golden.json").read_bytes())
    due = penguin_answers(rows)
    columns = [*rows["numbers"].T.tolist(), *rows["text"].T.tolist()]
    names = ["bill", "mass", "tagged", "island", "sex"]
    frame = {
        "columns": names,
        "data": [[plain(value) for value in row] for row in zip(*columns, strict=True)],
    }
    asked = {"dataframe_split": frame, "params": {"predict_method": "predict_proba"}}
    found = np.array(ask(service, asked).json()["predictions"])
    assert np.abs(found - due["probabilities"]).max() < 1e-15
    both = {"dataframe_split": frame, "params": {"outputs": ["label", "probabilities"]}}
    records = ask(service, both).json()["predictions"]
    assert list(records[0]) == ["label", "probabilities.Adelie", "probabilities.Gentoo"]
    assert [each["label"] for each in records] == due["label"].tolist()
    assert [list(each.values())[1:] for each in records] == found.tolist()


def test_a_missing_value_is_the_token_nan(service: Service) -> None:
    for missing in (None, float("nan")):
        sent = {"dataframe_split": {"columns": NAMES, "data": [[missing, missing, *VALUES[2:]]]}}
        assert ask(service, sent).json() == {"predictions": ["Gentoo"]}


@pytest.mark.parametrize(
    "sent",
    [
        {"inputs": [[1, 2, 3]]},
        {"instances": [[1, 2, 3]]},
        {"dataframe_split": {"columns": [0, 1, 2], "index": [0], "data": [[1, 2, 3]]}},
        {"dataframe_split": {"columns": ["x2", "x1", "x0"], "data": [[3, 2, 1]]}},
        {"inputs": {"x0": [1], "x1": [2], "x2": [3]}},
    ],
)
def test_a_model_of_an_array(service: Service, sent: Any) -> None:
    assert ask(service, sent, PRICES).json() == {"predictions": [17.0]}


def test_no_rows(service: Service) -> None:
    for sent in (
        {"inputs": []},
        {"params": {"outputs": []}, "inputs": []},
        {"dataframe_split": {"columns": NAMES, "data": []}},
    ):
        assert ask(service, sent).json() == {"predictions": []}


def test_csv(service: Service) -> None:
    body = (
        b"id," + ",".join(NAMES).encode() + b"\n7,39.1,Biscoe,3750,male,True\n8,,,5000,female,0\n"
    )
    for kind in ("text/csv", "text/csv; charset=UTF-8"):
        answer = ask(service, body, **{"Content-Type": kind})
        assert answer.json() == {"predictions": ["Adelie", "Gentoo"]}


def one(**changes: Any) -> dict[str, Any]:
    return {"dataframe_records": [RECORD, RECORD | changes]}


def split(columns: Any, data: Any) -> dict[str, Any]:
    return {"dataframe_split": {"columns": columns, "data": data}}


MALFORMED, REFUSED = (400, "BAD_REQUEST"), (400, "INVALID_PARAMETER_VALUE")
FAULTS: dict[str, tuple[Any, tuple[int, str], str]] = {
    "not JSON": (b"hunter2", MALFORMED, "not JSON"),
    "empty": (b"", MALFORMED, "not JSON"),
    "a list": ([RECORD], MALFORMED, "not an object"),
    "none of the forms": ({"rows": [RECORD]}, MALFORMED, "exactly one of"),
    "two forms": ({"inputs": [VALUES], "instances": [VALUES]}, MALFORMED, "exactly one of"),
    "signature_name": ({"signature_name": "x", "inputs": [VALUES]}, MALFORMED, "not supported"),
    "another member": ({"surplus": "hunter2", "inputs": [VALUES]}, MALFORMED, "not supported"),
    "a form twice": (b'{"inputs": [], "inputs": []}', MALFORMED, "twice"),
    "deep": (b'{"inputs":' + b"[" * 100_000, MALFORMED, "deep"),
    "not UTF-8": (b'{"inputs": "\xff"}', MALFORMED, "UTF-8"),
    "missing column": (split(NAMES[1:], [VALUES[1:]]), REFUSED, "'bill'"),
    "a column twice": (split([*NAMES, "bill"], [[*VALUES, 1]]), REFUSED, "'bill'"),
    "columns that are no list": (split("hunter2", []), MALFORMED, "names"),
    "data that is no list": (split(NAMES, {}), MALFORMED, "list"),
    "another member of split": (
        {"dataframe_split": {"data": [], "surplus": 1}},
        MALFORMED,
        "dataframe_split",
    ),
    "a short row": (split(NAMES, [VALUES, VALUES[1:]]), REFUSED, "row 1"),
    "a row that is no list": (split(NAMES, [VALUES, "hunter2"]), REFUSED, "row 1"),
    "a record short": ({"dataframe_records": [RECORD, {"bill": 1}]}, REFUSED, "row 1"),
    "a record that is none": ({"dataframe_records": [VALUES]}, REFUSED, "row 0"),
    "text for a number": (one(mass=SENT), REFUSED, "row 1, column 'mass'"),
    "digits in quotes": (one(mass="3750"), REFUSED, "row 1, column 'mass'"),
    "true for a number": (one(mass=True), REFUSED, "row 1, column 'mass'"),
    "unknown category": (one(sex=SENT), REFUSED, "row 1, column 'sex'"),
    "missing, not nullable": (one(mass=None), REFUSED, "row 1, column 'mass'"),
    "NaN, not nullable": (one(mass=float("nan")), REFUSED, "row 1, column 'mass'"),
    "Infinity": (one(bill=float("inf")), REFUSED, "row 1, column 'bill'"),
    "1e400": (json.dumps(one(bill=7e77)).replace("7e+77", "1e400").encode(), REFUSED, "'bill'"),
    "no exact float64": (one(bill=2**53 + 1), REFUSED, "row 1, column 'bill'"),
    "columns of two lengths": (
        {"inputs": {name: [value] for name, value in RECORD.items()} | {"bill": [1, 2]}},
        REFUSED,
        "another number",
    ),
    "rows that are no list": ({"instances": 7}, MALFORMED, "list"),
    "params that are no object": ({"inputs": [], "params": [1]}, MALFORMED, "params"),
    "another param": ({"inputs": [], "params": {"hunter2": 1}}, MALFORMED, "params"),
    "another output": ({"inputs": [], "params": {"outputs": SENT}}, REFUSED, "label, prob"),
    "outputs that are no names": ({"inputs": [], "params": {"outputs": 7}}, MALFORMED, "names"),
    "another method": (
        {"inputs": [], "params": {"predict_method": SENT}},
        REFUSED,
        "predict, predict_proba",
    ),
    "outputs and method": (
        {"inputs": [], "params": {"predict_method": "predict", "outputs": "label"}},
        MALFORMED,
        "one of them",
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(service: Service, name: str) -> None:
    sent, (status, code), said = FAULTS[name]
    answer = ask(service, sent)
    assert answer.status_code == status, answer.text
    assert list(answer.json()) == ["error_code", "message"]
    assert answer.json()["error_code"] == code
    assert said in answer.json()["message"]
    assert SENT not in answer.text
    assert ask(service, FORMS["records"]).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/octet-stream",
        "application/vnd.apache.parquet;charset=latin-1",
        "application/json; charset=latin-1",
        "application/json; format=pandas-split",
        "text/csv; label_size=1",
        "hunter2",
    ],
)
def test_other_types_are_415_in_plain_text(service: Service, content_type: str) -> None:
    answer = ask(service, FORMS["records"], **{"Content-Type": content_type})
    assert answer.status_code == 415
    assert answer.headers["content-type"].startswith("text/plain")
    assert SENT not in answer.text


PARQUET = {"Content-Type": "application/vnd.apache.parquet"}


def parquet(rows: list[dict[str, Any]]) -> bytes:
    written = io.BytesIO()
    pa.parquet.write_table(pa.Table.from_pylist(rows, schema=SCHEMA), written)
    return written.getvalue()


SCHEMA = pa.schema(
    {
        "bill": pa.float64(),
        "island": pa.string(),
        "mass": pa.int64(),
        "sex": pa.string(),
        "tagged": pa.bool_(),
    }
)


def test_parquet(service: Service) -> None:
    other = {"bill": None, "island": None, "mass": 5000, "sex": "female", "tagged": False}
    for path in (PENGUINS, "/serving-endpoints/penguins/invocations"):
        answer = ask(service, parquet([RECORD, other]), path, **PARQUET)
        assert answer.json() == {"predictions": ["Adelie", "Gentoo"]}, answer.text
    assert ask(service, parquet([]), **PARQUET).json() == {"predictions": []}
    lines = ask(service, parquet([RECORD]), **PARQUET, Accept="application/jsonlines")
    assert lines.text == '{"label":"Adelie"}\n'
    wrong = ask(service, parquet([RECORD, other | {"sex": SENT}]), **PARQUET)
    assert (wrong.status_code, wrong.json()["error_code"]) == (400, "INVALID_PARAMETER_VALUE")
    assert "row 1, column 'sex'" in wrong.json()["message"]
    assert ask(service, b"hunter2", **PARQUET).status_code == 400


def test_a_body_without_a_type_is_json(service: Service) -> None:
    request = service.client.build_request("POST", PENGUINS, content=json.dumps(FORMS["records"]))
    assert "content-type" not in request.headers
    assert service.client.send(request).json() == {"predictions": ["Adelie"]}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("POST", "/endpoints/nothing/invocations", 404, "RESOURCE_DOES_NOT_EXIST"),
        ("POST", "/invocations", 404, "RESOURCE_DOES_NOT_EXIST"),  # two models, none chosen
        ("GET", "/invocations", 405, "BAD_REQUEST"),
    ],
)
def test_other_errors(service: Service, method: str, path: str, status: int, code: str) -> None:
    answer = service.client.request(method, path, json=FORMS["records"])
    assert answer.status_code == status
    assert answer.json()["error_code"] == code


@pytest.mark.parametrize("path", ["/ping", "/health"])
def test_ping(service: Service, path: str) -> None:
    answer = service.client.get(path)
    assert (answer.status_code, answer.content) == (200, b"\n")
    assert answer.headers["content-type"] == "application/json"


def test_version(service: Service) -> None:
    assert service.client.get("/version").text == VERSION


def test_one_model_needs_no_name(tmp_path: Path) -> None:
    with start(tmp_path) as empty:
        answer = empty.client.get("/ping")
        assert (answer.status_code, answer.json()["error_code"]) == (404, "RESOURCE_DOES_NOT_EXIST")
    write_prices(tmp_path)
    with start(tmp_path) as running:
        assert ask(running, {"inputs": [[1, 2, 3]]}, "/invocations").json() == {"predictions": [17]}
        assert running.client.get("/ping").status_code == 200


def test_ping_while_the_model_does_not_answer(tmp_path: Path) -> None:
    path = write_penguins(tmp_path).path
    (path / "model.onnx").write_bytes(b"damaged")
    with start(tmp_path) as running:
        answer = running.client.get("/ping")
        assert (answer.status_code, answer.json()["error_code"]) == (503, "TEMPORARILY_UNAVAILABLE")
