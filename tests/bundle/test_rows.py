"""Rows in every form people hold them become the same blocks, or are refused by name."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from bundle.arrays import MISSING_TEXT
from bundle.errors import InputError
from bundle.rows import to_arrays
from bundle.signature import Signature

NAN = float("nan")
COLUMNS = {"age": [31, None], "member": [True, False], "city": ["Rome", None]}
RECORDS = [
    {"city": "Rome", "member": True, "age": 31},
    {"age": None, "member": False, "city": None},
]

GOOD = {
    "columns": COLUMNS,
    "records": RECORDS,
    "tuple of records": tuple(RECORDS),
    "frame": pd.DataFrame(COLUMNS),
    "frame in another order": pd.DataFrame(COLUMNS)[["city", "age", "member"]],
    "nullable dtypes": pd.DataFrame(COLUMNS).convert_dtypes(),
    "category": pd.DataFrame(COLUMNS).astype({"city": "category"}),
    "object array": np.array([[31, True, "Rome"], [None, False, None]], dtype=object),
    "nested lists": [[31.0, 1, "Rome"], [NAN, 0, NAN]],
    "numpy scalars": {
        "age": [np.float32(31), np.nan],
        "member": np.array([True, False]),
        "city": [np.str_("Rome"), None],
    },
}


@pytest.mark.parametrize("data", GOOD.values(), ids=GOOD)
def test_every_form_gives_the_same_blocks(signature: Signature, data: Any) -> None:
    blocks = to_arrays(signature, data)

    assert blocks["numbers"].dtype == np.float64
    assert np.array_equal(blocks["numbers"], [[31, 1], [NAN, 0]], equal_nan=True)
    assert blocks["text"].tolist() == [["Rome"], [MISSING_TEXT]]


def row(**members: Any) -> list[dict[str, Any]]:
    return [{"age": 1, "member": True, "city": "Rome"} | members]


BAD = {
    "number as text": (row(age="31"), "row 0, column 'age': a number is due here"),
    "text as number": (row(city=3), "row 0, column 'city': text is due here"),
    "list in a cell": (row(age=[1]), "column 'age': a number is due here"),
    "integer beyond float64": (row(age=2**53 + 1), "the integer has no exact float64"),
    "text after a number": (row() + row(age="x"), "row 1, column 'age'"),
    "huge integer": (row(age=10**400), "the integer has no exact float64"),
    "reserved text": (row(city=MISSING_TEXT), r"U\+FFFF alone is reserved"),
    "lone surrogate": (row(city="\ud800"), "not valid Unicode"),
    "unknown column": (row(colour="red"), "column 'colour': the model has no such column"),
    "column left out": ([{"age": 1, "member": True}], "column 'city': the column is missing"),
    "ragged columns": (COLUMNS | {"age": [1]}, "different lengths"),
    "matrix too narrow": (np.zeros((2, 2)), r"the rows have shape \(2, 2\), the model takes"),
    "one dimension": ([1, 2, 3], r"shape \(3,\)"),
    "repeated column": (
        pd.DataFrame([[1, 1, True, "a"]], columns=["age", "age", "member", "city"]),
        "column 'age': the column stands twice",
    ),
    "int64 beyond float64": (
        pd.DataFrame(row(age=0)).assign(age=np.array([2**63 - 1])),
        "the integer has no exact float64",
    ),
    "int64 that rounds to 2**53": (
        pd.DataFrame(row(age=0)).assign(age=np.array([2**53 + 1])),
        "row 0, column 'age': the integer has no exact float64",
    ),
}


@pytest.mark.parametrize(("data", "message"), BAD.values(), ids=BAD)
def test_what_does_not_fit_is_refused_by_name(
    signature: Signature, data: Any, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        to_arrays(signature, data)


def test_no_rows_are_rows(signature: Signature) -> None:
    blocks = to_arrays(signature, {"age": [], "member": [], "city": []})

    assert blocks["numbers"].shape == (0, 2)
    assert blocks["text"].shape == (0, 1)
