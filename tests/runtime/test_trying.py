"""A bundle that does harm does it to the process that tries it; the reason says what it was."""

from __future__ import annotations

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import hostile
import onnx
import pytest
from tiny_bundles import penguins_onnx, prices_onnx, write_penguins, write_prices

from bundle.errors import BundleError
from bundle.onnx_rules import check_onnx
from bundle.reader import open_bundle
from runtime.models import NotReady, Ready
from runtime.repository import Repository
from runtime.settings import Settings
from runtime.trial import PASSED, Trial
from runtime.workers import try_all


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    PASSED.clear()
    found = Trial(Settings(artifacts=tmp_path, trial_seconds=2, trial_memory=2**29))
    yield found
    found.close()


def test_a_good_one_is_tried_and_then_opened(tmp_path: Path, trial: Trial) -> None:
    place = write_prices(tmp_path).path
    write_penguins(tmp_path)
    assert trial("prices", 1, place) == open_bundle(place).digest
    found = Repository(tmp_path, trial=trial)
    assert [type(each) for each in found.all()] == [Ready, Ready]


def test_what_passed_is_not_tried_again_until_a_file_changes(tmp_path: Path, trial: Trial) -> None:
    place = write_prices(tmp_path).path
    digest = trial("prices", 1, place)
    trial.end()
    assert trial("prices", 1, place) == digest
    assert trial._process is None
    (place / "model.onnx").write_bytes(penguins_onnx())
    with pytest.raises(BundleError, match="SHA-256 differs"):
        trial("prices", 1, place)
    with pytest.raises(BundleError, match="SHA-256 differs"):  # nor is a refusal kept
        trial("prices", 1, place)


@pytest.mark.parametrize("name", hostile.GRAPHS)
def test_hostile_graphs(tmp_path: Path, trial: Trial, name: str) -> None:
    made, reason = hostile.GRAPHS[name]
    place = hostile.write_hostile(tmp_path, 2, made())
    (place.parent.parent / "weights.bin").write_bytes(b"\0" * 24)
    write_prices(tmp_path)
    with pytest.raises(BundleError, match=reason):
        trial("prices", 2, place)
    assert trial("prices", 1, place.parent / "1")


@pytest.mark.parametrize("spoil", [hostile.linked, hostile.hard_linked, hostile.pipe])
def test_links_and_pipes(tmp_path: Path, trial: Trial, spoil: Callable[[Path], None]) -> None:
    place = write_prices(tmp_path).path
    spoil(place)
    with pytest.raises(BundleError, match="plain files only"):
        trial("prices", 1, place)


def test_the_rules_know_what_converters_write() -> None:
    for graph in (prices_onnx(), penguins_onnx()):
        check_onnx(graph)
        onnx.load_from_string(graph)


def test_the_rules_refuse_every_beginning_of_a_graph_and_crash_at_no_flip() -> None:
    graph = penguins_onnx()
    for at in range(len(graph)):
        for changed in (graph[:at], graph[:at] + bytes([graph[at] ^ 0x15]) + graph[at + 1 :]):
            try:
                check_onnx(changed)
            except BundleError:
                continue


def test_a_number_that_is_external_in_its_low_bits() -> None:
    """Protobuf cuts an enumeration to 32 bits."""
    external = b"\x70" + b"\x81\x80\x80\x80\x10"  # data_location = 2^32 + 1
    weights = b"\x2a" + bytes([len(external)]) + external
    graph = b"\x3a" + bytes([len(weights)]) + weights
    with pytest.raises(BundleError, match="external data"):
        check_onnx(graph)


def test_a_million_numbers_one_by_one_take_no_time() -> None:
    floats = b"\x3d\0\0\0\0" * 10**6
    node = hostile._field(1, hostile._field(5, b"\x0a\x01f" + floats))
    began = time.perf_counter()
    check_onnx(hostile._field(7, node))
    assert time.perf_counter() - began < 0.5


def test_workers_find_tried_what_passes_up_to_one_that_does_not(
    tmp_path: Path, trial: Trial
) -> None:
    for name in ("a", "b", "d"):
        write_prices(tmp_path, name=name)
    hostile.write_hostile(tmp_path, 1, hostile.endless())
    try_all(tmp_path, trial)
    assert PASSED.keys() == {("a", 1), ("b", 1), ("d", 1)}  # and then comes "prices"
    try_all(tmp_path / "none", trial)


def test_another_bundle_than_the_one_that_was_tried(tmp_path: Path) -> None:
    write_prices(tmp_path)
    [found] = Repository(tmp_path, trial=lambda *_: "0" * 64).all()
    assert isinstance(found, NotReady)
    assert found.reason == "prices/1: the bundle changed while it was tried"


def test_a_lost_process_is_started_again_and_the_bundle_tried_again(
    tmp_path: Path, trial: Trial
) -> None:
    hostile.write_hostile(tmp_path, 1, hostile.endless())
    trial.start()
    process = trial._process
    assert process is not None
    threading.Timer(0.8, os.kill, (process.pid, signal.SIGKILL)).start()
    found = Repository(tmp_path, trial=trial)
    [lost] = found.all()
    assert isinstance(lost, NotReady)
    assert "lost" in lost.reason
    found.refresh()
    [late] = found.all()
    assert isinstance(late, NotReady)
    assert "without an end" in late.reason


def test_close_ends_what_is_being_tried_at_once(tmp_path: Path) -> None:
    place = hostile.write_hostile(tmp_path, 1, hostile.endless())
    trial = Trial(Settings(artifacts=tmp_path))
    trial.start()
    process = trial._process
    assert process is not None
    threading.Timer(1.0, trial.close).start()
    began = time.monotonic()
    with pytest.raises(BundleError):
        trial("prices", 1, place)
    assert time.monotonic() - began < 5
    for _ in range(100):
        if not running(process.pid):
            return
        time.sleep(0.02)
    raise AssertionError("its child goes on")


def running(group: int) -> list[str]:
    """The processes of a group, without those that have ended and wait to be counted."""
    found = []
    for each in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, of = each.read_text().rpartition(")")[2].split()[:3]
            if int(of) == group and state != "Z":
                found.append(each.parent.name)
    return found
