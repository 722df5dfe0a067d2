"""The examples that take a file, on the real one where it is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import isomorph
from parity_tests.found import DATA, ROOT


@pytest.mark.parametrize(
    ("name", "table", "source"),
    [
        ("churn", "telco_churn.csv", "churn.joblib"),
        ("logit_games", "games.csv", "logit_games"),
    ],
)
def test_real_file(tmp_path: Path, name: str, table: str, source: str) -> None:
    """Train, convert, prove: both targets equal on at least 10,000 rows."""
    if not (DATA / table).exists():
        pytest.skip(f"{table} is not on this machine; ISOMORPH_DATA names its directory")
    command = [sys.executable, str(ROOT / "examples" / f"{name}.py"), str(DATA / table)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    models = tmp_path / "models"
    bundle = isomorph.convert(
        models / source, models / f"{name}.sample.parquet", name=name, artifacts=tmp_path
    )
    for target in ("onnx", "pmml"):
        verdict = bundle.verdict.target(target)
        assert (verdict.status, verdict.labels_differ) == ("pass", 0), verdict.reason
        assert verdict.rows >= 10_000
