"""MLflow's own clients, against a real server, from an environment of their own."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import isomorph
from bundle import golden
from bundle.arrays import Array
from parity_tests.found import bundles
from parity_tests.serving import serving
from tests.clients.environment import environment

PACKAGES = ["mlflow==3.17.2", "pandas==3.1.1"]
SESSION = Path(__file__).parent / "mlflow_session.py"


@pytest.fixture(scope="module", params=bundles(), ids=lambda path: path.parent.name)
def session(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A bundle, the only one that is served, and what the clients got."""
    python = environment("mlflow", PACKAGES)
    path: Path = request.param
    root = tmp_path_factory.mktemp("artifacts")
    alone = shutil.copytree(path, root / path.parent.name / path.name)
    with serving(root) as address:
        asked = [python, SESSION, address, str(alone)]
        done = subprocess.run(asked, capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return path, json.loads(done.stdout)


def expected(path: Path) -> dict[str, Array]:
    """The engine's answers to the golden rows."""
    bundle = isomorph.open(path)
    return bundle.engine.run(golden.decode((path / "golden.json").read_bytes())[0])


@pytest.mark.parametrize("way", ["frame", "array", "wider frame", "deployments", "databricks"])
def test_predict(session: tuple[Path, dict[str, Any]], way: str) -> None:
    path, found = session
    if way == "array" and way not in found:
        assert any(block.datatype == "BYTES" for block in isomorph.open(path).signature.inputs)
        return
    due = expected(path)
    main = next(due[name] for name in ("label", "prediction") if name in due)
    assert found[way] == main.tolist()


def test_every_output(session: tuple[Path, dict[str, Any]]) -> None:
    path, found = session
    due = expected(path)
    columns = [
        values if values.ndim == 1 else values[:, i]
        for values in due.values()
        for i in range(1 if values.ndim == 1 else values.shape[1])
    ]
    rows = [
        list(each.values()) if isinstance(each, dict) else [each] for each in found["every output"]
    ]
    assert rows == [list(row) for row in zip(*(c.tolist() for c in columns), strict=True)]
    assert found["as a frame"][1] == len(rows)
    assert len(found["as a frame"][0]) == len(columns)
    assert np.isfinite([v for row in rows for v in row if isinstance(v, float)]).all()


def test_version_and_errors(session: tuple[Path, dict[str, Any]]) -> None:
    path, found = session
    assert found["version"] == PACKAGES[0].partition("==")[2]
    first = next(iter(isomorph.open(path).signature.by_name))
    assert "error code 400" in found["error"]
    assert f"column '{first}': the column is missing" in found["error"]
