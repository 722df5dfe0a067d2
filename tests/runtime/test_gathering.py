"""Runs that requests share: nobody sees a neighbour, in errors, in bits, or when one leaves."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest

from runtime import gathering
from runtime.deciding import Decided
from runtime.gathering import Runs

SHARED = Decided(costs={1: 300.0, 32: 900.0}, inline=0, gather=32, because="")


class Model:
    """Doubles each row; slow until it is let go; remembers how many rows each run had."""

    def __init__(self, *, held: bool = False) -> None:
        self.rows: list[int] = []
        self.go = threading.Event()
        self.began = threading.Event()
        if not held:
            self.go.set()

    def __call__(self, names: list[str], feeds: dict[str, Any], rows: int) -> dict[str, Any]:
        self.rows.append(rows)
        self.began.set()
        assert self.go.wait(10)
        if (feeds["X"] < 0).any():
            raise RuntimeError("a negative row")
        return dict.fromkeys(names, feeds["X"] * 2.0)


def block(*values: float) -> dict[str, Any]:
    return {"X": np.array(values, dtype=float).reshape(-1, 1)}


async def asked(runs: Runs, *values: float, names: tuple[str, ...] = ("y",)) -> dict[str, Any]:
    return await runs.run([*names], block(*values), len(values))


async def began(model: Model) -> None:
    await asyncio.to_thread(model.began.wait, 10)


@pytest.mark.parametrize("inline", [0, 32], ids=["in a thread", "on the loop"])
def test_requests_of_one_turn_share_a_run(inline: int) -> None:
    model = Model()
    runs = Runs(model, Decided(inline=inline, gather=32))

    async def main() -> list[Any]:
        return await asyncio.gather(*(asked(runs, each, each + 0.5) for each in (1.0, 2.0, 3.0)))

    found = asyncio.run(main())
    assert [each["y"].ravel().tolist() for each in found] == [[2, 3], [4, 5], [6, 7]]
    assert model.rows == [6]


def test_the_thread_of_one_event_loop_answers_those_of_the_next() -> None:
    held = threading.Event()

    model = Model()

    def answer(names: list[str], feeds: dict[str, Any], rows: int) -> dict[str, Any]:
        for _ in range(gathering._ASIDE._max_workers):  # so that it goes on only when let go
            gathering._ASIDE.submit(held.wait, 10)
        return model(names, feeds, rows)

    runs = Runs(answer, SHARED)

    async def second() -> dict[str, Any]:
        found = asyncio.create_task(asked(runs, 2.0))
        await asyncio.sleep(0)
        held.set()
        return await asyncio.wait_for(found, 10)

    assert asyncio.run(asked(runs, 1.0))["y"].item() == 2
    assert asyncio.run(second())["y"].item() == 4


def test_each_event_loop_is_told_its_own() -> None:
    """Of two that wait at once, each with a part."""
    model = Model(held=True)
    runs = Runs(model, SHARED)

    def waiting(value: float) -> float:
        found = asyncio.run(asyncio.wait_for(asked(runs, value), 10))
        return float(found["y"].item())

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(waiting, 1.0)
        assert model.began.wait(10)
        others = [threads.submit(waiting, value) for value in (2.0, 3.0)]
        while len(runs._waiting) < len(others):
            assert not others[0].done()
            time.sleep(0.001)
        model.go.set()
        assert [each.result() for each in (first, *others)] == [2, 4, 6]
    assert model.rows == [1, 1, 1]


def test_one_alone_is_run_at_once_and_those_who_come_meanwhile_share_the_next() -> None:
    model = Model(held=True)
    runs = Runs(model, SHARED)

    async def main() -> list[Any]:
        first = asyncio.create_task(asked(runs, 1.0))
        await began(model)
        others = [asyncio.create_task(asked(runs, value)) for value in (2.0, 3.0)]
        await asyncio.sleep(0)
        model.go.set()
        return [await each for each in (first, *others)]

    assert [each["y"].item() for each in asyncio.run(main())] == [2, 4, 6]
    assert model.rows == [1, 2]


def test_no_run_has_more_rows_than_decided_and_other_outputs_are_another_run() -> None:
    model = Model()
    runs = Runs(model, SHARED)

    async def main() -> list[Any]:
        many = [asked(runs, *[float(i)] * 20) for i in range(3)]
        other = asked(runs, 7.0, names=("y", "z"))
        return await asyncio.gather(*many, other)

    found = asyncio.run(main())
    assert [len(each["y"]) for each in found] == [20, 20, 20, 1]
    assert set(found[3]) == {"y", "z"}
    assert model.rows == [20, 20, 20, 1]


def test_more_rows_than_a_shared_run_takes_are_run_alone() -> None:
    model = Model()
    runs = Runs(model, SHARED)
    assert len(asyncio.run(asked(runs, *[1.0] * 33))["y"]) == 33
    assert model.rows == [33]


def test_a_run_that_fails_is_run_apart_and_only_its_cause_fails() -> None:
    model = Model()
    runs = Runs(model, SHARED)

    async def main() -> list[Any]:
        wishes = [asked(runs, value) for value in (1.0, -1.0, 3.0)]
        return await asyncio.gather(*wishes, return_exceptions=True)

    good, bad, last = asyncio.run(main())
    assert (good["y"].item(), last["y"].item()) == (2, 6)
    assert isinstance(bad, RuntimeError)
    assert model.rows == [3, 1, 1, 1]


def test_a_graph_that_does_not_answer_row_by_row_is_run_apart() -> None:
    rows_seen = []

    def first_only(names: list[str], feeds: dict[str, Any], rows: int) -> dict[str, Any]:
        rows_seen.append(rows)
        return dict.fromkeys(names, feeds["X"][:1])

    runs = Runs(first_only, SHARED)

    async def main() -> list[Any]:
        return await asyncio.gather(asked(runs, 1.0), asked(runs, 2.0))

    assert [each["y"].item() for each in asyncio.run(main())] == [1, 2]
    assert rows_seen == [2, 1, 1]


@pytest.mark.parametrize("under_way", [True, False])
def test_who_leaves_takes_nobody_along(*, under_way: bool) -> None:
    model = Model(held=True)
    runs = Runs(model, SHARED)

    async def main() -> list[Any]:
        first = asyncio.create_task(asked(runs, 1.0))
        await began(model)
        leaving = asyncio.create_task(asked(runs, 2.0))
        staying = asyncio.create_task(asked(runs, 3.0))
        await asyncio.sleep(0)
        (first if under_way else leaving).cancel()
        await asyncio.sleep(0)
        model.go.set()
        rest = [leaving, staying] if under_way else [first, staying]
        found = [await each for each in rest]
        found.append(await asked(runs, 4.0))  # and the next one finds it free
        return found

    found = [each["y"].item() for each in asyncio.run(main())]
    assert found == ([4, 6, 8] if under_way else [2, 6, 8])
    assert model.rows == ([1, 2, 1] if under_way else [1, 1, 1])


@pytest.mark.parametrize(("count", "runs_of"), [(7, [7]), (8, [4, 4]), (9, [5, 4])])
def test_many_at_a_time_are_run_in_halves_where_the_loop_has_a_processor_beside_them(
    count: int, runs_of: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gathering, "processors", lambda: 2)
    model = Model()
    runs = Runs(model, SHARED)

    async def main() -> list[Any]:
        return await asyncio.gather(*(asked(runs, float(each)) for each in range(count)))

    assert [each["y"].item() for each in asyncio.run(main())] == [2 * i for i in range(count)]
    assert model.rows == runs_of


def test_the_second_half_is_run_where_all_of_the_first_have_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(gathering, "processors", lambda: 2)
    model = Model()
    runs = Runs(model, SHARED)

    async def main() -> list[Any]:
        told = asyncio.Queue[Any]()
        parts = [runs.ask(["y"], block(float(each)), 1, told.put_nowait) for each in range(8)]
        for part in parts[:4]:
            part.wanted = False
        return [await asyncio.wait_for(told.get(), 10) for _ in parts[4:]]

    assert [each["y"].item() for each in asyncio.run(main())] == [8, 10, 12, 14]
    assert sum(model.rows) == 4


def test_the_loop_does_not_wait_for_a_run_in_a_thread() -> None:
    model = Model(held=True)
    runs = Runs(model, Decided(inline=0, gather=0))

    async def main() -> Any:
        task = asyncio.create_task(asked(runs, 1.0))
        await began(model)
        assert not task.done()
        model.go.set()
        return await task

    assert asyncio.run(main())["y"].item() == 2
