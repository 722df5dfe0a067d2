"""One table of settings: the fields, the options, the variables and docs/settings.md agree."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import click.testing
import pytest

from bundle.errors import IsomorphError
from isomorph.command import main
from isomorph.serve_options import page
from runtime import server, settings

ROOT = Path(__file__).parent.parent.parent
SOURCE = (ROOT / "runtime" / "settings.py").read_text()


def fields() -> dict[str, str]:
    """Names and docstrings, read from the source in another way than the table's."""
    fields = SOURCE.partition("class Settings")[2].partition("\nclass ")[0]
    found = re.findall(r'^    (\w+): .*?\n    """(.*?)"""', fields, flags=re.DOTALL | re.MULTILINE)
    return {name: " ".join(said.split()) for name, said in found if name != "artifacts"}


def run(*arguments: Any, **environment: str) -> click.testing.Result:
    return click.testing.CliRunner(env=environment).invoke(main, ["serve", *map(str, arguments)])


def test_every_field_has_a_docstring() -> None:
    (found,) = [
        each
        for each in ast.parse(SOURCE).body
        if isinstance(each, ast.ClassDef) and each.name == "Settings"
    ]
    named = [each.target.id for each in found.body if isinstance(each, ast.AnnAssign)]  # type: ignore[union-attr]
    assert named == ["artifacts", *fields()]
    assert named == list(settings.Settings.__struct_fields__)
    assert all(fields().values())


def test_the_page_is_the_table() -> None:
    assert (ROOT / "docs" / "settings.md").read_text() == page(), (
        "run python -m isomorph.serve_options > docs/settings.md"
    )


def test_help_page_and_fields_agree() -> None:
    shown = " ".join(run("--help").output.split())
    lines = page().splitlines()
    defaults = settings.Settings(artifacts=Path())
    for name, said in fields().items():
        option, variable = "--" + name.replace("_", "-"), f"ISOMORPH_{name.upper()}"
        value = getattr(defaults, name)
        assert option in shown
        assert f"[{variable}]" in shown
        assert any(f"`{option}` | `{variable}`" in line and said in line for line in lines), name
        if isinstance(value, int | float) and not isinstance(value, bool):
            assert f"{value:.15g}" in shown


def test_an_option_counts_before_the_environment_and_that_before_the_default() -> None:
    environment = {"ISOMORPH_MAX_BODY": "5", "ISOMORPH_QUEUE": "6", "ISOMORPH_MODEL": "m"}
    given = {"artifacts": Path("a"), "max_body": "7", "queue": None}
    found = settings.from_environment(environment, given)
    assert (found.max_body, found.queue, found.model, found.concurrency) == (7, 6, "m", 4)
    assert found.artifacts == Path("a")


def test_workers_read_what_was_decided() -> None:
    decided = settings.Settings(
        artifacts=Path("/a b"), model="ü", max_body=1, queue_seconds=0.1 + 0.2
    )
    assert settings.from_environment(settings.to_environment(decided)) == decided


DEFAULTS = settings.Settings(artifacts=Path())
CHECKED = [name for name in fields() if getattr(DEFAULTS, name) is not None]  # not names and paths


@pytest.mark.parametrize("name", CHECKED)
@pytest.mark.parametrize("value", ["hunter2", "-1"])
def test_a_wrong_value_exits_2_and_names_its_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(server.uvicorn, "Config", None)  # so that no server starts
    option, variable = "--" + name.replace("_", "-"), f"ISOMORPH_{name.upper()}"
    for done, place in (
        (run(tmp_path, "--port", 0, f"{option}={value}"), option),
        (run(tmp_path, "--port", 0, **{variable: value}), variable),
    ):
        assert done.exit_code == 2, done.output
        assert done.stderr.startswith(f"error: {place} is not what it should be: ")
        assert "is due. See docs/settings.md" in done.stderr
        assert "hunter2" not in done.output


def test_without_a_directory() -> None:
    with pytest.raises(IsomorphError, match=r"^ISOMORPH_ARTIFACTS is not set"):
        settings.from_environment({})
