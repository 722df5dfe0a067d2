"""boto3's sagemaker-runtime, against a real server, from an environment of its own."""

from __future__ import annotations

import csv
import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import isomorph
from bundle import golden
from parity_tests.found import ARTIFACTS, bundles
from parity_tests.serving import serving
from tests.clients.environment import environment

SESSION = Path(__file__).parent / "sagemaker_session.py"
ACCEPTED = (None, "text/csv", "application/jsonlines")


@pytest.fixture(scope="module")
def session() -> Any:
    """What the client got."""
    python = environment("sagemaker", ["boto3==1.44.5"])
    with serving(ARTIFACTS) as address:
        asked = [python, SESSION, address, *map(str, bundles())]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def due(path: Path) -> list[list[Any]]:
    """The engine's answers to the golden rows, output beside output."""
    bundle = isomorph.open(path)
    answers = bundle.engine.run(golden.decode((path / "golden.json").read_bytes())[0])
    columns = [
        column
        for values in answers.values()
        for column in (values.T if values.ndim > 1 else [values])
    ]
    return [list(row) for row in zip(*(c.tolist() for c in columns), strict=True)]


def rows_of(media_type: str, text: str) -> list[list[Any]]:
    """Rows of values, whatever form they came in."""
    if media_type == "text/csv":
        return [[_value(cell) for cell in row] for row in csv.reader(io.StringIO(text))]
    if media_type == "application/jsonlines":
        return [list(json.loads(line).values()) for line in text.splitlines()]
    found = json.loads(text)["predictions"]
    return [list(each.values()) if isinstance(each, dict) else [each] for each in found]


def _value(cell: str) -> Any:
    try:
        return float(cell)
    except ValueError:
        return cell


@pytest.mark.parametrize("accept", ACCEPTED)
@pytest.mark.parametrize("way", ["csv", "csv with header", "json", "jsonlines"])
@pytest.mark.parametrize("path", bundles(), ids=lambda path: path.parent.name)
def test_same_bits(session: dict[str, Any], path: Path, way: str, accept: str | None) -> None:
    media_type, variant, text = session[f"{path.parent.name} {way} {accept}"]
    default = "application/jsonlines" if way == "jsonlines" else "application/json"
    assert media_type == (accept or default)
    assert variant == path.name
    assert rows_of(media_type, text) == due(path)


def test_without_attributes_it_is_predict(session: dict[str, Any]) -> None:
    for path in bundles():
        media_type, _, text = session[f"{path.parent.name} default"]
        assert rows_of(media_type, text) == [row[:1] for row in due(path)]


def test_target_model(session: dict[str, Any]) -> None:
    assert session["target model"] == session[f"{bundles()[-1].parent.name} default"]


def test_errors(session: dict[str, Any]) -> None:
    assert session["bad row"][0] == 400
    assert session["bad row"][1].startswith("row 0: ")
    assert session["bad type"][0] == 415
    assert "application/jsonlines" in session["bad type"][1]
    assert session["no model"][0] == 404
