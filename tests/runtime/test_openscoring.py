"""The Openscoring door, over a real socket."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import numpy as np
import pytest
from live_service import Service
from tiny_bundles import PENGUINS, RECORD, penguin_answers

from bundle.rows import to_arrays

OTHER = {**RECORD, "bill": None, "island": None, "mass": 5000.5, "tagged": False}
SENT = "hunter2"


def due(record: dict[str, Any]) -> dict[str, Any]:
    answers = penguin_answers(to_arrays(PENGUINS, [record]))
    adelie, gentoo = answers["probabilities"][0].tolist()
    label = answers["label"][0]
    return {"label": label, "probability(Adelie)": adelie, "probability(Gentoo)": gentoo}


def same(got: dict[str, Any], record: dict[str, Any]) -> None:
    expected = due(record)
    assert list(got) == list(expected)
    assert got.pop("label") == expected.pop("label")
    np.testing.assert_allclose(
        [float(each) for each in got.values()], list(expected.values()), rtol=1e-14
    )


def post(service: Service, path: str, **content: Any) -> Any:
    answer = service.client.post(path, **content)
    assert answer.status_code == 200, answer.text
    assert answer.headers["x-application"].startswith("Openscoring/2.1")
    return answer


@pytest.mark.parametrize("root", ["/openscoring/model/penguins", "/model/penguins"])
def test_one_record(service: Service, root: str) -> None:
    answer = post(service, root, json={"id": "record-1", "arguments": RECORD}).json()
    assert list(answer) == ["id", "results"]
    same(answer["results"], RECORD)
    assert list(post(service, root, json={"arguments": RECORD}).json()) == ["results"]


@pytest.mark.parametrize(
    ("arguments", "record"),
    [
        ({k: str(v).lower() if k != "island" else v for k, v in RECORD.items()}, RECORD),
        ({k: v for k, v in OTHER.items() if v is not None}, OTHER),
        ({**RECORD, "species": "Adelie"}, RECORD),
    ],
)
def test_arguments_as_its_clients_send_them(
    service: Service, arguments: dict[str, Any], record: dict[str, Any]
) -> None:
    same(post(service, "/model/penguins", json={"arguments": arguments}).json()["results"], record)


def test_a_batch_answers_what_it_can(service: Service) -> None:
    wrong = {**RECORD, "sex": SENT}
    requests = [
        {"id": "a", "arguments": RECORD},
        {"id": "b", "arguments": wrong},
        {"arguments": OTHER},
        {"id": "d"},
    ]
    body = {"id": "batch", "requests": requests}
    answer = post(service, "/openscoring/model/penguins/batch", json=body)
    assert SENT not in answer.text
    assert answer.json()["id"] == "batch"
    first, second, third, fourth = answer.json()["responses"]
    assert first.pop("id") == "a"
    same(first["results"], RECORD)
    same(third["results"], OTHER)
    assert list(second) == list(fourth) == ["id", "message"]
    assert second["message"].startswith("column 'sex'")
    empty = post(service, "/model/penguins/batch", json={"requests": []}).json()
    assert empty == {"responses": []}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("identity", ["Id", None])
@pytest.mark.parametrize("query", ["", "?delimiterChar={}&quoteChar=%22"])
def test_a_table(service: Service, delimiter: str, identity: str | None, query: str) -> None:
    sent = io.StringIO()
    writer = csv.writer(sent, delimiter=delimiter)
    names = [*list(RECORD)[::-1], "species"]
    writer.writerow([*([identity] if identity else []), *names])
    for row, record in enumerate((RECORD, OTHER)):
        cells = [(record | {"species": "x"})[name] for name in names]
        writer.writerow([*([f'r;,"{row}'] if identity else []), *cells])
    path = "/openscoring/model/penguins/csv" + query.format(
        {"\t": "%09", ";": "%3B", ",": ","}[delimiter]
    )
    answer = post(
        service, path, content=sent.getvalue().encode(), headers={"Content-Type": "text/plain"}
    )
    assert answer.headers["content-type"] == "text/plain; charset=UTF-8"
    rows = list(csv.DictReader(io.StringIO(answer.text), delimiter=delimiter))
    if identity:
        assert [row.pop("Id") for row in rows] == ['r;,"0', 'r;,"1']
    for got, record in zip(rows, (RECORD, OTHER), strict=True):
        same(dict(got), record)


def test_a_table_whose_empty_column_is_left_out(service: Service) -> None:
    content = b"mass,sex,tagged\n5000.5,male,False\n"
    answer = post(service, "/model/penguins/csv", content=content).text
    (row,) = csv.DictReader(io.StringIO(answer))
    same(dict(row), OTHER)


def test_models(service: Service) -> None:
    listed = service.client.get("/openscoring/model")
    assert listed.headers["x-application"].startswith("Openscoring/2.1")
    assert [each["id"] for each in listed.json()["responses"]] == ["penguins", "prices"]
    found = service.client.get("/openscoring/model/penguins").json()
    assert found["miningFunction"] == "classification"
    assert found["properties"]["model.version"] == "2"
    schema = found["schema"]
    assert [each["id"] for each in schema["inputFields"]] == list(RECORD)
    assert schema["inputFields"][2] == {
        "id": "mass",
        "dataType": "double",
        "opType": "continuous",
        "values": ["[2700.0, 6300.0]"],
    }
    (target,) = schema["targetFields"]
    assert target == {
        "id": "label",
        "dataType": "string",
        "opType": "categorical",
        "values": ["Adelie", "Gentoo"],
    }
    names = [each["id"] for each in schema["outputFields"]]
    assert names == ["probability(Adelie)", "probability(Gentoo)"]


def arguments(**changes: Any) -> bytes:
    return json.dumps({"arguments": {**RECORD, **changes}}).encode()


FAULTS: dict[str, tuple[str, bytes, str]] = {
    "not JSON": ("", b"hunter2", "not JSON"),
    "empty": ("", b"", "not JSON"),
    "an array": ("", b"[]", "not an object"),
    "arguments no object": ("", b'{"arguments": []}', "not an object"),
    "arguments twice": ("", b'{"arguments": {}, "arguments": {}}', "twice"),
    "an id that is no text": ("", b'{"id": 7, "arguments": {}}', "not text"),
    "no arguments": ("", b"{}", "column 'mass': the value is missing"),
    "an argument twice": ("", arguments()[:-2] + b', "sex": "male"}}', "column 'sex'"),
    "a misspelt name": ("", arguments(wings=1).replace(b'"bill"', b'"bil"'), "no such column"),
    "text for a number": ("", arguments(mass=SENT), "column 'mass'"),
    "NaN as text": ("", arguments(mass="NaN"), "column 'mass'"),
    "1e400 as text": ("", arguments(mass="1e400"), "column 'mass'"),
    "empty text for a number": ("", arguments(mass=""), "column 'mass'"),
    "NaN": ("", arguments(mass="@").replace(b'"@"', b"NaN"), "column 'mass'"),
    "unknown category": ("", arguments(sex=SENT), "column 'sex'"),
    "deep": ("", b'{"arguments": ' + b"[" * 100_000, "too deep"),
    "no requests": ("/batch", b"{}", "no requests"),
    "requests no array": ("/batch", b'{"requests": {}}', "no requests"),
    "a request that is no object": ("/batch", b'{"requests": [7]}', "not an object"),
    "an empty table": ("/csv", b"", "no header"),
    "not UTF-8": ("/csv", b"\xff,\xff", "not UTF-8"),
    "an open quote": ("/csv", b'mass,sex\n"1,2', "not CSV"),
    "a short row": ("/csv", b"mass,sex,tagged\n1,male,0\n1,male\n", "row 1"),
    "a repeated column": ("/csv", b"mass,mass,sex,tagged\n1,1,male,1\n", "column 'mass'"),
    "a misspelt header": ("/csv", b"mas,sex,tagged\n1,male,1\n", "column 'mas'"),
    "text in a table": (
        "/csv",
        b"mass,sex,tagged\n1,male,1\nhunter2,male,1\n",
        "row 1, column 'mass'",
    ),
    "an unknown category in a table": (
        "/csv",
        b"mass,sex,tagged\n1,hunter2,1\n",
        "row 0, column 'sex'",
    ),
    "two characters": ("/csv?delimiterChar=ab", b"", "delimiterChar"),
    "no character": ("/csv?delimiterChar=", b"", "delimiterChar"),
    "a line end": ("/csv?delimiterChar=%0A", b"mass", "delimiterChar"),
    "quoted by what divides": ("/csv?delimiterChar=,&quoteChar=,", b"mass,sex\n1,male", ""),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_named(service: Service, fault: str) -> None:
    path, body, named = FAULTS[fault]
    answer = service.client.post(f"/openscoring/model/penguins{path}", content=body)
    assert answer.status_code == 400, answer.text
    assert answer.headers["x-application"].startswith("Openscoring/2.1")
    assert list(answer.json()) == ["message"]
    assert named in answer.json()["message"]
    assert SENT not in answer.text


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("PUT", "penguins", 403),
        ("DELETE", "penguins", 403),
        ("GET", "penguins/pmml", 403),
        ("GET", "nothing", 404),
        ("POST", "nothing", 404),
        ("GET", "penguins/batch", 405),
        ("GET", "penguins/nothing", 404),
        ("PATCH", "penguins", 405),
    ],
)
def test_addresses(service: Service, method: str, path: str, status: int) -> None:
    answer = service.client.request(method, f"/openscoring/model/{path}")
    assert answer.status_code == status
    assert answer.headers["x-application"].startswith("Openscoring/2.1")
    assert list(answer.json()) == ["message"]


def test_a_record_that_has_no_finite_answer(service: Service) -> None:
    good, wrong = ({f"x{i}": value for i in range(3)} for value in (1, 1e308))
    answer = service.client.post("/model/prices", json={"arguments": wrong})
    assert answer.status_code == 400
    body = {"requests": [{"arguments": wrong}, {"arguments": good}]}
    first, second = post(service, "/model/prices/batch", json=body).json()["responses"]
    assert list(first) == ["message"]
    assert second == {"results": {"prediction": 7.0}}
