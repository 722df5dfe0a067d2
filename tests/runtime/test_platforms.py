"""What `serve` takes where SageMaker runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.platforms import artifacts, is_sagemaker
from runtime.settings import place

MANY = {"SAGEMAKER_MULTI_MODEL": "true"}


def test_at_home(tmp_path: Path) -> None:
    notebook = {"SAGEMAKER_SPACE_NAME": "mine", "SAGEMAKER_MULTI_MODEL": "false"}
    assert not is_sagemaker(notebook, tmp_path)
    assert artifacts(notebook, tmp_path) == Path("artifacts")


def test_in_sagemaker(tmp_path: Path) -> None:
    model = tmp_path / "opt" / "ml" / "model"
    model.mkdir(parents=True)
    assert is_sagemaker({}, tmp_path)
    assert artifacts({}, tmp_path) == model


def test_in_sagemaker_with_many_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = artifacts(MANY, tmp_path)
    assert found == tmp_path / "isomorph-models"
    assert found.is_dir()


def test_it_listens_to_everyone_there() -> None:
    assert place(None, None, MANY) == ("0.0.0.0", 8080)  # noqa: S104
    ours = MANY | {"SAGEMAKER_BIND_TO_PORT": "8085", "PORT": "1"}
    assert place(None, None, ours) == ("0.0.0.0", 8085)  # noqa: S104
    assert place("127.0.0.1", None, MANY) == ("127.0.0.1", 8080)
    assert place(None, 9000, MANY) == ("127.0.0.1", 9000)
