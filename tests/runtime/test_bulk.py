"""Arrow and Parquet over a real socket: every type, every error, both formats, both doors."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from live_service import Service
from tables import FORMATS, NATIVE, PARQUET, STREAM, V2, penguins, post, read, written
from tiny_bundles import RECORD, penguin_answers

PATHS = (NATIVE, V2)


def mixed(count: int) -> tuple[pa.Table, dict[str, Any]]:
    """Rows that differ, with missing values, as a table and as the blocks that they are."""
    random = np.random.default_rng(7)
    bill = random.uniform(30, 60, count)
    bill[::7] = np.nan
    mass = random.integers(2700, 6300, count)
    tagged = random.integers(0, 2, count).astype(bool)
    island = np.array([["Biscoe", "Dream", None][i % 3] for i in range(count)], dtype=object)
    table = pa.table(
        {
            "tagged": tagged,
            "island": pa.array(island),
            "mass": mass,
            "sex": ["male"] * count,
            "bill": pa.array(bill, mask=np.arange(count) % 14 == 0),
        }
    )
    text = np.array([["\uffff" if i is None else i, "male"] for i in island], dtype=object)
    return table, {"numbers": np.column_stack([bill, mass, tagged]), "text": text}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("rows", [None, 1000])
def test_answers_are_those_of_the_model(
    service: Service, path: str, media_type: str, rows: int | None
) -> None:
    table, blocks = mixed(20_001)
    body = written(table, media_type, rows=rows)
    found = read(post(service, body, media_type, path.format("penguins")))
    expected = penguin_answers(blocks)
    assert found.column_names == ["label", "probabilities.Adelie", "probabilities.Gentoo"]
    assert found["label"].to_pylist() == expected["label"].tolist()
    np.testing.assert_allclose(
        found["probabilities.Gentoo"].to_numpy(), expected["probabilities"][:, 1], rtol=1e-12
    )


@pytest.mark.parametrize("media_type", FORMATS)
def test_the_same_bits_as_the_native_door(service: Service, media_type: str) -> None:
    table, _ = mixed(5000)
    records = table.to_pylist()
    for record in records:
        record["bill"] = None if record["bill"] != record["bill"] else record["bill"]
    said = service.client.post("/models/penguins/predict", json=records).json()["predictions"]
    found = read(post(service, table, media_type))
    for name in ("Adelie", "Gentoo"):
        expected = [each["probabilities"][name] for each in said]
        assert found[f"probabilities.{name}"].to_pylist() == expected
    assert found["label"].to_pylist() == [each["label"] for each in said]


TEXTS = (
    pa.string(),
    pa.large_string(),
    pa.string_view(),
    pa.dictionary(pa.int8(), pa.string()),
    pa.dictionary(pa.uint32(), pa.large_string()),
    pa.dictionary(pa.int32(), pa.string_view()),
)
NUMBERS: tuple[tuple[pa.DataType, Any], ...] = (
    *((kind, 100) for kind in (pa.int8(), pa.int16(), pa.int32(), pa.int64())),
    *((kind, 100) for kind in (pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64())),
    (pa.int64(), 2**53),
    (pa.int64(), -(2**53) - 2),
    (pa.uint64(), 2**63),
    (pa.float16(), np.float16(0.1)),
    (pa.float32(), np.float32(0.1)),
    (pa.float64(), 0.1),
    (pa.decimal128(10, 3), Decimal("0.125")),
    (pa.decimal128(38, 0), Decimal(2**60)),
    (pa.decimal256(70, 30), Decimal("0.1")),
    (pa.dictionary(pa.int8(), pa.float64()), 0.1),
    (pa.dictionary(pa.uint16(), pa.int64()), 7),
)


def as_type(values: list[Any], kind: pa.DataType) -> pa.Array:
    """An array of a type that pyarrow cannot always make at once."""
    if not pa.types.is_dictionary(kind):
        return pa.array(values, kind)
    known = [each for each in dict.fromkeys(values) if each is not None]
    places = [None if each is None else known.index(each) for each in values]
    return pa.DictionaryArray.from_arrays(
        pa.array(places, kind.index_type), pa.array(known, kind.value_type)
    )


@pytest.mark.parametrize("kind", TEXTS, ids=str)
@pytest.mark.parametrize("media_type", FORMATS)
def test_texts(service: Service, kind: pa.DataType, media_type: str) -> None:
    if media_type == PARQUET and "string_view" in str(kind) and pa.types.is_dictionary(kind):
        pytest.skip("pyarrow does not write it to Parquet")
    islands = ["Biscoe", None, "a long name of an island, beyond a view", "Biscoe"]
    found = read(post(service, penguins(4, island=as_type(islands, kind)), media_type))
    expected = read(post(service, penguins(4, island=pa.array(islands)), STREAM))
    assert found.equals(expected)
    assert len(set(expected["probabilities.Gentoo"].to_pylist())) == 2


@pytest.mark.parametrize(("kind", "value"), NUMBERS, ids=str)
@pytest.mark.parametrize("media_type", FORMATS)
def test_numbers(service: Service, kind: pa.DataType, value: Any, media_type: str) -> None:
    zeros = pa.array([0.0, 0.0])
    table = pa.table({"x1": zeros, "x0": as_type([value, value], kind), "x2": zeros})
    found = read(post(service, table, media_type, NATIVE.format("prices")))
    assert found["prediction"].to_pylist() == [float(value)] * 2


@pytest.mark.parametrize(
    "missing",
    [
        pa.nulls(3),
        pa.array([np.nan] * 3),
        pa.array([None] * 3, pa.float16()),
        pa.array([None] * 3, pa.int64()),
        pa.array([None] * 3, pa.decimal128(5, 2)),
        pa.array([None] * 3, pa.dictionary(pa.int8(), pa.float32())),
    ],
)
@pytest.mark.parametrize("media_type", FORMATS)
def test_missing_numbers(service: Service, missing: pa.Array, media_type: str) -> None:
    record = RECORD | {"bill": None}
    answer = service.client.post("/models/penguins/predict", json=record).json()
    found = read(post(service, penguins(3, bill=missing), media_type))
    assert found["probabilities.Adelie"].to_pylist() == [answer["probabilities"]["Adelie"]] * 3


def test_what_lies_below_a_null_is_nothing(service: Service) -> None:
    values = pa.array([2**53 + 1, 40], pa.int64())
    valid = pa.py_buffer(b"\x02")
    bill = pa.Array.from_buffers(pa.int64(), 2, [valid, values.buffers()[1]])
    assert bill.to_pylist() == [None, 40]
    found = read(post(service, penguins(2, bill=bill)))
    expected = read(post(service, penguins(2, bill=pa.array([None, 40.0]))))
    assert found.equals(expected)


def test_bools(service: Service) -> None:
    for values in (pa.array([True, False]), pa.array([1, 0], pa.int8()), pa.array([1.0, 0.0])):
        found = read(post(service, penguins(2, tagged=values)))
        assert len(set(found["probabilities.Adelie"].to_pylist())) == 2


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("media_type", FORMATS)
def test_no_rows_give_no_answers(service: Service, media_type: str, path: str) -> None:
    empty = penguins(1).slice(0, 0)
    found = read(post(service, empty, media_type, path.format("penguins")))
    assert found.num_rows == 0
    assert found.schema.types == [pa.string(), pa.float64(), pa.float64()]
    assert found.schema.metadata[b"isomorph.model"] == b"penguins"
    assert found.schema.metadata[b"isomorph.version"] == b"2"


@pytest.mark.parametrize(
    ("accept", "sent", "given"),
    [
        ("*/*", STREAM, STREAM),
        ("*/*", PARQUET, PARQUET),
        (PARQUET, STREAM, PARQUET),
        (STREAM, PARQUET, STREAM),
        (f"{STREAM};q=0.5, {PARQUET}", STREAM, PARQUET),
        (f"{PARQUET}, {STREAM}", STREAM, STREAM),
        ("application/*", PARQUET, PARQUET),
        (f"{STREAM};q=0, */*", STREAM, PARQUET),
        ("", STREAM, STREAM),
        ("application/json", STREAM, None),
        ("text/html, */*;q=0", STREAM, None),
        (f"{STREAM};q=x", STREAM, None),
    ],
)
def test_accept(service: Service, accept: str, sent: str, given: str | None) -> None:
    answer = post(service, penguins(), sent, Accept=accept)
    assert answer.headers["content-type"] == given or answer.status_code == 406
    assert (answer.status_code == 406) == (given is None)


@pytest.mark.parametrize("path", PATHS)
def test_outputs_are_selected(service: Service, path: str) -> None:
    path = path.format("penguins/versions/1")
    chosen = read(post(service, penguins(), path=f"{path}?outputs=probabilities"))
    assert chosen.column_names == ["probabilities.Adelie", "probabilities.Gentoo"]
    turned = read(post(service, penguins(), path=f"{path}?outputs=probabilities,label"))
    assert turned.column_names[-1] == "label"
    for query in ("outputs=hunter2", "outputs=", "outputs=label&outputs=label", "output=label"):
        answer = post(service, penguins(), path=f"{path}?{query}")
        assert 400 <= answer.status_code < 500
        assert "hunter2" not in answer.text


def at(row: int, count: int, value: Any, usual: Any) -> pa.Array:
    """One value among many others."""
    return pa.array([usual] * row + [value] + [usual] * (count - row - 1))


WRONG: dict[str, tuple[pa.Table, int | None, str | None]] = {
    "missing column": (penguins(mass=None), None, "mass"),
    "missing text column": (penguins(island=None), None, "island"),
    "extra column": (penguins(wings=[2]), None, "wings"),
    "repeated column": (
        pa.table([*penguins().columns, pa.array([1])], [*RECORD, "mass"]),
        None,
        "mass",
    ),
    "text for a number": (penguins(mass=["hunter2"]), None, "mass"),
    "a number for text": (penguins(sex=[7]), None, "sex"),
    "true for a number": (penguins(mass=[True]), None, "mass"),
    "a timestamp": (penguins(mass=pa.array([1], pa.timestamp("ns"))), None, "mass"),
    "a date": (penguins(mass=pa.array([1], pa.date32())), None, "mass"),
    "a list": (penguins(mass=[[1]]), None, "mass"),
    "a struct": (penguins(mass=[{"hunter2": 1}]), None, "mass"),
    "binary for text": (penguins(sex=[b"male"]), None, "sex"),
    "a dictionary of timestamps": (
        penguins(mass=pa.array([1], pa.timestamp("s")).dictionary_encode()),
        None,
        "mass",
    ),
    "null, not nullable": (penguins(mass=pa.array([None], pa.int64())), 0, "mass"),
    "null type, not nullable": (penguins(mass=pa.nulls(1)), 0, "mass"),
    "null text, not nullable": (penguins(sex=pa.array([None], pa.string())), 0, "sex"),
    "unknown category": (penguins(sex=["hunter2"]), 0, "sex"),
    "infinity": (penguins(bill=[np.inf]), 0, "bill"),
    "2 for a bool": (penguins(tagged=[2]), 0, "tagged"),
    "no exact float64": (penguins(mass=[2**53 + 1]), 0, "mass"),
    "no exact float64, uint64": (
        penguins(mass=pa.array([2**64 - 1], pa.uint64())),
        0,
        "mass",
    ),
    "no exact float64, decimal": (
        penguins(mass=pa.array([Decimal(2**53 + 1)], pa.decimal128(38, 0))),
        0,
        "mass",
    ),
    "the missing marker": (penguins(island=["\uffff"]), 0, "island"),
    "the marker in a dictionary": (
        penguins(island=pa.array(["\uffff"]).dictionary_encode()),
        0,
        "island",
    ),
    "row 8191": (penguins(10_000, bill=at(8191, 10_000, 1e7, 40.0)), 8191, "bill"),
    "row 8192": (penguins(10_000, bill=at(8192, 10_000, 1e7, 40.0)), 8192, "bill"),
    "row 9000, an integer": (penguins(10_000, mass=at(9000, 10_000, 2**53 + 1, 1)), 9000, "mass"),
    "row 9000, a category": (penguins(10_000, sex=at(9000, 10_000, "?", "male")), 9000, "sex"),
    "row 9000, a marker": (
        penguins(10_000, island=at(9000, 10_000, "\uffff", "Biscoe")),
        9000,
        "island",
    ),
}


@pytest.mark.parametrize("fault", WRONG)
@pytest.mark.parametrize("media_type", FORMATS)
def test_the_fault_is_named(service: Service, fault: str, media_type: str) -> None:
    table, row, column = WRONG[fault]
    answer = post(service, table, media_type)
    assert answer.status_code == 422, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.json().get("row"), answer.json().get("column")) == (row, column)
    assert "hunter2" not in answer.text
    other = post(service, table, media_type, V2.format("penguins"))
    assert other.status_code == 400
    assert list(other.json()) == ["error"]
    assert column is None or column in other.json()["error"]


@pytest.mark.parametrize("media_type", FORMATS)
@pytest.mark.parametrize("row", [1_500, 99_500])
def test_rows_count_over_the_whole_table(service: Service, media_type: str, row: int) -> None:
    """In the 2nd and in the 100th batch that was sent."""
    table = penguins(100_000, bill=at(row, 100_000, 1e7, 40.0))
    answer = post(service, written(table, media_type, rows=1000), media_type)
    assert (answer.status_code, answer.json()["row"]) == (422, row)


def test_an_answer_that_is_not_finite_names_its_row(service: Service) -> None:
    values = pa.array([1.0] * 9000 + [1e308])
    table = pa.table({"x0": values, "x1": values, "x2": values})
    answer = post(service, table, path=NATIVE.format("prices"))
    assert (answer.status_code, answer.json()["row"]) == (422, 9000)


def test_nothing_is_logged_but_requests(service: Service) -> None:
    for media_type in FORMATS:
        assert post(service, penguins(sex=["?"]), media_type).status_code == 422
    time.sleep(0.2)
    assert all(line.startswith('{"time"') for line in service.logged)


def test_other_models_and_states(service: Service) -> None:
    assert post(service, penguins(), path=NATIVE.format("nothing")).status_code == 404
    assert post(service, penguins(), path=NATIVE.format("penguins/versions/9")).status_code == 404
    answer = post(service, penguins(), path=V2.format("nothing"))
    assert (answer.status_code, list(answer.json())) == (404, ["error"])
