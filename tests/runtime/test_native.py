"""The native door, over a real socket."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from live_service import Service
from tiny_bundles import PENGUINS, RECORD

from bundle.reader import open_bundle
from bundle.rows import to_arrays
from runtime.engine import Engine


def test_one_record_gets_one_answer(service: Service) -> None:
    answer = service.client.post("/models/penguins/predict", json=RECORD)
    assert answer.status_code == 200, answer.text
    assert answer.json()["version"] == 2
    assert answer.json()["label"] in ("Adelie", "Gentoo")


def test_numbers_over_http_are_the_engines_bits(service: Service, artifacts: Path) -> None:
    generator = np.random.default_rng(0)
    records = [
        {**RECORD, "bill": float(bill), "island": island, "mass": int(mass)}
        for bill, mass, island in zip(
            generator.normal(40, 9, 50),
            generator.integers(2000, 7000, 50),
            ["Biscoe", "Dream", None, 'a "quoted" name', "é"] * 10,
            strict=True,
        )
    ]
    engine = Engine(open_bundle(artifacts / "penguins" / "2"))
    expected = engine.run(to_arrays(PENGUINS, records))
    answer = service.client.post("/models/penguins/predict", json=records).json()
    got = [list(each["probabilities"].values()) for each in answer["predictions"]]
    assert np.array_equal(np.array(got), expected["probabilities"])
    assert [each["label"] for each in answer["predictions"]] == expected["label"].tolist()


def test_a_query_is_a_row(service: Service) -> None:
    posted = service.client.post("/models/penguins/versions/1/predict", json=RECORD)
    query = {**RECORD, "tagged": "true"}
    got = service.client.get("/models/penguins/versions/1/predict", params=query)
    assert got.json() == posted.json()


def test_a_model_fitted_on_an_array_takes_lists(service: Service) -> None:
    answer = service.client.post("/models/prices/predict", json=[[1, 2, 3], [0, 0, 0.5]])
    assert answer.json()["predictions"] == [{"prediction": 17.0}, {"prediction": 2.0}]
    named = service.client.post("/models/prices/predict", json={"x0": 1, "x1": 2, "x2": 3})
    assert named.json() == {"model": "prices", "version": 1, "prediction": 17.0}


def test_no_rows_give_no_answers(service: Service) -> None:
    answer = service.client.post("/models/penguins/predict", json=[])
    assert answer.json() == {"model": "penguins", "version": 2, "predictions": []}


def test_listing_and_detail(service: Service) -> None:
    listed = service.client.get("/models").json()["models"]
    assert [(each["name"], each["version"]) for each in listed] == [
        ("penguins", 1),
        ("penguins", 2),
        ("prices", 1),
    ]
    detail = service.client.get("/models/penguins/versions/1").json()
    assert detail["example"] == RECORD
    assert detail["signature"]["columns"][0]["name"] == "bill"
    assert detail["verdict"]["targets"][0]["status"] == "pass"
