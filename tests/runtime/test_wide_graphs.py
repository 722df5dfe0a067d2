"""Rows that become wide in the graph: a run takes as many as fit, and answers as it would whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import isomorph
from runtime.engine import AT_ONCE, LEAST_ROWS, Engine
from runtime.operators import graph_width
from runtime.repository import Repository

KINDS = 400
COLUMNS, LABELS = make_classification(600, 5, n_informative=4, n_redundant=0, random_state=0)
CODES = np.random.default_rng(0).integers(0, KINDS, (600, 3)).astype(float)
MODELS: dict[str, tuple[Any, Any]] = {
    "line": (LogisticRegression(), COLUMNS),
    "forest": (RandomForestClassifier(30, max_depth=6, random_state=0), COLUMNS),
    "hot": (make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression()), CODES),
}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("wide")
    for name, (model, columns) in MODELS.items():
        model.fit(columns, LABELS)
        isomorph.convert(model, columns, name=name, artifacts=root, formats=("onnx",))
    return root


def test_width_counts_categories_and_leaves(place: Path) -> None:
    found = Repository(place)
    widths = {name: graph_width(found.ready(name).bundle.files["model.onnx"]) for name in MODELS}
    assert widths["line"] < 20
    assert widths["hot"] > sum(len(np.unique(column)) for column in CODES.T)
    leaves = sum(tree.tree_.n_leaves for tree in MODELS["forest"][0].estimators_)
    assert leaves <= widths["forest"] < 2 * leaves


def test_narrow_graphs_take_hundreds_of_thousands_of_rows(place: Path) -> None:
    found = Repository(place)
    assert found.ready("line").engine._most_rows > 500_000
    hot = found.ready("hot").engine._most_rows
    assert LEAST_ROWS < hot < AT_ONCE / len(MODELS["hot"][0][0].get_feature_names_out())


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize(("most", "rows"), [(64, 65), (64, 100), (100, 599), (300, 600)])
def test_a_batch_in_parts_answers_as_it_does_whole(
    place: Path, name: str, most: int, rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine = Repository(place).ready(name).engine
    columns = MODELS[name][1][:rows]
    whole = engine.run({"X": columns})
    counted: list[int] = []
    run = engine._run

    def counting(names: Any, feeds: Any, options: Any) -> Any:
        counted.append(len(feeds["X"]))
        return run(names, feeds, options)

    monkeypatch.setattr(engine, "_run", counting)
    monkeypatch.setattr(engine, "_most_rows", most)
    monkeypatch.setattr(engine, "_few", most)
    parts = engine.run({"X": columns})
    assert max(counted) <= most
    assert sum(counted) == rows
    for output, values in whole.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(parts[output], values, rtol=1e-14, atol=0)
        else:
            np.testing.assert_array_equal(parts[output], values)


def test_each_part_may_be_shared_among_threads(place: Path) -> None:
    """Parts of a row-wise graph keep their bits, however they are cut."""
    engine: Engine = Repository(place).ready("forest").engine
    columns = np.tile(COLUMNS, (3, 1))
    whole = engine.run({"X": columns})
    engine._most_rows, engine._few, engine._threads = 500, 255, 3
    for output, values in engine.run({"X": columns}).items():
        assert values.tobytes() == whole[output].tobytes()
