"""SageMaker's contract, over a real socket."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from live_service import Service
from tiny_bundles import RECORD, penguin_answers

from bundle import golden
from bundle.arrays import Array

PENGUINS = "/endpoints/penguins/invocations"
PRICES = "/endpoints/prices/invocations"
NAMES = list(RECORD)
VALUES = list(RECORD.values())
LINE = b"39.1,Biscoe,3750,male,true\n"
ATTRIBUTES = "X-Amzn-SageMaker-Custom-Attributes"
EVERY = {ATTRIBUTES: "outputs=label,probabilities"}
SENT = "hunter2"  # stands for whatever a client sends; no answer may hold it


def ask(
    service: Service, body: bytes, kind: str, path: str = PENGUINS, **headers: str
) -> httpx.Response:
    return service.client.post(path, content=body, headers={"Content-Type": kind} | headers)


def npy(values: Any, **options: Any) -> bytes:
    written = io.BytesIO()
    np.lib.format.write_array(written, np.asarray(values), allow_pickle=False, **options)
    return written.getvalue()


def of_json(value: Any) -> bytes:
    return json.dumps(value).encode()


BODIES: dict[str, tuple[str, bytes]] = {
    "CSV": ("text/csv", LINE),
    "CSV of the SDK": ("text/csv; label_size=0", LINE.rstrip()),
    "CSV with a header": ("text/csv", ",".join(NAMES).encode() + b"\n" + LINE),
    "CSV with a header, said": ("text/csv;header=present", ",".join(NAMES).encode() + b"\n" + LINE),
    "CSV without one, said": ("text/csv;header=absent", LINE),
    "features": ("application/json", of_json({"instances": [{"features": VALUES}]})),
    "data": (
        "application/json",
        of_json({"instances": [{"data": {"features": {"values": VALUES}}}]}),
    ),
    "values": ("application/json", of_json({"instances": [{"features": {"values": VALUES}}]})),
}


@pytest.mark.parametrize("name", BODIES)
def test_bodies(service: Service, name: str) -> None:
    kind, body = BODIES[name]
    answer = ask(service, body, kind)
    assert answer.status_code == 200, answer.text
    assert answer.json() == {"predictions": ["Adelie"]}
    assert answer.headers["x-amzn-invoked-production-variant"] == "2"
    said = ask(service, body, kind, Accept="text/csv", **EVERY)
    assert said.headers["content-type"] == "text/csv"
    label, *probabilities = said.text.rstrip("\n").split(",")
    assert label == "Adelie"
    assert sum(map(float, probabilities)) == pytest.approx(1.0, abs=1e-15)


@pytest.mark.parametrize(
    "line",
    [
        {"features": VALUES},
        {"data": {"features": {"values": VALUES}}},
        VALUES,
        RECORD,
    ],
)
def test_lines(service: Service, line: Any) -> None:
    body = of_json(line) + b"\n" + of_json(line) + b"\n"
    for sent in (body, body.rstrip(b"\n"), body.replace(b"\n", b"\r\n")):
        answer = ask(service, sent, "application/jsonlines")
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/jsonlines"
        assert answer.text == '{"label":"Adelie"}\n{"label":"Adelie"}\n'


def test_no_rows(service: Service) -> None:
    assert ask(service, b"", "application/jsonlines").text == ""
    assert ask(service, b"", "text/csv").json() == {"predictions": []}
    assert ask(service, npy(np.empty((0, 3))), "application/x-npy", PRICES).json() == {
        "predictions": []
    }


SPARSE = {"data": {"features": {"keys": [2, 0], "shape": [3], "values": [3, 1]}}}


def test_sparse_features_leave_zeros(service: Service) -> None:
    found = ask(service, of_json({"instances": [SPARSE]}), "application/json", PRICES)
    assert found.json() == {"predictions": [13.0]}


def test_golden_rows_to_the_same_bits(service: Service, artifacts: Path) -> None:
    rows, _ = golden.decode((artifacts / "penguins" / "1" / "golden.json").read_bytes())
    due = penguin_answers(rows)
    body = b"39.1,Biscoe,3750,male,1\n,,5000,female,0"
    expected = due["probabilities"]
    named = ask(
        service, body, "text/csv; header=absent", Accept="text/csv; header=present", **EVERY
    )
    head, *lines = csv.reader(io.StringIO(named.text))
    assert head == ["label", "probabilities.Adelie", "probabilities.Gentoo"]
    assert [line[0] for line in lines] == due["label"].tolist()
    found = np.array([[float(cell) for cell in line[1:]] for line in lines])
    assert np.abs(found - expected).max() < 1e-15
    only = {ATTRIBUTES: "outputs=probabilities"}
    again = ask(service, body, "text/csv", Accept="application/x-npy", **only)
    assert np.load(io.BytesIO(again.content), allow_pickle=False).tobytes() == found.tobytes()


MATRIX = np.array([[1.0, 2.0, 3.0], [0.5, 0.25, 0.125]])


@pytest.mark.parametrize(
    "body",
    [
        npy(MATRIX),
        npy(MATRIX, version=(2, 0)),
        npy(np.asfortranarray(MATRIX)),
        npy(MATRIX.astype(np.float32)),
        npy(MATRIX.astype(">f8")),
        npy(MATRIX.astype(np.float16)),
    ],
)
def test_npy(service: Service, body: bytes) -> None:
    for accept in ("application/json", "*/*", "application/*;q=0.5, text/html"):
        answer = ask(service, body, "application/x-npy", PRICES, Accept=accept)
        assert answer.json() == {"predictions": [17.0, 1.5]}, answer.text


def test_npy_of_integers_and_text(service: Service) -> None:
    integers = npy(np.array([[1, 2, 3]], dtype=np.int16))
    assert ask(service, integers, "application/x-npy", PRICES).json() == {"predictions": [17]}
    label = ask(service, LINE, "text/csv", Accept="application/x-npy")
    assert np.load(io.BytesIO(label.content), allow_pickle=False).tolist() == ["Adelie"]


def objects(values: Array) -> bytes:
    written = io.BytesIO()
    np.save(written, values.astype(object), allow_pickle=True)
    return written.getvalue()


def claims(**changes: str) -> bytes:
    """An array whose header says something else."""
    body = npy(MATRIX)
    for old, new in changes.values():
        body = body.replace(old.encode(), new.encode().ljust(len(old)))
    return body


NPY_FAULTS: dict[str, bytes] = {
    "empty": b"",
    "no array": b"hunter2",
    "the magic alone": b"\x93NUMPY",
    "another version": npy(MATRIX).replace(b"NUMPY\x01", b"NUMPY\x03"),
    "pickled objects": objects(MATRIX),
    "an archive": b"PK\x03\x04hunter2",
    "cut short": npy(MATRIX)[:-1],
    "too long": npy(MATRIX) + b"\0",
    "one dimension": npy(MATRIX[0]),
    "three dimensions": npy(MATRIX[None]),
    "another width": npy(MATRIX[:, :2]),
    "a huge shape": npy(MATRIX).replace(b"(2, 3), }            ", b"(9999999999999, 3), }"),
    "a negative shape": npy(MATRIX).replace(b"(2, 3), }", b"(-2, 3), }"[:9]),
    "no elements of no size": npy(np.empty((2, 3), dtype="U0")).replace(b"<U1", b"<U0"),
    "dates": npy(MATRIX.astype("M8[s]")),
    "records": npy(np.zeros((2, 3), dtype=[("a", "f8")])),
    "float of 3 bytes": npy(MATRIX).replace(b"<f8", b"<f3"),
    "text": npy(MATRIX.astype(str)),
    "text that is no Unicode": npy(np.array([[b"\xff"] * 3])),
    "a code point beyond": npy(np.array([["ab"] * 3])).replace(b"a\0\0\0", b"\xff\xff\xff\xff"),
    "infinity": npy(MATRIX * np.inf),
    "no exact float64": npy(np.full((1, 3), 2**53 + 1)),
    "missing, not nullable": npy(MATRIX * np.nan),
    "a header that is code": npy(MATRIX).replace(
        b"'fortran_order': False", b"'x':__import__('os')  "
    ),
}


@pytest.mark.parametrize("name", NPY_FAULTS)
def test_npy_faults(service: Service, name: str) -> None:
    answer = ask(service, NPY_FAULTS[name], "application/x-npy", PRICES)
    assert answer.status_code == 400, answer.text
    assert list(answer.json()) == ["error_code", "message"]
    assert SENT not in answer.text


def sparse(**changes: Any) -> bytes:
    return of_json({"instances": [{"features": SPARSE["data"]["features"] | changes}]})


CSV, LINES, JSON = "text/csv", "application/jsonlines", "application/json"
TWO = of_json(VALUES) + b"\n"
FAULTS: dict[str, tuple[str, str, bytes, str]] = {
    "CSV, a bad cell": (PENGUINS, CSV, LINE + b"1,a,hunter2,male,1", "row 1, column"),
    "CSV, a short row": (PENGUINS, CSV, LINE + b"1,2\n", "row 1"),
    "CSV, half a header": (PENGUINS, CSV, b"bill,island,mass,sex,hunter2\n" + LINE, "first row"),
    "CSV, another header": (PENGUINS, "text/csv; header=maybe", LINE, "present or absent"),
    "lines, a bad one": (PENGUINS, LINES, TWO + b"hunter2", "row 1"),
    "lines, an empty one": (PENGUINS, LINES, TWO + b"\n" + TWO, "row 1"),
    "lines, a short one": (PENGUINS, LINES, TWO + b"[1]", "row 1"),
    "lines, a number": (PENGUINS, LINES, b"7", "row 0"),
    "lines, deep": (PENGUINS, LINES, b"[" * 100_000, "row 0"),
    "no values": (PRICES, JSON, of_json({"instances": [{"features": {}}]}), "row 0"),
    "sparse, short": (PRICES, JSON, sparse(keys=[1]), "row 0"),
    "sparse, twice": (PRICES, JSON, sparse(keys=[1, 1]), "row 0"),
    "sparse, beyond": (PRICES, JSON, sparse(keys=[1, 3]), "row 0"),
    "sparse, no keys": (PRICES, JSON, sparse(keys=["0", True]), "row 0"),
    "sparse, another member": (PRICES, JSON, sparse(keys=[1, 2], surplus=SENT), "row 0"),
    "sparse, for text": (PENGUINS, JSON, sparse(), "takes text"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(service: Service, name: str) -> None:
    path, kind, body, said = FAULTS[name]
    answer = ask(service, body, kind, path)
    assert answer.status_code == 400, answer.text
    assert list(answer.json()) == ["error_code", "message"]
    assert said in answer.json()["message"]
    assert SENT not in answer.text


@pytest.mark.parametrize("accept", ["text/html", "image/png, text/plain", "application/json;q=0"])
def test_answers_of_other_types_are_406(service: Service, accept: str) -> None:
    answer = ask(service, LINE, "text/csv", Accept=accept)
    assert answer.status_code == 406
    assert list(answer.json()) == ["error_code", "message"]


def test_an_array_holds_one_output(service: Service) -> None:
    assert ask(service, LINE, "text/csv", Accept="application/x-npy", **EVERY).status_code == 406


@pytest.mark.parametrize(
    ("accept", "due"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/html, text/*;q=0.5", "text/csv"),
        ("text/csv;q=0.1, application/jsonlines", "application/jsonlines"),
        ("text/csv;q=x, application/json", "text/csv"),
    ],
)
def test_what_is_accepted(service: Service, accept: str, due: str) -> None:
    assert ask(service, LINE, "text/csv", Accept=accept).headers["content-type"] == due


def test_headers_choose_model_and_version(service: Service) -> None:
    target, variant = "X-Amzn-SageMaker-Target-Model", "X-Amzn-SageMaker-Target-Variant"
    body = of_json({"instances": [[1, 2, 3]]})
    for name in ("prices", "prices.tar.gz", "/prices.tar.gz"):
        found = ask(service, body, "application/json", "/invocations", **{target: name})
        assert found.json() == {"predictions": [17.0]}, found.text
    for name, version in (("1", "1"), ("2", "2"), ("AllTraffic", "2")):
        found = ask(service, LINE, "text/csv", **{variant: name})
        assert found.headers["x-amzn-invoked-production-variant"] == version
    for wrong in ({variant: "9"}, {variant: SENT}, {target: "nothing"}):
        found = ask(service, LINE, "text/csv", **wrong)
        assert found.status_code == 404
        assert SENT not in found.text
    assert ask(service, LINE, "text/csv").headers["x-amzn-invoked-production-variant"] == "2"


def test_other_headers_mean_nothing(service: Service) -> None:
    ours = {ATTRIBUTES: f"trace={SENT}", "X-Amzn-SageMaker-Inference-Id": "7"}
    found = ask(service, LINE, "text/csv", Authorization="AWS4-HMAC-SHA256 Credential=a", **ours)
    assert found.json() == {"predictions": ["Adelie"]}
    assert SENT not in str(found.headers)
    wrong = ask(service, LINE, "text/csv", **{ATTRIBUTES: f"outputs={SENT}"})
    assert wrong.status_code == 400
    assert SENT not in wrong.text


def test_execution_parameters(service: Service) -> None:
    assert service.client.get("/execution-parameters").json() == {
        "MaxConcurrentTransforms": os.cpu_count(),
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": 16,
    }
