"""Golden rows come back as they were recorded, through plain JSON."""

import json

import numpy as np
import pytest

from bundle.arrays import MISSING_TEXT
from bundle.errors import BundleError
from bundle.golden import decode, encode
from bundle.signature import Signature

NUMBERS = np.array([[0.1, 1.0], [np.nan, 0.0], [5e-324, 1.7976931348623157e308]])
TEXT = np.array([["Rome"], [MISSING_TEXT], ["naïve 🐧"]], dtype=object)
ROWS = {"numbers": NUMBERS, "text": TEXT}
ANSWERS = {
    "label": np.array(["no", "yes", "no"], dtype=object),
    "probabilities": np.array([[0.9, 0.1], [1 / 3, 2 / 3], [1.0, np.nan]]),
}


def test_rows_and_answers_come_back_bit_for_bit(signature: Signature) -> None:
    rows, answers = decode(encode(signature, ROWS, ANSWERS))

    assert np.array_equal(rows["numbers"], NUMBERS, equal_nan=True)
    assert rows["text"].tolist() == TEXT.tolist()
    assert answers["label"].tolist() == ["no", "yes", "no"]
    assert np.array_equal(answers["probabilities"], ANSWERS["probabilities"], equal_nan=True)


def test_it_is_an_inference_request_that_any_json_reader_takes(signature: Signature) -> None:
    document = json.loads(encode(signature, ROWS, ANSWERS))

    numbers, text = document["inputs"]
    assert numbers["shape"] == [3, 2]
    assert numbers["datatype"] == "FP64"
    assert numbers["data"][:3] == [0.1, 1.0, None]
    assert text["data"] == ["Rome", None, "naïve 🐧"]
    assert [each["name"] for each in document["expected"]["outputs"]] == ["label", "probabilities"]


def recorded(shape: list[int], data: list[object]) -> bytes:
    tensor = {"name": "a", "shape": shape, "datatype": "FP64", "data": data}
    return json.dumps({"inputs": [tensor], "expected": {"outputs": []}}).encode()


@pytest.mark.parametrize(
    "content",
    [b"{", b"[]", b'{"inputs": []}', recorded([2], [1.0]), recorded([1], ["x"])],
    ids=["not JSON", "a list", "nothing expected", "another shape", "text for a number"],
)
def test_malformed_rows_are_a_fault_of_the_bundle(content: bytes) -> None:
    with pytest.raises(BundleError, match=r"golden\.json: malformed"):
        decode(content)
