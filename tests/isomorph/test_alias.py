"""`isomorph alias`: sets, lists, deletes; a refusal names the fault and the mend, and exits 2."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import click.testing
import pytest

from bundle.aliases import read_aliases
from isomorph.command import main


@pytest.fixture
def artifacts(bundle: Path) -> Path:
    """A whole bundle, tiny/1."""
    return bundle.parent.parent


def run(artifacts: Path, *arguments: Any) -> click.testing.Result:
    given = ["alias", "--artifacts", artifacts, *arguments]
    return click.testing.CliRunner().invoke(main, [str(each) for each in given])


def test_set_list_delete(artifacts: Path) -> None:
    done = run(artifacts, "tiny")
    assert (done.exit_code, done.stdout, done.stderr) == (0, "", "tiny has no alias\n")
    done = run(artifacts, "tiny", "champion", 1)
    assert (done.exit_code, done.stdout) == (0, "champion 1\n")
    assert read_aliases(artifacts / "tiny") == {"champion": 1}
    run(artifacts, "tiny", "challenger", 1)
    assert run(artifacts, "tiny").stdout == "challenger 1\nchampion 1\n"
    assert run(artifacts, "tiny", "champion").stdout == "champion 1\n"
    done = run(artifacts, "tiny", "challenger", "--delete")
    assert (done.exit_code, done.stdout) == (0, "champion 1\n")
    assert read_aliases(artifacts / "tiny") == {"champion": 1}


def test_json_is_one_document(artifacts: Path) -> None:
    for arguments in (["champion", 1], [], ["champion"]):
        done = run(artifacts, "tiny", *arguments, "--json")
        assert json.loads(done.stdout) == {"model": "tiny", "aliases": {"champion": 1}}
    done = run(artifacts, "tiny", "champion", "--delete", "--json")
    assert json.loads(done.stdout) == {"model": "tiny", "aliases": {}}
    assert done.stderr == ""


REFUSED = {
    "no model": (["tinny", "champion", 1], "there is no model 'tinny'. There are: tiny"),
    "a path": (["../artifacts/tiny", "champion", 1], "there is no model"),
    "no version": (["tiny", "champion", 2], "there is no version 2. It has: 1"),
    "not an alias": (["tiny", "v1", 1], "this cannot be an alias. Begin with a letter"),
    "no such alias": (["tiny", "champion"], "there is no alias 'champion'. It has none"),
    "delete none": (["tiny", "champion", "--delete"], "'champion': there is no such alias"),
    "delete what": (["tiny", "--delete"], "--delete takes NAME and ALIAS"),
    "delete and set": (["tiny", "champion", 1, "--delete"], "--delete takes NAME and ALIAS"),
    "not a number": (["tiny", "champion", "new"], "'new' is not a valid integer"),
    "zero": (["tiny", "champion", 0], "0 is not in the range x>=1"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refused(artifacts: Path, case: str) -> None:
    arguments, message = REFUSED[case]
    done = run(artifacts, *arguments)
    assert done.exit_code == 2
    assert message in done.stderr
    assert done.stdout == ""
    assert not (artifacts / "tiny" / "aliases.json").exists()


def test_a_bundle_that_is_not_whole_is_refused(artifacts: Path) -> None:
    (artifacts / "tiny" / "1" / "golden.json").unlink()
    done = run(artifacts, "tiny", "champion", 1)
    assert done.exit_code == 2
    assert "golden.json: the file is missing. Convert the model again" in done.stderr
    assert not (artifacts / "tiny" / "aliases.json").exists()


def test_a_directory_that_cannot_be_written(
    artifacts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = os.open

    def read_only(path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(30, "Read-only file system")
        return original(path, flags, mode, **options)

    monkeypatch.setattr(os, "open", read_only)
    done = run(artifacts, "tiny", "champion", 1)
    assert done.exit_code == 2
    assert "aliases.json cannot be written (Read-only file system). Make its" in done.stderr
