"""Counts that several processes share: what dead ones counted stays, and is there once."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runtime import book
from runtime.book import Book
from runtime.statistics import BEGAN, LAG_LAST, MAX_SIZES
from runtime.tally import Tally

TIMES = (0, 1, 3, 7, 15)
COUNTING = f"""
import os, sys
from pathlib import Path
from runtime.book import Book
book = Book(Path(sys.argv[1]))
for number in range(int(sys.argv[2])):
    book.general.slots[{BEGAN}] += 1
    page = book.page("prices", 1)
    page.answered(0, 200, 10, 20)
    page.succeeded(number, {TIMES})
book.general.slots[{BEGAN}] += 1
book.general.slots[{LAG_LAST}] = 7
print("counted", flush=True)
if sys.argv[3] == "dies":
    os.kill(os.getpid(), 9)
sys.stdin.read()
"""


def counting(place: Path, number: int, then: str) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", COUNTING, str(place), str(number), then],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "counted\n"
    if then == "dies":
        process.communicate()
    return process


def requests(tally: Tally) -> int:
    return sum(number for _, _, number in tally.pages["prices", 1].requests(("one",)))


def files(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir() if "-" in path.name)


def test_the_dead_are_counted_once(tmp_path: Path) -> None:
    reader = Book(tmp_path)
    living = counting(tmp_path, 3, "lives")
    for number in (5, 7):
        counting(tmp_path, number, "dies")
    tally = reader.read()
    assert requests(tally) == 3 + 5 + 7
    assert tally.pages["prices", 1].rows == sum(range(3)) + sum(range(5)) + sum(range(7))
    assert tally.processes == [os.getpid(), living.pid]
    assert tally.in_flight == 1, "a dead process has nothing in hand"
    assert tally.general[LAG_LAST] == 7, "a gauge of a process that is alive"
    told = tally.pages["prices", 1].told()
    assert len(files(tmp_path)) == 3, "the second to die put the first into the past"
    second = Book(tmp_path)
    assert len(files(tmp_path)) == 3
    for each in (reader, second):
        again = each.read()
        assert again.pages["prices", 1].told() == told
        assert len(again.processes) == 3
    living.communicate("")
    assert requests(Book(tmp_path).read()) == requests(reader.read()) == 15


def test_a_fold_that_ended_half_way_counts_nothing_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting(tmp_path, 4, "dies")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", lambda *_, **__: pytest.fail("stopped here"))
        with pytest.raises(pytest.fail.Exception):
            Book(tmp_path)
    assert len(files(tmp_path)) == 1
    assert requests(Book(tmp_path).read()) == 4
    assert requests(Book(tmp_path).read()) == 4


def test_versions_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "MAX_VERSIONS", 3)
    own = Book()
    pages = [own.page("prices", version) for version in range(1, 6)]
    assert pages[3] is pages[4]
    assert pages[0] is own.page("prices", 1), "loaded again it counts on"
    assert sorted(own.read().pages)[:2] == [("", 0), ("(other)", 0)]


def test_without_room_a_worker_counts_for_itself(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = Book(tmp_path)
    monkeypatch.setattr(os, "pwrite", lambda *_: 7)
    full.page("prices", 1).answered(0, 200, 1, 1)
    assert requests(full.read()) == 1
    assert ("prices", 1) not in Book(tmp_path).read().pages


def test_batches_beyond_the_sizes_told_apart() -> None:
    own = Book()
    page = own.page("prices", 1)
    sizes = [*range(MAX_SIZES + 40), 0, 5, 10**7]
    for rows in sizes:
        page.succeeded(rows, TIMES)
    counts = own.read().pages["prices", 1]
    assert counts.rows == sum(sizes)
    assert int(counts.inferred[0]) == len(sizes)
    assert int(counts.executed[0]) == len(sizes) - 2
    up_to = [
        sum(rows <= bound for rows in sizes) for bound in (0, *(2**bits for bits in range(30)))
    ]
    assert [int(counts.batches()[: bits + 1].sum()) for bits in range(31)] == up_to
