"""The forms of a native body: each told from the others, both roads, each fault by its place."""

from __future__ import annotations

import itertools
import json
from typing import Any

import numpy as np
import pytest
from live_service import Service
from tiny_bundles import CLASSES, PENGUINS, RECORD, penguin_answers

from bundle.errors import InputError
from bundle.rows import to_arrays
from bundle.signature import Block, Column, Output, Signature
from runtime import strict
from runtime.errors import MalformedError
from runtime.forms import Forms
from runtime.query import from_query

SENT = "hunter2"  # stands for whatever a client sends; no answer may hold it
NAMES = ("columns", "rows", "outputs")
AWKWARD = Signature(
    columns=tuple(Column(name=name, kind="number", dtype="float64") for name in NAMES),
    inputs=(Block(name="numbers", datatype="FP64", columns=NAMES),),
    outputs=(Output(name="prediction", datatype="FP64"), Output(name="score", datatype="FP64")),
)
ROWS = [
    RECORD,
    {"bill": None, "island": None, "mass": 5000, "sex": "female", "tagged": False},
    {"bill": -0.0, "island": 'a "q" \\ é', "mass": 2**53, "sex": "male", "tagged": 1},
]


def columns(rows: list[dict[str, Any]], **cells: Any) -> dict[str, Any]:
    return {"columns": {name: [row[name] for row in rows] for name in RECORD} | cells}


def table(rows: list[dict[str, Any]], names: Any = tuple(RECORD)) -> dict[str, Any]:
    names = list(names)
    return {"columns": names, "rows": [[row[name] for name in names] for row in rows]}


@pytest.mark.parametrize("count", [0, 1, 2, 3])
@pytest.mark.parametrize("escaped", [False, True])
def test_every_form_is_the_same_rows(count: int, *, escaped: bool) -> None:
    rows = ROWS[:count]
    expected = to_arrays(PENGUINS, {name: [row[name] for row in rows] for name in RECORD})
    forms = [rows, columns(rows), table(rows), table(rows, reversed(RECORD))]
    for form in forms:
        # An escaped name is the same JSON, and only the slow road reads it.
        text = json.dumps(form, ensure_ascii=escaped)
        body = text.replace('"mass"', '"m\\u0061ss"') if escaped else text
        rows, single, outputs = Forms(PENGUINS).decode(body.encode())
        assert (single, outputs) == (False, None)
        assert rows.keys() == expected.keys()
        for name, block in expected.items():
            assert rows[name].dtype == block.dtype
            assert rows[name].flags.c_contiguous
            np.testing.assert_array_equal(rows[name], block)


@pytest.mark.parametrize("pad", ["", " "])
@pytest.mark.parametrize("outputs", [{}, {"outputs": ["score"]}])
def test_names_of_members_are_names_of_columns(pad: str, outputs: dict[str, Any]) -> None:
    row = dict(zip(NAMES, (1.0, 2.0, 3.0), strict=True))
    forms = {
        "row": row,
        "rows": [row],
        "columns": {"columns": {name: [value] for name, value in row.items()}, **outputs},
        "table": {"columns": list(NAMES), "rows": [[1, 2, 3]], **outputs},
    }
    for form, body in forms.items():
        rows, single, chosen = Forms(AWKWARD).decode((pad + json.dumps(body)).encode())
        assert single is (form == "row")
        assert rows["numbers"].tolist() == [[1.0, 2.0, 3.0]]
        assert chosen == (["score"] if outputs and form in ("columns", "table") else None)
    rows, chosen = from_query(AWKWARD, b"columns=1&rows=2&outputs=3")
    assert (rows["numbers"].tolist(), chosen) == ([[1.0, 2.0, 3.0]], None)


TEXT = json.dumps(columns(ROWS[:2]))
FAULTS: dict[str, tuple[Any, int, int | None, str | None]] = {
    "columns: missing": ({"columns": {"mass": [1]}}, 422, None, "bill"),
    "columns: unknown": (
        columns(ROWS, wings=[]),
        422,
        None,
        "wings",
    ),
    "columns: no list": (columns(ROWS, sex=SENT), 422, None, "sex"),
    "columns: shorter": (
        columns(ROWS, sex=["male"]),
        422,
        None,
        "sex",
    ),
    "columns: empty": ({"columns": {}}, 422, None, "bill"),
    "columns: twice": (TEXT.replace('"mass"', '"bill": [1, 2], "mass"'), 422, None, "bill"),
    "columns: cell": (columns([RECORD, RECORD | {"mass": SENT}]), 422, 1, "mass"),
    "columns: null": (columns([RECORD, RECORD | {"mass": None}]), 422, 1, "mass"),
    "columns: true": (columns([RECORD, RECORD | {"mass": True}]), 422, 1, "mass"),
    "columns: NaN": (TEXT.replace("39.1", "NaN"), 422, 0, "bill"),
    "columns: 1e400": (TEXT.replace("39.1", "1e400"), 422, 0, "bill"),
    "columns: no exact float64": (TEXT.replace("3750", "9007199254740993"), 422, 0, "mass"),
    "columns: the missing marker": (TEXT.replace("Biscoe", "\\uffff"), 422, 0, "island"),
    "columns: a list": (columns([RECORD | {"mass": [1]}]), 422, 0, "mass"),
    "columns: with rows": (columns(ROWS) | {"rows": []}, 400, None, None),
    "columns: another member": (columns(ROWS) | {"hunter2": 1}, 400, None, None),
    "columns: member twice": (TEXT[:-1] + ', "columns": {}}', 400, None, None),
    "table: member twice": (json.dumps(table(ROWS))[:-1] + ', "rows": []}', 400, None, None),
    "table: without rows": ({"columns": list(RECORD)}, 400, None, None),
    "table: rows null": (table(ROWS) | {"rows": None}, 400, None, None),
    "table: rows an object": (table(ROWS) | {"rows": {"a": 1}}, 400, None, None),
    "table: names no text": ({"columns": [1], "rows": []}, 400, None, None),
    "table: names nested": ({"columns": [["mass"]], "rows": []}, 400, None, None),
    "table: no names": ({"columns": [], "rows": []}, 422, None, "bill"),
    "table: name twice": ({"columns": [*RECORD, "mass"], "rows": []}, 422, None, "mass"),
    "table: unknown name": ({"columns": [*RECORD, "wings"], "rows": []}, 422, None, "wings"),
    "table: short row": (table(ROWS) | {"rows": [list(RECORD.values()), [1]]}, 422, 1, None),
    "table: long row": (table(ROWS) | {"rows": [[*RECORD.values(), 1]]}, 422, 0, None),
    "table: a record": (table(ROWS) | {"rows": [RECORD]}, 422, 0, None),
    "table: cell": (table([RECORD, RECORD | {"tagged": 2}]), 422, 1, "tagged"),
    "table: cell, other order": (table([RECORD | {"sex": SENT}], reversed(RECORD)), 422, 0, "sex"),
    "outputs: unknown": (columns(ROWS) | {"outputs": [SENT]}, 422, None, None),
    "outputs: none": (columns(ROWS) | {"outputs": []}, 422, None, None),
    "outputs: twice": (table(ROWS) | {"outputs": ["label", "label"]}, 422, None, None),
    "outputs: text": (table(ROWS) | {"outputs": "label"}, 400, None, None),
    "outputs: null": (columns(ROWS) | {"outputs": None}, 400, None, None),
    "outputs: numbers": (columns(ROWS) | {"outputs": [1]}, 400, None, None),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fault_is_named(service: Service, fault: str) -> None:
    body, status, row, column = FAULTS[fault]
    content = body if isinstance(body, str) else json.dumps(body)
    answer = service.client.post("/models/penguins/predict", content=content)
    assert answer.status_code == status, answer.text
    problem = answer.json()
    assert (problem.get("row"), problem.get("column")) == (row, column)
    assert SENT not in answer.text
    assert len(answer.text) < 1000


def read(take: Any, body: bytes) -> Any:
    try:
        found = take(body)
    except InputError as error:
        return str(error)
    return found and ({name: str(block) for name, block in found[0].items()}, found[2])


@pytest.mark.parametrize("form", [columns(ROWS[:2]), table(ROWS[:2])], ids=["columns", "table"])
def test_the_fast_road_takes_nothing_else_than_the_slow_one(form: dict[str, Any]) -> None:
    forms, taken = Forms(PENGUINS), 0
    body = json.dumps(form | {"outputs": ["label"]})
    for place, token in itertools.product(range(len(body)), ("", '"', "[", "{", ",", "1", "null")):
        changed = (body[:place] + token + body[place + (not token) :]).encode()
        fast = read(forms._fast_wrapped, changed)
        if fast is not None:
            taken += 1
            assert fast == read(lambda body: forms._slow(strict.loads(body)), changed), changed
    assert taken > 20


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("outputs=label", 200),
        ("outputs=label&outputs=probabilities", 200),
        ("outputs=probabilities,label", 200),
        ("outputs=", 422),
        ("outputs=hunter2", 422),
        ("outputs=label&outputs=label", 422),
        ("output=label", 400),
        ("outputs=%ff", 400),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_outputs_in_the_address(service: Service, method: str, query: str, status: int) -> None:
    if method == "GET":
        query = f"{query}&bill=39.1&island=Biscoe&mass=3750&sex=male&tagged=true"
        status = 422 if query.startswith("output=") else status  # it is no column, either
    sent = {"json": RECORD} if method == "POST" else {}
    answer = service.client.request(method, f"/models/penguins/predict?{query}", **sent)
    assert answer.status_code == status, answer.text
    assert SENT not in answer.text
    if status == 200:
        named = [name for name in ("label", "probabilities") if name in query]
        assert list(answer.json()) == ["model", "version", "outputs", *named]
        assert answer.json()["outputs"] == named


def test_the_address_counts_where_the_body_chooses_too(service: Service) -> None:
    body = columns(ROWS[:1]) | {"outputs": ["label"]}
    path = "/models/penguins/predict?outputs=probabilities"
    answer = service.client.post(path, json=body).json()
    assert answer["outputs"] == ["probabilities"]
    assert list(answer["predictions"][0]) == ["probabilities"]


def test_numbers_are_the_originals(service: Service) -> None:
    rows = to_arrays(PENGUINS, {name: [row[name] for row in ROWS] for name in RECORD})
    expected = penguin_answers(rows)
    answer = service.client.post("/models/penguins/predict", json=columns(ROWS)).json()
    assert [each["label"] for each in answer["predictions"]] == expected["label"].tolist()
    got = [[each["probabilities"][name] for name in CLASSES] for each in answer["predictions"]]
    np.testing.assert_allclose(got, expected["probabilities"], rtol=1e-12)


@pytest.mark.parametrize(
    ("header", "value", "status"),
    [
        ("Accept", "application/json", 200),
        ("Accept", "text/html, */*;q=0.1", 200),
        ("Accept", "application/*", 200),
        ("Accept", "text/csv", 406),
        ("Accept", "*/*;q=0", 406),
        ("Content-Type", "application/json; charset=utf-8", 200),
        ("Content-Type", "application/vnd.x+json", 200),
        ("Content-Type", "application/x-www-form-urlencoded", 200),
        ("Content-Type", "text/csv", 415),
        ("Content-Type", "multipart/form-data; boundary=x", 415),
        ("Content-Type", "application/xml", 415),
    ],
)
def test_media_types(service: Service, header: str, value: str, status: int) -> None:
    content = json.dumps(RECORD)
    answer = service.client.post(
        "/models/penguins/predict", content=content, headers={header: value}
    )
    assert answer.status_code == status, answer.text


def test_what_is_missing_is_left_out_of_a_query(service: Service) -> None:
    path, rest = "/models/penguins/predict", "mass=3750&sex=male&tagged=true"
    posted = service.client.post(path, json={**RECORD, "bill": None, "island": None}).json()
    assert service.client.get(f"{path}?{rest}").json() == posted
    assert service.client.get(f"{path}?{rest}&bill=&island=").json() == posted
    missing = service.client.get(f"{path}?sex=male&tagged=true")
    assert (missing.status_code, missing.json()["column"]) == (422, "mass")


def test_a_message_for_what_is_no_form() -> None:
    with pytest.raises(MalformedError):
        Forms(PENGUINS).decode(b"7")
    with pytest.raises(InputError):
        Forms(PENGUINS).decode(b'{"columns": 7}')
