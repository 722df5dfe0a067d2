"""CSV into blocks and back: values, headers, and every fault by row and column."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from tiny_bundles import PENGUINS, PRICES

from bundle.arrays import MISSING_TEXT
from bundle.errors import InputError
from bundle.signature import Output, Signature
from runtime.csv_rows import header_of, read_csv, write_csv

NAMES = "bill,island,mass,sex,tagged"
ROW = "39.1,Biscoe,3750,male,true"
SHUFFLED = "sex,tagged,bill,island,mass\nmale,true,39.1,Biscoe,3750"


def cells(text: str | bytes, header: bool | None = None) -> list[list[Any]]:  # noqa: FBT001
    content = text if isinstance(text, bytes) else text.encode()
    blocks = read_csv(PENGUINS, content, header)
    return [
        [*a, *b] for a, b in zip(*(blocks[n].tolist() for n in ("numbers", "text")), strict=True)
    ]


DUE = [39.1, 3750.0, 1.0, "Biscoe", "male"]


@pytest.mark.parametrize(
    ("text", "header"),
    [
        (ROW, None),
        (ROW, False),
        (f"{NAMES}\n{ROW}", None),
        (f"{NAMES}\n{ROW}", True),
        (SHUFFLED, None),
        (SHUFFLED, True),
        (f"{NAMES}\r\n{ROW}\r\n", None),
        (f"{NAMES}\r{ROW}\r", None),
        (f"\ufeff{NAMES}\n{ROW}\n\n\n", None),
        ('"39.1","Biscoe","3750","male","true"', None),
        ("39.1,Biscoe, 3750 ,male,1", None),
        ("+39.1,Biscoe,3.75e3,male,True", None),
        ("39.10,Biscoe,03750.,male,1.0", None),
    ],
)
def test_the_same_row(text: str, header: bool | None) -> None:  # noqa: FBT001
    assert cells(text, header) == [DUE]


def test_missing_cells_and_quotes() -> None:
    found = cells(f'{ROW}\n,"",+.5e1,female,False\nnan,"a ""b"", c\nd",0,male,0')
    assert np.isnan(found[1][0])
    assert found[1][1:] == [5.0, 0.0, MISSING_TEXT, "female"]
    assert np.isnan(found[2][0])
    assert found[2][3] == 'a "b", c\nd'


@pytest.mark.parametrize("token", ["NA", "null", "None", "nan", " Biscoe "])
def test_text_is_text(token: str) -> None:
    assert cells(f"1,{token},1,male,1")[0][3] == token


def test_other_columns_are_left_aside_on_request() -> None:
    text = f"id,{NAMES},,id\nhunter2,{ROW},a,b\n".encode()
    found = read_csv(PENGUINS, text, surplus=True)
    assert found["numbers"].tolist() == [DUE[:3]]
    for wrong in (f"id,{NAMES[5:]}\n7,Biscoe,1,male,1", f"{NAMES},bill\n{ROW},1"):
        with pytest.raises(InputError):
            read_csv(PENGUINS, wrong.encode(), surplus=True)


def test_no_rows() -> None:
    for body in (b"", b"\n", NAMES.encode(), f"{NAMES}\n".encode()):
        assert cells(body) == []


FAULTS: dict[str, tuple[str | bytes, bool | None, int | None, str | None]] = {
    "text for a number": (f"{ROW}\n1,Biscoe,hunter2,male,1", None, 1, "mass"),
    "a row short": (f"{NAMES}\n{ROW}\n1,2", None, 1, None),
    "a row long": (f"{ROW},1", None, 0, None),
    "an empty line between": (f"{ROW}\n\n{ROW}", None, 1, None),
    "hexadecimal": ("1,Biscoe,0x10,male,1", None, 0, "mass"),
    "underscores": ("1,Biscoe,1_000,male,1", None, 0, "mass"),
    "thousands": ('1,Biscoe,"1,000",male,1', None, 0, "mass"),
    "infinity": ("1,Biscoe,inf,male,1", None, 0, "mass"),
    "other digits": ("1,Biscoe,١٢,male,1", None, 0, "mass"),
    "1e400": (f"{ROW}\n1,Biscoe,1e400,male,1", None, 1, "mass"),
    "no exact float64": ("1,Biscoe,9007199254740993,male,1", None, 0, "mass"),
    "5,000 digits": (f"1,Biscoe,{'9' * 5000},male,1", None, 0, "mass"),
    "true for a number": ("1,Biscoe,true,male,1", None, 0, "mass"),
    "yes for a bool": ("1,Biscoe,1,male,yes", None, 0, "tagged"),
    "the missing marker": ("1,\uffff,1,male,1", None, 0, "island"),
    "half a header": (f"bill,island,mass,sex,tag\n{ROW}", None, None, None),
    "a column more": (f"id,{NAMES}\n7,{ROW}", None, None, "id"),
    "a name twice": (f"{NAMES},bill\n{ROW},1", None, None, "bill"),
    "a wrong header, said": (f"bill,island,mass,sex,tag\n{ROW}", True, None, "tag"),
    "no header, said": (ROW, True, None, "39.1"),
    "a name twice, said": ("bill,bill,mass,sex,tagged", True, None, "bill"),
    "a header that is a row": (f"{NAMES}\n{ROW}", False, 0, "bill"),
    "no header at all": ("", True, None, None),
    "not UTF-8": (b"1,\xff,1,male,1", None, None, None),
    "an open quote": (f'{ROW}\n"1', None, None, None),
    "a quote in the middle": ('"1"2,Biscoe,1,male,1', None, None, None),
    "a huge cell": ("1," + "a" * 200_000, None, None, None),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults_name_row_and_column(name: str) -> None:
    text, header, row, column = FAULTS[name]
    with pytest.raises(InputError) as caught:
        cells(text, header)
    assert (caught.value.row, caught.value.column) == (row, column)
    assert "hunter2" not in str(caught.value)


def test_what_pandas_writes_reads_back_to_the_same_bits() -> None:
    numbers = np.random.default_rng(0).standard_normal((500, 3))
    numbers *= 10.0 ** np.random.default_rng(1).integers(-300, 300, numbers.shape)
    numbers[0] = [5e-324, -0.0, 1.7976931348623157e308]
    written = pd.DataFrame(numbers, columns=["x0", "x1", "x2"])
    for text in (written.to_csv(index=False), written.to_csv(index=False, header=False)):
        found = read_csv(PRICES, text.encode())["X"]
        assert found.tobytes() == numbers.tobytes()


@pytest.mark.parametrize(
    ("content_type", "due"),
    [
        ("text/csv", None),
        ("text/csv; header=present", True),
        ('text/csv;charset=utf-8; Header="absent"', False),
        ("text/csv; label_size=0", None),
    ],
)
def test_the_parameter_of_the_media_type(content_type: str, due: bool | None) -> None:  # noqa: FBT001
    assert header_of(content_type) is due


def test_another_value_of_it() -> None:
    with pytest.raises(InputError):
        header_of("text/csv; header=maybe")


def test_answers() -> None:
    answers = {
        "label": np.array(["Adelie", 'a "b", c'], dtype=object),
        "probabilities": np.array([[0.1, 0.9], [1 / 3, 5e-324]]),
    }
    assert write_csv(PENGUINS, answers, ["label"]) == b'Adelie\n"a ""b"", c"\n'
    head, *rows = csv.reader(io.StringIO(write_csv(PENGUINS, answers, header=True).decode()))
    assert head == ["label", "probabilities.Adelie", "probabilities.Gentoo"]
    assert [row[0] for row in rows] == answers["label"].tolist()
    found = np.array([[float(cell) for cell in row[1:]] for row in rows])
    assert found.tobytes() == answers["probabilities"].tobytes()


def test_a_missing_answer_is_empty() -> None:
    output = Output(name="features", datatype="FP64", width=2)
    signature = Signature(columns=(), inputs=(), outputs=(output,))
    answers = {"features": np.array([[1.5, np.nan], [np.nan, np.nan]])}
    due = b"features.0,features.1\n1.5,\n,\n"
    assert write_csv(signature, answers, header=True) == due
