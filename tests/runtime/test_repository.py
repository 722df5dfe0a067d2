"""A repository follows its disk: what arrives, goes, moves, and what is not followed, and why."""

from __future__ import annotations

import gc
import os
import shutil
import threading
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tiny_bundles import write_prices

from bundle.aliases import delete_alias, set_alias
from bundle.unloaded import add_unloaded, read_unloaded
from runtime import repository as repository_module
from runtime.errors import ConflictError, MalformedError, NotReadyError, UnknownModelError
from runtime.models import NotReady, Ready
from runtime.repository import Repository

ROW = {"X": np.array([[1.0, 2.0, 4.0]])}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """artifacts/prices with versions 1 and 2, which answer 21 and 42 to ROW."""
    for version in (1, 2):
        write(tmp_path, version)
    return tmp_path / "prices"


def write(root: Path, version: int) -> Path:
    return write_prices(root, version=version, scale=float(version)).path


def spoil(place: Path) -> None:
    content = bytearray((place / "model.onnx").read_bytes())
    content[50] ^= 1
    (place / "model.onnx").write_bytes(content)


def answering(repository: Repository, version: str | None = None, label: str | None = None) -> int:
    """The version that answers, by its answer."""
    found = repository.ready("prices", version, label)
    (answer,) = found.engine.run(ROW)["prediction"]
    assert answer == found.version * 21.0
    return found.version


def states(repository: Repository) -> dict[int, str]:
    return {
        each.version: each.reason if isinstance(each, NotReady) else each.note or "ready"
        for each in repository.versions("prices")
    }


def reason(repository: Repository, version: str | None = None, label: str | None = None) -> str:
    with pytest.raises(NotReadyError) as caught:
        repository.ready("prices", version, label)
    return str(caught.value)


def test_the_default_is_the_newest_that_answers(model: Path) -> None:
    repository = Repository(model.parent)
    assert answering(repository) == 2
    write(model.parent, 10)
    repository.refresh()
    assert answering(repository) == 10
    spoil(write(model.parent, 11))
    repository.refresh()
    assert answering(repository) == answering(Repository(model.parent)) == 10
    assert "SHA-256" in reason(repository, "11")
    assert [answering(repository, each) for each in ("1", "2", "10")] == [1, 2, 10]


def test_the_champion_is_the_default_and_nothing_steps_in_for_it(model: Path) -> None:
    repository = Repository(model.parent)
    set_alias(model, "champion", 1)
    set_alias(model, "challenger", 2)
    repository.refresh()
    assert answering(repository) == answering(repository, label="champion") == 1
    assert answering(repository, label="challenger") == 2
    assert repository.aliases("prices") == {"challenger": 2, "champion": 1}
    spoil(model / "1")
    assert "version 1 is not ready: prices/1/model.onnx" in reason(Repository(model.parent))
    delete_alias(model, "champion")
    repository.refresh()
    assert answering(repository) == 2


def test_an_alias_to_no_version_answers_503_from_the_start(model: Path) -> None:
    set_alias(model, "champion", 7)
    repository = Repository(model.parent)
    assert "version 7 is not ready: it is not there" in reason(repository)
    assert not repository.all_ready()
    write(model.parent, 7)
    repository.refresh()
    assert answering(repository) == 7


def test_an_alias_that_is_served_moves_only_to_what_answers(model: Path) -> None:
    set_alias(model, "champion", 1)
    repository = Repository(model.parent)
    set_alias(model, "champion", 3)
    set_alias(model, "canary", 3)
    repository.refresh()
    assert repository.aliases("prices") == {"champion": 1}
    assert "champion does not move to version 3" in repository.model("prices").fault
    spoil(write(model.parent, 3))
    repository.refresh()
    assert answering(repository) == 1
    shutil.rmtree(model / "3")
    write(model.parent, 3)
    repository.refresh()
    assert answering(repository) == answering(repository, label="canary") == 3
    assert repository.model("prices").fault == ""


def test_broken_aliases_are_refused_and_the_old_ones_stay(model: Path) -> None:
    set_alias(model, "champion", 1)
    repository = Repository(model.parent)
    (model / "aliases.json").write_bytes(b'{"champion": 2, "champion": 2}')
    repository.refresh()
    assert answering(repository) == 1
    fault = repository.model("prices").fault
    assert fault.startswith("prices/aliases.json: not a file of aliases: an alias stands twice")
    assert str(model.parent) not in fault
    # A process that starts now cannot know what the default was, so it does not guess.
    later = Repository(model.parent)
    assert "not a file of aliases" in reason(later)
    assert "not a file of aliases" in reason(later, label="champion")
    assert answering(later, "1") == 1
    (model / "aliases.json").write_bytes(b'{"champion": 2}')
    for each in (repository, later):
        each.refresh()
        assert answering(each) == 2


def test_a_bad_bundle_that_is_mended_is_tried_again(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = write(model.parent, 3)
    whole = (place / "model.onnx").read_bytes()
    spoil(place)
    repository = Repository(model.parent)
    opened: list[int] = []
    original = repository_module.opened

    def counted(name: str, version: int, place: Path, **options: Any) -> Ready | NotReady:
        opened.append(version)
        return original(name, version, place, **options)

    monkeypatch.setattr(repository_module, "opened", counted)
    repository.refresh()
    assert opened == []  # nothing changed: nothing is read again
    (place / "model.onnx").write_bytes(whole)
    repository.refresh()
    assert opened == [3]
    assert answering(repository) == 3


def test_a_bundle_that_arrives_file_by_file(model: Path) -> None:
    source = shutil.move(write(model.parent, 3), model.parent / ".3")
    repository = Repository(model.parent)
    (model / "3").mkdir()
    for each in sorted(Path(source).iterdir()):
        repository.refresh()
        assert answering(repository) == 2
        shutil.copy(each, model / "3")
    repository.refresh()
    assert answering(repository) == 3


def test_files_changed_under_a_loaded_version_change_nothing(model: Path) -> None:
    repository = Repository(model.parent)
    before = repository.ready("prices", "2")
    for each in (model / "2").iterdir():
        each.write_bytes(b"x")
    repository.refresh()
    assert repository.ready("prices", "2") is before
    assert answering(repository) == 2


def test_a_removed_version_goes_when_another_is_the_default(model: Path) -> None:
    repository = Repository(model.parent)
    shutil.rmtree(model / "2")
    repository.refresh()
    assert states(repository) == {1: "ready"}
    assert answering(repository) == 1
    shutil.rmtree(model / "1")
    repository.refresh()
    assert answering(repository) == 1
    assert "its directory is gone" in states(repository)[1]
    write(model.parent, 3)
    repository.refresh()
    assert states(repository) == {3: "ready"}


def test_a_removed_version_stays_while_an_alias_means_it(model: Path) -> None:
    set_alias(model, "champion", 1)
    repository = Repository(model.parent)
    shutil.rmtree(model / "1")
    repository.refresh()
    assert answering(repository) == 1
    assert "its directory is gone" in states(repository)[1]
    with pytest.raises(ConflictError, match="version 1 is not ready: its directory is gone"):
        repository.set_alias("prices", "other", 1)
    repository.set_alias("prices", "champion", 2)
    assert states(repository) == {2: "ready"}


def test_a_removed_model_goes_on_answering_until_it_is_unloaded(model: Path) -> None:
    set_alias(model, "champion", 1)
    repository = Repository(model.parent)
    shutil.move(model, model.parent / ".elsewhere")
    repository.refresh()
    assert answering(repository) == 1
    assert repository.aliases("prices") == {"champion": 1}
    with pytest.raises(ConflictError, match="directory is gone"):
        repository.set_alias("prices", "champion", 2)
    shutil.move(model.parent / ".elsewhere", model)
    repository.refresh()
    assert states(repository) == {1: "ready", 2: "ready"}
    repository.unload("prices")
    shutil.rmtree(model)
    repository.refresh()
    assert repository.names == []


def test_artifacts_that_cannot_be_listed_change_nothing(model: Path) -> None:
    repository = Repository(model.parent)
    model.parent.rename(model.parent.with_suffix(".away"))
    repository.refresh()
    assert states(repository) == {1: "ready", 2: "ready"}
    model.parent.with_suffix(".away").rename(model.parent)
    write(model.parent, 3)
    repository.refresh()
    assert answering(repository) == 3


def test_what_is_no_bundle_stops_nothing(model: Path) -> None:
    (model / "3").symlink_to("3")
    (model.parent / "loop").symlink_to("loop")
    (model.parent / "file").write_text("x")
    (model / "4").write_text("x")
    (model / "05").mkdir()
    (model / ".6-tmp").mkdir()
    repository = Repository(model.parent)
    assert repository.names == ["prices"]
    assert states(repository) == {1: "ready", 2: "ready"}


def test_a_new_model_arrives(model: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    repository = Repository(tmp_path / "empty")
    assert repository.names == []
    shutil.copytree(model, tmp_path / "empty" / "prices")
    repository.refresh()
    assert answering(repository) == 2


def test_unload_frees_and_load_brings_back_from_disk(model: Path) -> None:
    repository = Repository(model.parent)
    engine = weakref.ref(repository.ready("prices", "2").engine)
    repository.unload("prices", "2")
    gc.collect()
    assert engine() is None
    assert states(repository) == {1: "ready", 2: "unloaded"}
    assert answering(repository) == 1
    assert reason(repository, "2") == (
        "version 2 is not ready: unloaded. Load it, or ask for another version by its number"
    )
    repository.refresh()
    assert states(repository)[2] == "unloaded"
    assert states(Repository(model.parent))[2] == "unloaded"  # also for who starts later
    assert repository.load("prices", "2").version == 2
    assert answering(repository) == 2
    assert read_unloaded(model) == set()


def test_load_replays_and_says_why_not(model: Path) -> None:
    repository = Repository(model.parent)
    repository.unload("prices", 2)
    spoil(model / "2")
    with pytest.raises(NotReadyError, match="SHA-256"):
        repository.load("prices", 2)
    assert answering(repository) == 1
    with pytest.raises(UnknownModelError):
        repository.load("prices", 3)
    with pytest.raises(UnknownModelError):
        repository.load("../prices")
    with pytest.raises(UnknownModelError):
        repository.unload("other")


def test_a_whole_model_unloads_with_its_aliases_and_comes_back(model: Path) -> None:
    set_alias(model, "champion", 1)
    repository = Repository(model.parent)
    with pytest.raises(ConflictError, match="the alias champion names this version"):
        repository.unload("prices", "1")
    repository.unload("prices")
    assert states(repository) == {1: "unloaded", 2: "unloaded"}
    assert "unloaded" in reason(repository)
    assert repository.all_ready()  # nobody waits for what was taken away on purpose
    write(model.parent, 3)
    repository.refresh()
    assert states(repository)[3] == "ready"
    assert repository.load("prices").version == 1
    assert set(states(repository).values()) == {"ready"}


def test_two_processes_agree(model: Path) -> None:
    one, other = Repository(model.parent), Repository(model.parent)
    one.unload("prices", "2")
    one.set_alias("prices", "champion", 1)
    other.refresh()
    assert states(other) == {1: "ready", 2: "unloaded"}
    assert answering(other) == 1
    other.load("prices", "2")
    other.set_alias("prices", "champion", 2)
    one.refresh()
    assert answering(one) == 2
    one.delete_alias("prices", "champion")
    other.refresh()
    assert other.aliases("prices") == {}


def test_what_aliases_refuse(model: Path) -> None:
    repository = Repository(model.parent)
    spoil(write(model.parent, 3))
    repository.unload("prices", "1")
    with pytest.raises(ConflictError, match=r"version 3 is not ready: .*SHA-256"):
        repository.set_alias("prices", "champion", 3)
    with pytest.raises(ConflictError, match="version 1 is not ready: unloaded"):
        repository.set_alias("prices", "champion", 1)
    with pytest.raises(ConflictError, match="version 9 is not ready: it is not there"):
        repository.set_alias("prices", "champion", 9)
    with pytest.raises(MalformedError, match="this cannot be an alias"):
        repository.set_alias("prices", "latest", 2)
    with pytest.raises(UnknownModelError):
        repository.set_alias("other", "champion", 2)
    with pytest.raises(UnknownModelError, match="no such alias"):
        repository.delete_alias("prices", "champion")
    assert not (model / "aliases.json").exists()


def test_an_alias_moves_to_a_version_of_a_moment_ago(model: Path) -> None:
    repository = Repository(model.parent)
    write(model.parent, 3)
    repository.set_alias("prices", "champion", 3)
    assert answering(repository) == 3


def test_a_version_is_unloaded_that_an_alias_named_until_a_moment_ago(model: Path) -> None:
    set_alias(model, "next", 1)
    repository = Repository(model.parent)
    delete_alias(model, "next")  # another process did
    repository.unload("prices", "1")
    assert states(repository)[1] == "unloaded"


def test_a_directory_that_cannot_be_written_goes_on_serving(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_unloaded(model, [1])
    repository = Repository(model.parent)
    original = os.open

    def read_only(path: Any, flags: int, mode: int = 0o777, **options: Any) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise OSError(30, "Read-only file system")
        return original(path, flags, mode, **options)

    monkeypatch.setattr(os, "open", read_only)
    acts: list[Callable[[], object]] = [
        lambda: repository.set_alias("prices", "champion", 2),
        lambda: repository.unload("prices", "2"),
        lambda: repository.load("prices", "1"),
    ]
    for act in acts:
        with pytest.raises(ConflictError, match=r"cannot be written \(Read-only file system\)"):
            act()
    assert repository.load("prices", "2").version == 2  # it answers already: nothing to write
    repository.refresh()
    assert states(repository) == {1: "unloaded", 2: "ready"}


def test_a_slow_bundle_keeps_nothing_else_waiting(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = Repository(model.parent)
    entered, go = threading.Event(), threading.Event()
    original = repository_module.opened

    def slow(name: str, version: int, place: Path, **options: Any) -> Ready | NotReady:
        entered.set()
        assert go.wait(30)
        return original(name, version, place, **options)

    monkeypatch.setattr(repository_module, "opened", slow)
    write(model.parent, 3)
    opening = threading.Thread(target=repository.refresh)
    opening.start()
    assert entered.wait(30)
    set_alias(model, "champion", 1)
    assert repository.follow() == ["prices"]
    assert answering(repository) == 1
    go.set()
    opening.join()
    assert states(repository) == {1: "ready", 2: "ready", 3: "ready"}
    assert answering(repository) == 1


def test_what_changes_while_a_process_starts_is_in_its_first_state(
    model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An alias that moved to a version of that moment must not be followed without it."""
    set_alias(model, "champion", 1)
    original = repository_module.opened

    def meanwhile(name: str, version: int, place: Path, **options: Any) -> Ready | NotReady:
        if version == 2:
            write(model.parent, 3)
            set_alias(model, "champion", 3)
            shutil.rmtree(model / "1")
        return original(name, version, place, **options)

    monkeypatch.setattr(repository_module, "opened", meanwhile)
    repository = Repository(model.parent)
    assert answering(repository) == 3
    assert states(repository) == {2: "ready", 3: "ready"}


def test_one_state_is_one_state(model: Path) -> None:
    repository = Repository(model.parent)
    before = repository.now()
    repository.unload("prices", "2")
    assert [type(each) for each in before.versions("prices")] == [Ready, Ready]
    assert [type(each) for each in repository.versions("prices")] == [Ready, NotReady]
