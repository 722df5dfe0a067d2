"""What the README says to type works when typed."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import joblib
import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

import isomorph

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text()


def _blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def _commands() -> list[str]:
    """Every `$ isomorph ...` line but the one that serves, which other tests start."""
    lines = [line for block in _blocks("console") for line in block.splitlines()]
    typed = [line[2:].partition("#")[0].strip() for line in lines if line.startswith("$ isomorph")]
    return [command for command in typed if " serve" not in command]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with the files that the README names."""
    place = tmp_path_factory.mktemp("readme")
    model, frame = _trained()
    joblib.dump(model, place / "churn.joblib")
    frame.to_parquet(place / "train.parquet")
    frame.head(20).to_csv(place / "customers.csv", index=False)
    return place


def _trained() -> tuple[Pipeline, pd.DataFrame]:
    data = load_breast_cancer(as_frame=True)
    return make_pipeline(StandardScaler(), LogisticRegression()).fit(
        data.data, data.target
    ), data.data


def test_commands(place: Path) -> None:
    """The commands, one after another, each ends with 0."""
    commands = _commands()
    assert [shlex.split(command)[1] for command in commands] == ["convert", "check", "predict"]
    for command in commands:
        words = [sys.executable, "-m", *shlex.split(command)]
        done = subprocess.run(words, cwd=place, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr}"
    assert len(pd.read_csv(place / "answers.csv")) == 20


def test_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python block, with a model and a frame."""
    monkeypatch.chdir(tmp_path)
    (block,) = _blocks("python")
    model, frame = _trained()
    names = {"model": model, "frame": frame}
    exec(compile(block, "README.md", "exec"), names)  # noqa: S102 - that is what a reader does
    assert isinstance(names["bundle"], isomorph.Bundle)
    assert (names["bundle"].predict(frame)["label"] == model.predict(frame)).all()


def test_curl() -> None:
    """The answer printed below the `curl` line is what the penguins bundle says."""
    found = re.search(r"\$ curl .*?-d '(.*?)'\n(\{.*?\}\})\n", README, flags=re.DOTALL)
    assert found
    record, answer = json.loads(found[1]), json.loads(found[2])
    newest = max((ROOT / "artifacts" / "penguins").glob("[0-9]*"), key=lambda p: int(p.name))
    said = isomorph.open(newest).predict([record])
    assert answer["label"] == said["label"][0]
    assert list(answer["probabilities"].values()) == said["probabilities"][0].tolist()
