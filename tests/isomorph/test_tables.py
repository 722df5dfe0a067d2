"""Tables say the same rows in every format, and every fault of one is named."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from bundle.arrays import MISSING_TEXT
from bundle.errors import InputError, SourceError
from bundle.rows import to_arrays
from bundle.signature import Signature
from isomorph.tables import read_rows, read_sample, read_table, write_answers

NAN = float("nan")
FRAME = pd.DataFrame(
    {"a": [0.1, 2.0], "b": [1e-300, NAN], "member": [True, False], "city": ["Rome, Lazio", None]}
)
RECORDS = [
    {"a": 0.1, "b": 1e-300, "member": True, "city": "Rome, Lazio"},
    {"a": 2.0, "b": None, "member": False, "city": None},
]
ANSWERS = {
    "label": np.array(["no", MISSING_TEXT], dtype=object),
    "probabilities": np.array([[0.1 + 0.2, 5e-324], [NAN, 1.0]]),
}


def write(path: Path, content: Any) -> Path:
    text = content if isinstance(content, str) else json.dumps(content)
    path.write_text(text, encoding="utf-8")
    return path


def csv_file(folder: Path) -> Path:
    FRAME.to_csv(folder / "rows.csv", index=False)
    return folder / "rows.csv"


def csv_with_a_byte_order_mark(folder: Path) -> Path:
    FRAME.to_csv(folder / "rows.csv", index=False, encoding="utf-8-sig")
    return folder / "rows.csv"


def records_file(folder: Path) -> Path:
    return write(folder / "rows.json", RECORDS)


def columns_file(folder: Path) -> Path:
    return write(folder / "rows.json", {name: [r[name] for r in RECORDS] for name in FRAME})


def parquet_file(folder: Path) -> Path:
    FRAME.to_parquet(folder / "rows.parquet", index=False)
    return folder / "rows.parquet"


def indexed_parquet_file(folder: Path) -> Path:
    FRAME.set_index(pd.Index([7, 9])).to_parquet(folder / "rows.parquet")
    return folder / "rows.parquet"


FORMS = [
    csv_file,
    csv_with_a_byte_order_mark,
    records_file,
    columns_file,
    parquet_file,
    indexed_parquet_file,
]


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_format_gives_the_same_rows(tmp_path: Path, signature: Signature, form: Any) -> None:
    blocks = to_arrays(signature, read_rows(form(tmp_path), signature))

    expected = [[0.1, 1e-300, 1.0], [2.0, NAN, 0.0]]
    assert np.array_equal(blocks["numbers"], expected, equal_nan=True)
    assert blocks["text"].tolist() == [["Rome, Lazio"], [MISSING_TEXT]]


def test_one_record_is_one_row(tmp_path: Path, signature: Signature) -> None:
    rows = read_rows(write(tmp_path / "row.json", RECORDS[0]), signature)

    assert to_arrays(signature, rows)["numbers"].tolist() == [[0.1, 1e-300, 1.0]]


def test_a_table_without_a_signature_is_as_it_is_written(tmp_path: Path) -> None:
    assert read_table(write(tmp_path / "rows.csv", "a,b\n1,\n")) == {"a": ["1"], "b": [""]}


@pytest.mark.parametrize("cell", ["x", "nan", "NA", "inf", " 1", "1_000", "1,5", "0x10", "\u0661"])
def test_what_is_not_a_number_is_refused_by_row_and_column(
    tmp_path: Path, signature: Signature, cell: str
) -> None:
    table = write(tmp_path / "rows.csv", f'a,b,member,city\n1,1,1,x\n"{cell}",1,1,x\n')

    with pytest.raises(InputError, match="row 1, column 'a': a number is due here, not"):
        read_rows(table, signature)


@pytest.mark.parametrize(
    ("cell", "number"), [("1", 1), ("-1.", -1.0), ("+.5e3", 500.0), ("true", True), ("", None)]
)
def test_numbers_are_read_as_they_are_written(
    tmp_path: Path, signature: Signature, cell: str, number: Any
) -> None:
    rows = read_rows(write(tmp_path / "rows.csv", f"a,b,member,city\n1,1,{cell},x\n"), signature)

    assert dict(rows)["member"] == [number]


MALFORMED = {
    "cells missing": ("rows.csv", "a,b\n1\n", "row 0: 1 cells stand under 2 column names"),
    "column twice": ("rows.csv", "a,a\n1,2\n", "column 'a': the column stands twice"),
    "open quote": ("rows.csv", 'a\n"1', "cannot be read"),
    "not JSON": ("rows.json", "{", "cannot be read"),
    "a number": ("rows.json", "3", "neither records nor columns"),
    "a list of lists": ("rows.json", "[[1]]", "neither records nor columns"),
    "not Parquet": ("rows.parquet", "a,b", "cannot be read"),
    "another suffix": ("rows.xlsx", "", "is not a table that can be read"),
}


@pytest.mark.parametrize(("name", "content", "message"), MALFORMED.values(), ids=MALFORMED)
def test_a_malformed_table_is_named(tmp_path: Path, name: str, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_table(write(tmp_path / name, content))


def test_bytes_that_are_not_utf8_are_named(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_bytes(b"a\n\xff\n")

    with pytest.raises(InputError, match="cannot be read"):
        read_table(tmp_path / "rows.csv")


def test_an_unknown_column_is_named(tmp_path: Path, signature: Signature) -> None:
    with pytest.raises(InputError, match="column 'z': the model has no such column"):
        read_rows(write(tmp_path / "rows.csv", "z\n1\n"), signature)


def test_parquet_without_pyarrow_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)

    with pytest.raises(InputError, match=r"Run pip install 'isomorph\[convert\]'"):
        read_table(tmp_path / "rows.parquet")


@pytest.mark.parametrize("form", [csv_file, parquet_file], ids=lambda form: form.__name__)
def test_a_sample_is_a_frame(tmp_path: Path, form: Any) -> None:
    pd.testing.assert_frame_equal(read_sample(form(tmp_path)), FRAME)


def test_only_an_empty_cell_of_a_sample_is_missing(tmp_path: Path) -> None:
    sample = read_sample(write(tmp_path / "sample.csv", 'city\nNA\nnull\n""\n'))

    assert sample["city"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize("name", ["sample.xlsx", "sample.parquet"])
def test_what_is_no_sample_is_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(SourceError, match=name):
        read_sample(write(tmp_path / name, "x"))


def test_answers_are_written_as_csv(tmp_path: Path, signature: Signature) -> None:
    write_answers(tmp_path / "answers.csv", ANSWERS, signature)

    assert (tmp_path / "answers.csv").read_text() == (
        "label,probabilities.no,probabilities.yes\nno,0.30000000000000004,5e-324\n,,1.0\n"
    )


def test_answers_are_written_as_json(tmp_path: Path, signature: Signature) -> None:
    write_answers(tmp_path / "answers.json", ANSWERS, signature)

    assert json.loads((tmp_path / "answers.json").read_bytes()) == [
        {"label": "no", "probabilities.no": 0.30000000000000004, "probabilities.yes": 5e-324},
        {"label": None, "probabilities.no": None, "probabilities.yes": 1.0},
    ]


def test_answers_are_written_as_parquet(tmp_path: Path, signature: Signature) -> None:
    write_answers(tmp_path / "answers.parquet", ANSWERS, signature)

    written = pd.read_parquet(tmp_path / "answers.parquet")
    assert list(written) == ["label", "probabilities.no", "probabilities.yes"]
    assert written["probabilities.no"].tolist()[0] == 0.30000000000000004


def test_answers_go_to_stdout(signature: Signature, capsys: pytest.CaptureFixture[str]) -> None:
    write_answers(None, ANSWERS, signature)

    assert capsys.readouterr().out.startswith("label,probabilities.no")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("answers.txt", "is not a table that can be written"),
        ("no/answers.csv", "cannot be written"),
    ],
)
def test_answers_that_cannot_be_written_are_named(
    tmp_path: Path, signature: Signature, name: str, message: str
) -> None:
    with pytest.raises(InputError, match=message):
        write_answers(tmp_path / name, ANSWERS, signature)
