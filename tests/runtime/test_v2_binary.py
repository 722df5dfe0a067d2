"""The V2 door with tensors as bytes, raw bodies and columns, over a real socket."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from live_service import Service, start
from tiny_bundles import penguin_answers, write_text

from bundle import golden

LENGTH = "Inference-Header-Content-Length"
ROW = (39.1, 3750.0, 1.0)


def texts(*values: str | bytes) -> bytes:
    encoded = [each if isinstance(each, bytes) else each.encode() for each in values]
    return b"".join(struct.pack("<I", len(each)) + each for each in encoded)


def tensor(name: str, shape: list[int], datatype: str, blob: bytes, **more: Any) -> dict[str, Any]:
    return {
        "name": name,
        "shape": shape,
        "datatype": datatype,
        "parameters": {"binary_data_size": len(blob)},
        **more,
    }


def post(
    service: Service, model: str, head: Any, blobs: bytes = b"", length: Any = None, **headers: str
) -> Any:
    content = head if isinstance(head, bytes) else json.dumps(head).encode()
    told = str(len(content)) if length is None else str(length)
    return service.client.post(
        f"/v2/models/{model}/infer", content=content + blobs, headers={LENGTH: told, **headers}
    )


def prices(service: Service, datatype: str, values: Any, dtype: str) -> Any:
    blob = np.array(values, dtype).tobytes()
    head = {"inputs": [tensor("X", [1, 3], datatype, blob)]}
    return post(service, "prices", head, blob)


@pytest.mark.parametrize(
    ("datatype", "dtype", "values", "expected"),
    [
        ("BOOL", "u1", [1, 0, 1], 5.0),
        ("INT8", "<i1", [-1, 2, 3], 15.0),
        ("INT16", "<i2", [-300, 2, 3], -284.0),
        ("INT32", "<i4", [-70000, 2, 3], -69984.0),
        ("INT64", "<i8", [-(2**53), 0, 0], -(2.0**53)),
        ("INT64", "<i8", [2**53 + 2, 0, 0], 2.0**53 + 2),
        ("UINT8", "<u1", [255, 2, 3], 271.0),
        ("UINT16", "<u2", [65535, 2, 3], 65551.0),
        ("UINT32", "<u4", [2**32 - 1, 2, 3], 4294967311.0),
        ("UINT64", "<u8", [2**63, 0, 0], 2.0**63),
        ("FP16", "<f2", [0.1, 0, 0], 0.0999755859375),
        ("BF16", "<u2", [0x3DCD, 0, 0], 0.10009765625),
        ("FP32", "<f4", [0.1, 0, 0], 0.10000000149011612),
        ("FP64", "<f8", [0.1, 0, 0], 0.1),
        ("FP64", "<f8", [-5e-324, 0, 0], -5e-324),
    ],
)
def test_datatypes(
    service: Service, datatype: str, dtype: str, values: Any, expected: float
) -> None:
    answer = prices(service, datatype, values, dtype)
    assert answer.status_code == 200, answer.text
    assert answer.json()["outputs"][0]["data"] == [expected]


@pytest.mark.parametrize(
    ("datatype", "dtype", "values", "said"),
    [
        ("BOOL", "u1", [1, 2, 1], "row 0, column 'x1': true or false is due"),
        ("INT64", "<i8", [0, 2**53 + 1, 0], "row 0, column 'x1': the integer has no exact"),
        ("INT64", "<i8", [0, 0, 2**63 - 1], "row 0, column 'x2': the integer has no exact"),
        ("UINT64", "<u8", [2**64 - 1, 0, 0], "row 0, column 'x0': the integer has no exact"),
        ("FP64", "<f8", [0, np.nan, 0], "row 0, column 'x1': the value is missing"),
        ("FP64", "<f8", [0, 0, np.inf], "row 0, column 'x2': infinity"),
        ("FP16", "<f2", [-np.inf, 0, 0], "row 0, column 'x0': infinity"),
        ("FP64", "<f4", [1, 2, 3], "the data has 12 bytes and the shape says 24"),
        ("FP32", "<f8", [1, 2, 3], "the data has 24 bytes and the shape says 12"),
        ("BYTES", "u1", [1, 2, 3], "the tensor has another datatype"),
        ("FP8", "u1", [1, 2, 3], "the tensor has another datatype"),
    ],
)
def test_numbers_refused(
    service: Service, datatype: str, dtype: str, values: Any, said: str
) -> None:
    answer = prices(service, datatype, values, dtype)
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["error"].startswith(said)


def penguins(numbers: Any, text: bytes, rows: int = 1) -> tuple[dict[str, Any], bytes]:
    blob = np.array(numbers, "<f8").tobytes()
    inputs = [tensor("numbers", [rows, 3], "FP64", blob), tensor("text", [rows, 2], "BYTES", text)]
    return {"inputs": inputs}, blob + text


def test_missing_values_and_bytes_out(service: Service) -> None:
    """NaN is a missing number and U+FFFF a missing text, in any order of the blobs."""
    numbers = np.array([ROW, (np.nan, 5000.0, 0.0)])
    head, blobs = penguins(numbers, texts("Biscoe", "male", "\uffff", "female"), rows=2)
    head["parameters"] = {"binary_data_output": True}
    answer = post(service, "penguins", head, blobs)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/octet-stream"
    at = int(answer.headers[LENGTH])
    label, probabilities = json.loads(answer.content[:at])["outputs"]
    text = np.array([["Biscoe", "male"], ["\uffff", "female"]], dtype=object)
    expected = penguin_answers({"numbers": numbers, "text": text})
    assert label["parameters"] == {"binary_data_size": 20}
    assert answer.content[at : at + 20] == texts(*expected["label"])
    assert probabilities["shape"] == [2, 2]
    assert "data" not in probabilities
    found = np.frombuffer(answer.content[at + 20 :], "<f8").reshape(2, 2)
    np.testing.assert_allclose(found, expected["probabilities"], rtol=1e-15)
    head["inputs"].reverse()
    swapped = blobs[48:] + blobs[:48]
    assert post(service, "penguins", head, swapped).content == answer.content


def test_forms_may_be_mixed(service: Service) -> None:
    """One tensor in JSON, one as bytes; one output as bytes although the rest is JSON."""
    head, blobs = penguins([ROW], texts("Biscoe", "male"))
    head["inputs"][0] = {"name": "numbers", "shape": [1, 3], "datatype": "FP64", "data": ROW}
    head["outputs"] = [
        {"name": "probabilities"},
        {"name": "label", "parameters": {"binary_data": True}},
    ]
    answer = post(service, "penguins", head, blobs[24:])
    at = int(answer.headers[LENGTH])
    probabilities, label = json.loads(answer.content[:at])["outputs"]
    assert (probabilities["name"], label["name"]) == ("probabilities", "label")
    assert len(probabilities["data"]) == 2
    assert answer.content[at:] == texts("Adelie")


def test_an_output_overrides_the_request(service: Service) -> None:
    head, blobs = penguins([ROW], texts("Biscoe", "male"))
    head["parameters"] = {"binary_data_output": True}
    head["outputs"] = [{"name": "label", "parameters": {"binary_data": False}}]
    answer = post(service, "penguins", head, blobs)
    assert LENGTH not in answer.headers
    assert answer.json()["outputs"][0]["data"] == ["Adelie"]


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_the_header_counts_bytes_before_compression(
    service: Service, encoding: str, pack: Any
) -> None:
    head, blobs = penguins([ROW] * 90, texts("Biscoe", "male") * 90, rows=90)
    head["parameters"] = {"binary_data_output": True}
    content = json.dumps(head).encode()
    headers = {
        LENGTH: str(len(content)),
        "Content-Encoding": encoding,
        "Accept-Encoding": encoding,
    }
    answer = service.client.post(
        "/v2/models/penguins/infer", content=pack(content + blobs), headers=headers
    )
    assert answer.status_code == 200
    assert answer.headers["content-encoding"] == encoding
    plain = post(service, "penguins", head, blobs)
    assert answer.content == plain.content
    assert answer.headers[LENGTH] == plain.headers[LENGTH]


HEAD, BLOBS = penguins([ROW], texts("Biscoe", "male"))
NUMBERS = BLOBS[:24]


def changed(place: int, **members: Any) -> dict[str, Any]:
    inputs = [dict(each) for each in HEAD["inputs"]]
    inputs[place] |= members
    return {"inputs": inputs}


def size(count: Any) -> dict[str, Any]:
    return {"parameters": {"binary_data_size": count}}


BAD = {
    "a byte too many": (HEAD, BLOBS + b"x", None, 400),
    "a byte too few": (HEAD, BLOBS[:-1], None, 400),
    "no header": (HEAD, BLOBS, "", 400),
    "a header beyond the body": (HEAD, BLOBS, 10**6, 400),
    "a header of 40 digits": (HEAD, BLOBS, "9" * 40, 400),
    "a negative header": (HEAD, BLOBS, -1, 400),
    "a header of words": (HEAD, BLOBS, "all", 400),
    "a header with a sign": (HEAD, BLOBS, "+5", 400),
    "a header that cuts the JSON": (HEAD, BLOBS, 10, 400),
    "raw for two inputs": (b"", BLOBS, 0, 400),
    "a negative size": (changed(0, **size(-24)), BLOBS, None, 400),
    "a size of 2**70": (changed(0, **size(2**70)), BLOBS, None, 400),
    "a size that is text": (changed(0, **size("24")), BLOBS, None, 400),
    "a size that is true": (changed(0, **size(True)), BLOBS, None, 400),  # noqa: FBT003
    "data twice": (changed(0, data=[1, 2, 3]), BLOBS, None, 400),
    "no data": (changed(0, parameters={}), BLOBS[24:], None, 400),
    "rows of 2**62": (changed(0, shape=[2**62, 3]), BLOBS, None, 400),
    "texts of 2**30": (changed(1, shape=[2**29, 2]), BLOBS, None, 400),
    "negative rows": (changed(0, shape=[-1, 3]), BLOBS, None, 400),
    "shared memory": (changed(0, parameters={"shared_memory_region": "a"}), BLOBS[24:], None, 501),
    "a parameter that is a list": (changed(0, parameters={"a": []}), BLOBS[24:], None, 400),
    "length beyond": (*penguins([ROW], texts("Biscoe") + b"\xff\xff\xff\xffmale"), None, 400),
    "length too short": (*penguins([ROW], texts("Biscoe", "male") + b"\x00"), None, 400),
    "half a length": (*penguins([ROW], texts("Biscoe") + b"\x04\x00"), None, 400),
    "one text": (*penguins([ROW], texts("Biscoe")), None, 400),
    "three texts": (*penguins([ROW], texts("Biscoe", "male", "male")), None, 400),
    "not UTF-8": (*penguins([ROW], texts("Biscoe", b"\xff")), None, 400),
    "a surrogate": (*penguins([ROW], texts(b"\xed\xa0\x80", "male")), None, 400),
    "missing where none was": (*penguins([ROW], texts("Biscoe", "\uffff")), None, 400),
    "other rows": (*penguins([ROW] * 2, texts("Biscoe", "male"), rows=2), None, 400),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_requests(service: Service, case: str) -> None:
    head, blobs, length, status = BAD[case]
    answer = post(service, "penguins", head, blobs, length)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/json"
    assert list(answer.json()) == ["error"]


def test_text_that_is_not_utf8_is_named(service: Service) -> None:
    head, blobs = penguins([ROW] * 2, texts("Biscoe", "male", "Dream", b"\xc3("), rows=2)
    error = post(service, "penguins", head, blobs).json()["error"]
    assert error == "row 1, column 'sex': the text is not UTF-8. Send well-formed UTF-8"


def test_raw_rows(service: Service) -> None:
    """A body without JSON is rows of the one input; every output comes as bytes."""
    rows = np.array([[1.0, 2.0, 3.0], [0.1, 0.2, 0.3]])
    answer = post(service, "prices", b"", rows.tobytes(), 0)
    at = int(answer.headers[LENGTH])
    assert json.loads(answer.content[:at])["outputs"] == [
        {
            "name": "prediction",
            "shape": [2],
            "datatype": "FP64",
            "parameters": {"binary_data_size": 16},
        }
    ]
    found = np.frombuffer(answer.content[at:], "<f8")
    np.testing.assert_array_equal(found, rows @ np.array([1.0, 2.0, 4.0]))
    refused = post(service, "prices", b"", rows.tobytes()[:-1], 0)
    assert refused.json() == {"error": "the body is not whole rows. Send 24 bytes for each row"}


def test_raw_text(tmp_path: Path) -> None:
    """One text without its length, as Triton takes it."""
    write_text(tmp_path)
    with start(tmp_path) as service:
        answer = post(service, "echo", b"", "Grüße".encode(), 0)
        at = int(answer.headers[LENGTH])
        assert answer.content[at:] == texts("Grüße")
        assert post(service, "echo", b"", b"\xff", 0).status_code == 400


def columns(*more: dict[str, Any], shape: list[int]) -> list[dict[str, Any]]:
    """The golden rows of penguins, a tensor for each column."""
    values: dict[str, tuple[str, list[Any]]] = {
        "tagged": ("BOOL", [True, False]),
        "mass": ("INT16", [3750, 5000]),
        "sex": ("BYTES", ["male", "female"]),
        "bill": ("FP64", [39.1, None]),
        "island": ("BYTES", ["Biscoe", None]),
    }
    made = [
        {"name": name, "shape": shape, "datatype": datatype, "data": data}
        for name, (datatype, data) in values.items()
    ]
    return [*made, *more]


@pytest.mark.parametrize("shape", [[2], [2, 1]])
def test_columns(service: Service, artifacts: Path, shape: list[int]) -> None:
    whole = (artifacts / "penguins" / "1" / "golden.json").read_bytes()
    url = "/v2/models/penguins/infer"
    expected = service.client.post(url, content=whole).json()["outputs"]
    answer = service.client.post(url, json={"inputs": columns(shape=shape)})
    assert answer.json()["outputs"] == expected
    rows, _ = golden.decode(whole)
    assert expected[0]["data"] == penguin_answers(rows)["label"].tolist()


def test_columns_as_bytes(service: Service) -> None:
    inputs = columns(shape=[2])
    blobs = [b"\1\0", np.array([3750, 5000], "<i2").tobytes(), texts("male", "female")]
    blobs += [np.array([39.1, np.nan]).tobytes(), texts("Biscoe", "\uffff")]
    for each, blob in zip(inputs, blobs, strict=True):
        del each["data"]
        each["parameters"] = {"binary_data_size": len(blob)}
    answer = post(service, "penguins", {"inputs": inputs}, b"".join(blobs))
    again = service.client.post("/v2/models/penguins/infer", json={"inputs": columns(shape=[2])})
    assert answer.json() == again.json()


@pytest.mark.parametrize(
    ("inputs", "said"),
    [
        (columns(shape=[2])[:-1], "the inputs are not the model's"),
        (columns(columns(shape=[2])[0], shape=[2]), "the inputs are not the model's"),
        (columns(columns(shape=[2])[0] | {"name": "more"}, shape=[2])[1:], "the inputs are"),
        (columns(shape=[1, 2]), "column 'bill': the tensor has another shape"),
        (columns(shape=[2, 2]), "column 'bill': the tensor has another shape"),
        (columns(shape=[3]), "the data has 2 elements and the shape says 3"),
        (
            [*columns(shape=[2])[1:], columns(shape=[2])[0] | {"shape": [1], "data": [True]}],
            "the columns have different lengths",
        ),
        (
            [*columns(shape=[2])[:-1], columns(shape=[2])[-1] | {"datatype": "FP64"}],
            "column 'island': the tensor has another datatype",
        ),
        (
            [*columns(shape=[2])[1:], columns(shape=[2])[0] | {"data": [True, 1]}],
            "row 1, column 'tagged': true or false is due here",
        ),
    ],
)
def test_columns_refused(service: Service, inputs: list[dict[str, Any]], said: str) -> None:
    answer = service.client.post("/v2/models/penguins/infer", json={"inputs": inputs})
    assert answer.status_code == 400
    assert answer.json()["error"].startswith(said)


def test_bytes_say_what_json_cannot(service: Service) -> None:
    """The largest floats overflow to infinity: refused in JSON, answered as bytes."""
    blob = np.full(3, 1.7e308).tobytes()
    head = {"inputs": [tensor("X", [1, 3], "FP64", blob)]}
    refused = post(service, "prices", head, blob)
    assert refused.status_code == 400
    assert refused.json()["error"].startswith("row 0: the model's prediction is not a finite")
    answer = post(service, "prices", head | {"parameters": {"binary_data_output": True}}, blob)
    assert np.frombuffer(answer.content[int(answer.headers[LENGTH]) :], "<f8").tolist() == [np.inf]


def test_no_rows(service: Service) -> None:
    answer = post(service, "prices", {"inputs": [tensor("X", [0, 3], "FP64", b"")]})
    assert answer.json()["outputs"][0]["data"] == []
