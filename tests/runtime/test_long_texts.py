"""Text of any length: a batch is run in parts, in memory that is bounded, and answers the same."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_process import InProcess
from live_service import start
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

import isomorph
from runtime import engine as engine_module
from runtime.app import create_app
from runtime.engine import Engine
from runtime.repository import Repository

WORDS = ("the", "cat", "dog", "house", "Quick", "Zebra", "money", "bank", "loan", "2021", "über")


def sentence(generator: np.random.Generator, words: int) -> str:
    return " ".join(generator.choice(WORDS, words))


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("texts")
    generator = np.random.default_rng(0)
    texts = [sentence(generator, int(words)) for words in generator.integers(3, 12, 200)]
    model = make_pipeline(TfidfVectorizer(), LogisticRegression())
    model.fit(texts, ["bank" in text for text in texts])
    isomorph.convert(model, texts, name="texts", artifacts=root, formats=("onnx",))
    return root


@pytest.fixture
def engine(place: Path) -> Engine:
    return Repository(place).ready("texts").engine


def texts(engine: Engine, rows: list[str]) -> dict[str, Any]:
    (block,) = engine.signature.inputs
    return {block.name: np.array(rows, dtype=object).reshape(-1, 1)}


def test_a_batch_in_parts_answers_as_its_rows_do(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    generator = np.random.default_rng(1)
    rows = [sentence(generator, int(words)) for words in generator.integers(1, 60, 50)]
    rows[10], rows[20:23] = " ".join(rows), ["", "", ""]
    whole = engine.run(texts(engine, rows))
    seen: list[list[str]] = []
    run = engine._run

    def counted(names: Any, feeds: Any, options: Any) -> Any:
        (block,) = feeds.values()
        seen.append(block[:, 0].tolist())
        return run(names, feeds, options)

    monkeypatch.setattr(engine, "_run", counted)
    monkeypatch.setattr(engine_module, "TEXT_AT_ONCE", 1000)
    parts = engine.run(texts(engine, rows))
    assert [row for part in seen for row in part] == rows
    assert len(seen) > 5
    assert all(sum(map(len, part[:-1])) <= 1000 for part in seen)
    for name, values in whole.items():
        if values.dtype.kind == "f":
            np.testing.assert_allclose(parts[name], values, rtol=1e-12, atol=0)
        else:
            np.testing.assert_array_equal(parts[name], values)


def test_one_row_is_one_run(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = ["the bank and the river"]
    whole = engine.run(texts(engine, rows))
    monkeypatch.setattr(engine_module, "TEXT_AT_ONCE", 10)
    alone = engine.run(texts(engine, rows))
    assert all(len(values) == 1 for values in alone.values())
    for name, values in whole.items():
        np.testing.assert_array_equal(alone[name], values)


def test_a_long_text_is_run_apart(place: Path) -> None:
    """Where its deadline ends the run, and those that share runs do not wait for it."""
    app = create_app(place)
    with InProcess(app) as client:
        found = app.repository.ready("texts").engine
        assert found.runs is not None
        shared: list[int] = []
        run = found.runs.run

        async def counted(names: Any, feeds: Any, rows: int) -> Any:
            shared.append(rows)
            return await run(names, feeds, rows)

        found.runs.run = counted  # type: ignore[method-assign]
        path = "/models/texts/predict"
        assert client.post(path, json=[["the bank"]]).status_code == 200
        assert shared == [1]
        assert client.post(path, json=[["the bank " * 3000]]).status_code == 200
        assert shared == [1]
        late = client.post(
            path, json=[["the bank " * 20_000]], headers={"X-Request-Timeout": "0.02"}
        )
        assert late.status_code == 504, late.text


def test_hostile_texts_over_http(place: Path) -> None:
    """Each of these took minutes and gigabytes when pieces were padded to the longest."""
    hostile = ["Q" * 20_000 + "Z" * 20_000, "e " * 50_000, "\u00fc" * 20_000, "\x01\x7f" * 9_000]
    with start(place) as service:
        short = service.client.post("/models/texts/predict", json=[["the bank"]]).json()
        for text in hostile:
            rows = [["the bank"], [text], ["the bank"]]
            answer = service.client.post("/models/texts/predict", json=rows, timeout=20)
            assert answer.status_code == 200, answer.text
            found = answer.json()
            assert found["predictions"][0] == found["predictions"][2] == short["predictions"][0]
        peak = Path(f"/proc/{service.process.pid}/status").read_text()
        assert int(peak.split("VmHWM:")[1].split()[0]) < 400 * 1024, "KiB"
