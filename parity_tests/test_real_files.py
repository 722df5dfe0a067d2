"""The examples that take a file, on the real one where it is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import isomorph
from converters.describe import describe
from converters.load import load
from isomorph.tables import read_sample
from parity_tests.found import DATA, ROOT
from parity_tests.serving import same_bits, serving


@pytest.mark.parametrize(
    ("name", "table", "source"),
    [
        ("churn", "telco_churn.csv", "churn.joblib"),
        ("logit_games", "games.csv", "logit_games"),
    ],
)
def test_real_file(tmp_path: Path, name: str, table: str, source: str) -> None:
    """Train, convert, prove, serve: equal on at least 10,000 rows, the same bits over HTTP."""
    if not (DATA / table).exists():
        pytest.skip(f"{table} is not on this machine; ISOMORPH_DATA names its directory")
    command = [sys.executable, str(ROOT / "examples" / f"{name}.py"), str(DATA / table)]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    models = tmp_path / "models"
    bundle = isomorph.convert(
        models / source,
        models / f"{name}.sample.parquet",
        name=name,
        artifacts=tmp_path / "artifacts",
    )
    for target in ("onnx", "pmml"):
        verdict = bundle.verdict.target(target)
        assert (verdict.status, verdict.labels_differ) == ("pass", 0), verdict.reason
        assert verdict.rows >= 10_000
    original, sample, _ = describe(
        load(models / source).model, read_sample(models / f"{name}.sample.parquet")
    )
    with serving(tmp_path / "artifacts") as address:
        same_bits(bundle, original, sample, address)
