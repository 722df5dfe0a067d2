"""Values that the model does not accept are refused by row and column."""

from typing import Any

import numpy as np
import pytest

from bundle.domain import Domain
from bundle.errors import InputError
from bundle.rows import to_arrays
from bundle.signature import Block, Column, Signature

NAN = float("nan")
FLOAT32_MAX = float(np.finfo(np.float32).max)
SIGNATURE = Signature(
    columns=(
        Column(name="age", kind="number", dtype="float64", nullable=True, highest=FLOAT32_MAX),
        Column(name="rooms", kind="number", dtype="int64", categories=(1, 2), closed=True),
        Column(name="member", kind="number", dtype="bool"),
        Column(
            name="city",
            kind="text",
            dtype="str",
            nullable=True,
            categories=("Rome", "Oslo"),
            closed=True,
        ),
        Column(name="job", kind="text", dtype="str"),
    ),
    inputs=(
        Block(name="numbers", datatype="FP64", columns=("age", "rooms", "member")),
        Block(name="text", datatype="BYTES", columns=("city", "job")),
    ),
    outputs=(),
)
GOOD = {"age": 31.0, "rooms": 2, "member": True, "city": "Rome", "job": "baker"}


def check(**members: Any) -> None:
    Domain(SIGNATURE).check(to_arrays(SIGNATURE, [GOOD, GOOD | members]))


@pytest.mark.parametrize(
    "members",
    [{}, {"age": None}, {"age": -1e308}, {"age": FLOAT32_MAX}, {"city": None}, {"member": 0}],
    ids=str,
)
def test_what_the_model_accepts_passes(members: dict[str, Any]) -> None:
    check(**members)


@pytest.mark.parametrize(
    ("members", "message"),
    [
        ({"age": float("inf")}, "row 1, column 'age': infinity is not a value"),
        ({"age": 1e39}, "column 'age': the number is outside .* to 3.4028234663852886e\\+38"),
        ({"rooms": None}, "column 'rooms': the value is missing"),
        ({"rooms": 3}, "column 'rooms': the model refuses .* Send one of: 1, 2"),
        ({"member": 2}, "column 'member': true or false is due here"),
        ({"city": "Bonn"}, "column 'city': the model refuses .* Send one of: 'Rome', 'Oslo'"),
        ({"job": None}, "column 'job': the value is missing"),
    ],
    ids=str,
)
def test_what_the_model_does_not_accept_is_named(members: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        check(**members)
