"""What `serve` takes where a platform runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

from runtime.platforms import Place, place


def test_at_home(tmp_path: Path) -> None:
    assert place({}, tmp_path) == Place(Path("artifacts"), "127.0.0.1", 8080)
    assert place({"SAGEMAKER_REGION": "eu-west-1"}, tmp_path) == Place()  # a notebook, say


@pytest.mark.parametrize(
    ("environment", "port"), [({}, 8080), ({"SAGEMAKER_BIND_TO_PORT": "8085"}, 8085)]
)
def test_in_sagemaker(tmp_path: Path, environment: dict[str, str], port: int) -> None:
    model = tmp_path / "opt" / "ml" / "model"
    model.mkdir(parents=True)
    assert place(environment, tmp_path) == Place(model, "0.0.0.0", port)  # noqa: S104


def test_in_sagemaker_with_many_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    found = place({"SAGEMAKER_MULTI_MODEL": "true"}, tmp_path)
    assert found == Place(tmp_path / "isomorph-models", "0.0.0.0", 8080)  # noqa: S104
    assert found.artifacts.is_dir()
    assert place({"SAGEMAKER_MULTI_MODEL": "false"}, tmp_path) == Place()
