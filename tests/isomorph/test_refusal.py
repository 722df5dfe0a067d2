"""A fault planted in one converter: the step is named, the row is small, nothing is written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import click.testing
import joblib
import numpy as np
import pandas as pd
import pytest
import spox.opset.ai.onnx.v21 as op
from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier

import isomorph
from bundle.errors import NotEqualError
from converters.graph import encoding, scaling, trees
from converters.graph.answers import Answers
from converters.graph.table import Table, constant
from isomorph.command import main

CITIES = ["Bern", "Oslo", "Rome"]


def rows() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "age": rng.uniform(20, 80, 120),
            "income": rng.uniform(1, 9, 120),
            "city": rng.choice(CITIES, 120),
        }
    )


def model() -> Any:
    sample = rows()
    before = ColumnTransformer(
        [
            ("numbers", make_pipeline(MinMaxScaler(), StandardScaler()), ["age", "income"]),
            ("text", OneHotEncoder(handle_unknown="ignore"), ["city"]),
        ]
    )
    target = (sample["income"] + (sample["city"] == "Rome") * 3 > 6).to_numpy()
    return make_pipeline(before, LogisticRegression()).fit(sample, target)


def scaled_wrongly(monkeypatch: pytest.MonkeyPatch) -> None:
    right = scaling.standard_scaler

    def wrong(model: Any, table: Table) -> Answers:
        found = right(model, table).transform
        assert found is not None
        off = op.mul(found.matrix(), constant([1.0, 1 + 1e-9]))
        return Answers(transform=Table.of(off, 2))

    monkeypatch.setattr(scaling, "standard_scaler", wrong)


def swapped(monkeypatch: pytest.MonkeyPatch) -> None:
    right = encoding.values_beside

    def wrong(table: Any, known: Any, *rest: Any) -> Any:
        return right(table, [each[[1, 0, *range(2, len(each))]] for each in known], *rest)

    monkeypatch.setattr(encoding, "values_beside", wrong)


def refused(fitted: Any, sample: Any, place: Path, **options: Any) -> NotEqualError:
    with pytest.raises(NotEqualError) as found:
        isomorph.convert(fitted, sample, name="m", artifacts=place, formats=("onnx",), **options)
    assert not list(place.glob("m/*"))
    return found.value


def test_a_scale_off_by_a_billionth(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    scaled_wrongly(monkeypatch)
    error = refused(model(), rows(), tmp_path)
    assert error.where == (
        "model (Pipeline) > columntransformer (ColumnTransformer) > numbers (Pipeline) > "
        "standardscaler (StandardScaler)"
    )
    assert "its transform, column 1 is " in str(error)
    smallest = error.worst[0]
    assert smallest.kind == "smallest"
    typical = np.sort(rows()["age"])[60]
    assert smallest.row["age"] == typical  # it has no part in the fault
    assert "isomorph.converter" in error.mend


def test_two_categories_swapped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    swapped(monkeypatch)
    error = refused(model(), rows(), tmp_path)
    assert error.where.endswith("> text (OneHotEncoder)")
    row = error.worst[0].row
    assert row["city"] in ("Bern", "Oslo")
    assert row["age"] == np.sort(rows()["age"])[60]
    assert "where the original says" in str(error)
    assert error.verdict.target("onnx").reason in str(error)


def test_a_threshold_is_given_with_its_neighbours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    right = trees.double_thresholds
    monkeypatch.setattr(trees, "double_thresholds", lambda t: np.nextafter(right(t), np.inf))
    sample = rows()[["age", "income"]]
    fitted = DecisionTreeClassifier(max_depth=2).fit(sample, sample["income"] > 4)
    error = refused(fitted, sample, tmp_path)
    assert error.where == "model (DecisionTreeClassifier)"
    assert "the difference begins between 'income' = " in str(error)
    row = error.worst[0].row
    assert row["age"] == np.sort(sample["age"])[60]


@pytest.mark.parametrize("suffix", ["html", "json", "xml"])
def test_the_report_is_kept(suffix: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    swapped(monkeypatch)
    joblib.dump(model(), tmp_path / "m.joblib")
    rows().to_parquet(tmp_path / "s.parquet")
    report = tmp_path / f"report.{suffix}"
    done = run(tmp_path, report)
    assert done.exit_code == 1
    assert "text (OneHotEncoder): the ONNX is not the original's function: " in done.stderr
    assert not (tmp_path / "artifacts").exists()
    content = report.read_text()
    assert "the first step that differs is" in content
    if suffix == "json":
        document = json.loads(content)
        assert document["passed"] is False
        assert document["worst"][0]["kind"] == "smallest"
    if suffix == "xml":
        assert int(ET.parse(report).getroot().get("failures", "0")) > 0  # noqa: S314


def test_the_report_of_a_step_without_a_converter(tmp_path: Path) -> None:
    from sklearn.preprocessing import FunctionTransformer  # noqa: PLC0415

    fitted = make_pipeline(FunctionTransformer(np.sort), StandardScaler())
    numbers = rows()[["age", "income"]].to_numpy()
    joblib.dump(fitted.fit(numbers), tmp_path / "m.joblib")
    pd.DataFrame(numbers).to_csv(tmp_path / "s.csv", index=False)
    done = run(tmp_path, tmp_path / "report.json", sample="s.csv")
    assert done.exit_code == 2
    document = json.loads((tmp_path / "report.json").read_text())
    assert "np.sort has no form in the graph" in document["verdict"]["targets"][0]["reason"]


def test_the_report_of_a_success(tmp_path: Path) -> None:
    joblib.dump(model(), tmp_path / "m.joblib")
    rows().to_parquet(tmp_path / "s.parquet")
    done = run(tmp_path, tmp_path / "report.html")
    assert done.exit_code == 0, done.output
    assert "PASS" in (tmp_path / "report.html").read_text()


def test_a_report_of_another_kind_is_refused_first(tmp_path: Path) -> None:
    joblib.dump(1, tmp_path / "m.joblib")
    rows().to_parquet(tmp_path / "s.parquet")
    done = run(tmp_path, tmp_path / "report.pdf")
    assert done.exit_code == 2
    assert "no report is written as '.pdf'" in done.stderr


def run(place: Path, report: Path, sample: str = "s.parquet") -> click.testing.Result:
    options = ["--sample", place / sample, "--name", "m", "--artifacts", place / "artifacts"]
    arguments = ["convert", place / "m.joblib", *options, "--formats", "onnx", "--report", report]
    return click.testing.CliRunner().invoke(main, [str(each) for each in arguments])
