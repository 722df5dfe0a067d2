"""Aliases on disk: strict, whole at every moment, and no writer's change is lost."""

from __future__ import annotations

import json
import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from bundle import shared_file
from bundle.aliases import FILE, delete_alias, read_aliases, set_alias
from bundle.errors import BundleError
from bundle.unloaded import add_unloaded, read_unloaded, remove_unloaded

SPAWN = multiprocessing.get_context("spawn")


def test_set_move_delete(tmp_path: Path) -> None:
    assert read_aliases(tmp_path) == {}
    assert set_alias(tmp_path, "champion", 3) == {"champion": 3}
    assert set_alias(tmp_path, "challenger", 4) == {"challenger": 4, "champion": 3}
    assert set_alias(tmp_path, "champion", 4) == {"challenger": 4, "champion": 4}
    assert json.loads((tmp_path / FILE).read_bytes()) == {"challenger": 4, "champion": 4}
    assert delete_alias(tmp_path, "champion") == {"challenger": 4}
    assert read_aliases(tmp_path) == {"challenger": 4}
    with pytest.raises(BundleError, match="there is no such alias"):
        delete_alias(tmp_path, "champion")


def test_others_can_read_what_was_written(tmp_path: Path) -> None:
    set_alias(tmp_path, "champion", 3)
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o644
    assert sorted(each.name for each in tmp_path.iterdir()) == [".lock", FILE]


@pytest.mark.parametrize(
    "alias", ["", "3", "3rd", "latest", "v3", "V12", "a b", "a/b", "..", "é", "a\n", "a" * 65]
)
def test_what_cannot_be_an_alias(tmp_path: Path, alias: str) -> None:
    with pytest.raises(BundleError, match=r"this cannot be an alias\. Begin with a letter"):
        set_alias(tmp_path, alias, 1)
    assert not (tmp_path / FILE).exists()


@pytest.mark.parametrize("alias", ["a", "champion", "v3-hot", "latest_eu", "A" * 64])
def test_what_can_be_an_alias(tmp_path: Path, alias: str) -> None:
    assert set_alias(tmp_path, alias, 2**31 - 1) == {alias: 2**31 - 1}
    assert read_aliases(tmp_path) == {alias: 2**31 - 1}


HOSTILE = {
    "half a file": b'{"champion": ',
    "empty": b"",
    "not UTF-8": b'{"champi\xff": 3}',
    "a list": b'["champion", 3]',
    "a text": b'{"champion": "3"}',
    "a float": b'{"champion": 3.0}',
    "true": b'{"champion": true}',
    "null": b'{"champion": null}',
    "zero": b'{"champion": 0}',
    "over 2^31": b'{"champion": 2147483648}',
    "5,000 digits": b'{"champion": ' + b"9" * 5000 + b"}",
    "NaN": b'{"champion": NaN}',
    "twice": b'{"champion": 2, "champion": 3}',
    "a path": b'{"../champion": 3}',
    "deep": b"[" * 60_000,
    "large": b'{"champion": 3}' + b" " * 2**16,
    "something after it": b'{"champion": 3} {}',
}


@pytest.mark.parametrize("case", HOSTILE)
def test_what_is_no_file_of_aliases(tmp_path: Path, case: str) -> None:
    (tmp_path / FILE).write_bytes(HOSTILE[case])
    for act in (read_aliases, lambda model: set_alias(model, "champion", 1)):
        with pytest.raises(BundleError) as caught:
            act(tmp_path)
        assert str(caught.value).startswith(str(tmp_path / FILE))
        assert caught.value.mend
        assert len(str(caught.value)) < 500
    assert (tmp_path / FILE).read_bytes() == HOSTILE[case]  # nobody's work is thrown away


def test_a_pipe_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / FILE)
    with pytest.raises(BundleError, match="not a plain file"):
        read_aliases(tmp_path)


def test_a_lock_that_is_kept_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_file, "PATIENCE", 0.05)
    with (
        shared_file._locked(tmp_path / shared_file.LOCK),
        pytest.raises(BundleError, match="another process keeps the lock"),
    ):
        set_alias(tmp_path, "champion", 1)
    assert set_alias(tmp_path, "champion", 1) == {"champion": 1}


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_alias(tmp_path, "champion", 1)

    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(BundleError, match=r"cannot be written \(No space left on device\)"):
        set_alias(tmp_path, "champion", 2)
    assert read_aliases(tmp_path) == {"champion": 1}
    assert sorted(each.name for each in tmp_path.iterdir()) == [".lock", FILE]


def _write(model: Path, writer: int, count: int) -> None:
    for i in range(count):
        set_alias(model, f"w{writer}-{i}", i + 1)


def test_writers_in_processes_lose_nothing_and_readers_see_whole_files(tmp_path: Path) -> None:
    writers, count = 4, 25
    started = [SPAWN.Process(target=_write, args=(tmp_path, w, count)) for w in range(writers)]
    for each in started:
        each.start()
    seen: list[int] = []
    while any(each.is_alive() for each in started):
        seen.append(len(read_aliases(tmp_path)))  # raises if it is half a file
    for each in started:
        each.join()
        assert each.exitcode == 0
    assert seen == sorted(seen)
    expected = {f"w{w}-{i}": i + 1 for w in range(writers) for i in range(count)}
    assert read_aliases(tmp_path) == expected


def test_unloaded_versions(tmp_path: Path) -> None:
    assert read_unloaded(tmp_path) == frozenset()
    add_unloaded(tmp_path, [3, 1])
    add_unloaded(tmp_path, [2, 3])
    assert json.loads((tmp_path / "unloaded.json").read_bytes()) == [1, 2, 3]
    remove_unloaded(tmp_path, [1, 7])
    assert read_unloaded(tmp_path) == {2, 3}


@pytest.mark.parametrize("content", [b"", b"[0]", b"[1.0]", b'["1"]', b"{}", b"[1", b"\xff"])
def test_what_is_no_list_of_versions(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "unloaded.json").write_bytes(content)
    for act in (read_unloaded, lambda model: add_unloaded(model, [1])):
        with pytest.raises(BundleError, match="not a list of versions"):
            act(tmp_path)
