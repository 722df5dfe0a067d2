"""The OpenAPI document says what the service does, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from in_process import InProcess
from live_service import Service
from tiny_bundles import PENGUINS, RECORD, write_penguins, write_prices

from runtime.app import create_app
from runtime.openapi import describe
from runtime.repository import Repository
from runtime.schemas import record_schema

CODES = ("get", "put", "post", "delete")


@pytest.fixture(scope="module")
def document(service: Service) -> Any:
    return service.client.get("/openapi.json").json()


def resolved(document: Any, value: Any) -> Any:
    """The same with every reference replaced by what it names."""
    if isinstance(value, dict):
        if "$ref" in value:
            found = document
            for part in value["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            return resolved(document, found)
        return {key: resolved(document, each) for key, each in value.items()}
    return [resolved(document, each) for each in value] if isinstance(value, list) else value


def content(document: Any, part: Any) -> Any:
    return resolved(document, part)["content"]["application/json"]


def checked(document: Any, operation: Any, answer: Any) -> Any:
    """The answer, which is what the document says of its status."""
    said = resolved(document, operation["responses"][str(answer.status_code)])
    media_type = answer.headers["content-type"]
    schema = said["content"][media_type]["schema"]
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(answer.json(), schema)
    return answer.json()


def predictions(document: Any) -> list[tuple[str, Any]]:
    return [(path, item) for path, item in document["paths"].items() if path.endswith("/predict")]


def test_what_is_served_is_described(document: Any) -> None:
    assert document["openapi"] == "3.1.0"
    assert [path for path, _ in predictions(document)] == [
        "/models/penguins/predict",
        "/models/penguins/versions/1/predict",
        "/models/penguins/versions/2/predict",
        "/models/prices/predict",
        "/models/prices/versions/1/predict",
    ]


def test_every_example_is_answered_as_described(service: Service, document: Any) -> None:
    tried = 0
    for path, item in predictions(document):
        body = content(document, item["post"]["requestBody"])
        jsonschema.Draft202012Validator.check_schema(body["schema"])
        shown = content(document, item["post"]["responses"]["200"])["examples"]
        assert set(body["examples"]) == {"row", "rows", "columns", "table"}
        for form, example in body["examples"].items():
            jsonschema.validate(example["value"], body["schema"])
            sent = service.client.post(path, json=example["value"])
            answer = checked(document, item["post"], sent)
            assert answer == shown["row" if form == "row" else "rows"]["value"]
            tried += 1
        query = {each["name"]: each["example"] for each in item["get"]["parameters"][:-1]}
        query = {name: json.dumps(v) if v is True else v for name, v in query.items()}
        got = checked(document, item["get"], service.client.get(path, params=query))
        assert got == shown["row"]["value"]
    assert tried == 20


@pytest.mark.parametrize("form", ["row", "rows", "columns", "table"])
@pytest.mark.parametrize("chosen", [["label"], ["probabilities"], ["label", "probabilities"]])
def test_chosen_outputs_are_described(
    service: Service, document: Any, form: str, chosen: list[str]
) -> None:
    path = "/models/penguins/predict"
    operation = document["paths"][path]["post"]
    body = content(document, operation["requestBody"])["examples"][form]["value"]
    full = service.client.post(path, json=body).json()
    answer = checked(
        document, operation, service.client.post(path, json=body, params={"outputs": chosen})
    )
    assert answer["outputs"] == chosen
    if form == "row":
        assert answer == {k: v for k, v in full.items() if k in ("model", "version", *chosen)} | {
            "outputs": chosen
        }
    else:
        assert answer["predictions"] == [{k: full["predictions"][0][k] for k in chosen}]


@pytest.mark.parametrize(
    ("method", "path", "sent"),
    [
        ("get", "/models", {}),
        ("get", "/models/{name}", {}),
        ("get", "/models/{name}/versions/{version}", {}),
        ("get", "/livez", {}),
        ("get", "/readyz", {}),
        ("get", "/openapi.json", {}),
        ("get", "/models", {"headers": {"Accept": "text/html"}}),
        ("get", "/models/penguins/predict", {"params": {"bill": "x"}}),
        ("post", "/models/penguins/predict", {"content": b"x"}),
        ("post", "/models/penguins/predict", {"json": {}}),
        ("post", "/models/penguins/predict", {"json": RECORD, "params": {"x": "1"}}),
        ("post", "/models/penguins/predict", {"json": RECORD, "headers": {"Accept": "a/b"}}),
        ("post", "/models/penguins/predict", {"content": b"", "headers": {"Content-Type": "a/b"}}),
        ("post", "/models/penguins/predict", {"content": b" " * (17 * 2**20)}),
    ],
)
def test_every_answer_is_described(
    service: Service, document: Any, method: str, path: str, sent: dict[str, Any]
) -> None:
    asked = path.format(name="penguins", version="1")
    answer = service.client.request(method, asked, **sent)
    checked(document, document["paths"][path][method], answer)


@pytest.mark.parametrize(
    ("change", "accepted"),
    [
        ({"bill": None}, True),
        ({"island": "Torgersen"}, True),
        ({"mass": 1}, True),
        ({"tagged": 1}, True),
        ({"tagged": 2}, False),
        ({"tagged": 0.5}, False),
        ({"tagged": None}, False),
        ({"sex": "unknown"}, False),
        ({"mass": None}, False),
        ({"mass": "1"}, False),
        ({"mass": True}, False),
        ({"bill": 1e7}, False),
        ({"wings": 2}, False),
    ],
)
def test_the_schema_says_what_the_service_does(
    service: Service, document: Any, change: dict[str, object], *, accepted: bool
) -> None:
    record = RECORD | change
    assert jsonschema.Draft202012Validator(record_schema(PENGUINS)).is_valid(record) is accepted
    columns = {"columns": {name: [value] for name, value in record.items()}}
    table = {"columns": list(record), "rows": [list(record.values())]}
    operation = document["paths"]["/models/penguins/predict"]["post"]
    validator = jsonschema.Draft202012Validator(
        content(document, operation["requestBody"])["schema"]
    )
    for body in (record, [record], columns, table):
        assert validator.is_valid(body) is accepted
        answer = service.client.post("/models/penguins/predict", json=body)
        assert (answer.status_code == 200) is accepted


def test_names_of_types_do_not_collide(tmp_path: Path) -> None:
    for name in ("a_b", "a-b", "A.B", "7"):
        write_prices(tmp_path, name=name)
    document = describe(Repository(tmp_path).now())
    rows = [name for name in document["components"]["schemas"] if name.endswith("Row")]
    assert rows == [
        *("Model7Row", "Model7V1Row", "ABRow", "ABV1Row"),
        *("AB_2Row", "ABV1_2Row", "AB_3Row", "ABV1_3Row"),
    ]
    names = [
        each["operationId"]
        for item in document["paths"].values()
        for method, each in item.items()
        if method in CODES
    ]
    assert len(names) == len(set(names))


def test_the_document_follows_what_is_served(tmp_path: Path) -> None:
    write_penguins(tmp_path, version=1)
    app = create_app(tmp_path)
    with InProcess(app) as client:
        before = client.get("/openapi.json")
        assert client.get("/openapi.json").content == before.content
        write_penguins(tmp_path, version=2)
        app.repository.refresh()
        app.repository.set_alias("penguins", "champion", 1)
        after = client.get("/openapi.json").json()
    assert set(after["paths"]) - set(before.json()["paths"]) == {
        "/models/penguins/versions/2/predict",
        "/models/penguins/aliases/champion/predict",
    }
    assert after["paths"]["/models/penguins/predict"]["post"]["summary"].endswith(
        "version 1 (classification)"
    )


def test_without_models_there_is_a_document(tmp_path: Path) -> None:
    assert "/models" in describe(Repository(tmp_path).now())["paths"]
