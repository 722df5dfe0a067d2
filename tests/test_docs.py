"""The Python of docs/custom.md does what it says, block after block."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import isomorph
from converters.own import OWN

ROOT = Path(__file__).parent.parent


def test_custom(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("converters.own.OWN", OWN)
    text = (ROOT / "docs" / "custom.md").read_text()
    names: dict[str, Any] = {"__name__": "custom"}
    for block in re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL):
        exec(compile(block, "custom.md", "exec"), names)  # noqa: S102 - that is what a reader does
    assert isinstance(names["bundle"], isomorph.Bundle)
    assert names["refused"].startswith(
        "model (Winsorizer): np.sort has no form in the graph, in winsorizer (custom.md, line "
    )
    assert capsys.readouterr().out.strip() == names["refused"]
    assert sorted(path.name for path in (tmp_path / "artifacts").iterdir()) == ["iris", "nearest"]
