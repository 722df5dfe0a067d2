"""The file of keys: what it holds, what it refuses, and a server over a wrong one."""

from __future__ import annotations

import hashlib
import json
import re
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from bundle.errors import IsomorphError
from runtime import keys

DIGEST = "a" * 64
KEY = {"sha256": DIGEST, "scope": "predict", "created": "2026-01-01T00:00:00Z"}


def test_a_key_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    key = keys.make(file, "billing", "predict")
    assert re.fullmatch(r"isomorph_[0-9a-f]{48}", key)  # 192 bits
    content = json.loads(file.read_bytes())
    assert set(content["keys"]["billing"]) == {"sha256", "scope", "created"}
    assert content["keys"]["billing"]["sha256"] == hashlib.sha256(key.encode()).hexdigest()
    assert key[9:] not in file.read_text()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert keys.make(file, "other", "admin") != key
    file.chmod(0o640)
    keys.revoke(file, "other")
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert list(keys.read(file)) == ["billing"]


def test_writers_do_not_lose_each_others_keys(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: keys.make(file, f"k{number}", "predict"), range(12)))
    assert len(keys.read(file)) == 12


@pytest.mark.parametrize("name", ["", "-a", "a b", "a\n", "é", "a" * 65, "../a"])
def test_names(tmp_path: Path, name: str) -> None:
    with pytest.raises(IsomorphError, match="cannot be the name of a key"):
        keys.make(tmp_path / "keys.json", name, "predict")
    assert not list(tmp_path.iterdir())


def test_a_name_stands_for_one_key(tmp_path: Path) -> None:
    keys.make(tmp_path / "keys.json", "a", "predict")
    with pytest.raises(IsomorphError, match="there is a key of this name"):
        keys.make(tmp_path / "keys.json", "a", "admin")
    with pytest.raises(IsomorphError, match="There are: a"):
        keys.revoke(tmp_path / "keys.json", "b")


def file_of(**members: Any) -> str:
    return json.dumps({"keys": members})


WRONG = [
    "",
    "[]",
    "{}",
    '{"keys": []}',
    '{"keys": {}, "keys": {}}',
    '{"keys": {}, "more": 1}',
    f'{{"keys": {{"a": {json.dumps(KEY)}, "a": {json.dumps(KEY)}}}}}',
    file_of(a=KEY, b=KEY),
    file_of(**{"a b": KEY}),
    file_of(a=KEY | {"sha256": "A" * 64}),
    file_of(a=KEY | {"sha256": "a" * 63}),
    file_of(a=KEY | {"sha256": "a" * 64 + "\n"}),
    file_of(a=KEY | {"scope": "root"}),
    file_of(a=KEY | {"created": "yesterday"}),
    file_of(a=KEY | {"created": "2026-01-01T00:00:00"}),
    file_of(a=KEY | {"more": 1}),
    file_of(a={name: KEY[name] for name in ("sha256", "scope")}),
    "[" * 50_000,
    " " * 70_000,
]


@pytest.mark.parametrize("content", WRONG, ids=range(len(WRONG)))
def test_strict(tmp_path: Path, content: str) -> None:
    file = tmp_path / "keys.json"
    file.write_text(content)
    with pytest.raises(IsomorphError, match=r"keys\.json: "):
        keys.read(file)


def command(*words: Any, **environment: str) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "isomorph", *map(str, words)]
    return subprocess.run(
        line, capture_output=True, text=True, check=False, timeout=60, env=environment
    )


def test_the_command(tmp_path: Path) -> None:
    file = tmp_path / "keys.json"
    made = command("key", "make", "ci", "--scope", "admin", "--keys", file)
    assert made.returncode == 0
    assert re.fullmatch(r"isomorph_[0-9a-f]{48}\n", made.stdout)
    listed = command("key", "list", ISOMORPH_KEYS=str(file))
    assert listed.stdout.startswith("ci admin 20")
    as_json = json.loads(command("key", "list", "--json", "--keys", file).stdout)
    assert as_json["keys"].keys() == {"ci"}
    assert command("key", "revoke", "ci", "--keys", file).returncode == 0
    again = command("key", "revoke", "ci", "--keys", file)
    assert (again.returncode, again.stdout) == (2, "")
    assert "there is no key of this name. There are none" in again.stderr


def test_a_server_does_not_start_over_a_wrong_file(tmp_path: Path, artifacts: Path) -> None:
    wrong = tmp_path / "wrong.json"
    wrong.write_text("{}")
    inside = artifacts / "keys.json"
    try:
        keys.make(inside, "a", "predict")
        for file, said in (
            (wrong, "not a file of keys"),
            (tmp_path / "none.json", "there is no such file. Make a key"),
            (inside, "lies among the models"),
        ):
            done = command("serve", artifacts, "--port", 0, ISOMORPH_KEYS=str(file))
            assert done.returncode == 2
            assert done.stderr.startswith(f"error: {file}: ")
            assert said in done.stderr
    finally:
        inside.unlink()
