"""Converted models under concurrent requests: every door says what it says alone, byte for byte."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LinearRegression
from sklearn.svm import SVC

import isomorph
from runtime.app import Service, create_app
from runtime.engine import Engine
from runtime.gathering import Runs
from runtime.repository import Repository
from runtime.settings import Settings

WIDTH = 6
number = st.floats(-1e3, 1e3, width=64)
clients = st.lists(
    st.lists(st.lists(number, min_size=WIDTH, max_size=WIDTH), min_size=1, max_size=5),
    min_size=2,
    max_size=8,
)
several = settings(max_examples=40, deadline=None)


@pytest.fixture(scope="module")
def converted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("converted")
    columns, labels = make_classification(200, WIDTH, n_informative=4, flip_y=0.2, random_state=0)
    for name, model in {
        "forest": RandomForestClassifier(60, max_depth=5, random_state=0),
        "line": LinearRegression(),
        "vectors": SVC(),
    }.items():
        model.fit(columns, labels)
        isomorph.convert(model, columns, name=name, artifacts=root, formats=("onnx",))
    return root


def engine(root: Path, name: str) -> Engine:
    return Repository(root).ready(name).engine


def shared(found: Engine, *, inline: int | None) -> Runs:
    """The runs of a model as if it had been measured to gain by sharing them."""
    found.plan = replace(found.plan, inline=inline, gather=64)
    found.runs = Runs(found.answer, found.plan)
    return found.runs


async def together(found: Engine, runs: Runs, blocks: list[Any]) -> list[Any]:
    prepared = [found.prepared({"X": np.array(rows)}) for rows in blocks]
    return await asyncio.gather(*(runs.run(*each) for each in prepared))


@pytest.mark.parametrize("inline", [None, 0])
def test_shared_runs_answer_bit_for_bit_what_each_gets_alone(
    converted: Path, inline: int | None
) -> None:
    found = engine(converted, "forest")
    runs = shared(found, inline=inline)

    @several
    @given(blocks=clients)
    def check(blocks: list[Any]) -> None:
        for rows, answers in zip(blocks, asyncio.run(together(found, runs, blocks)), strict=True):
            alone = found.run({"X": np.array(rows)})
            one_by_one = [found.run({"X": np.array([row])}) for row in rows]
            for name, values in answers.items():
                assert values.tobytes() == alone[name].tobytes()
                each = np.concatenate([one[name] for one in one_by_one])
                assert values.tobytes() == each.tobytes()

    check()


@pytest.mark.parametrize(("name", "because"), [("line", "Gemm"), ("vectors", "Exp")])
def test_what_may_round_otherwise_beside_others_is_never_shared(
    converted: Path, name: str, because: str
) -> None:
    found = engine(converted, name)
    assert found.plan.gather == 0
    assert because in found.plan.because


@pytest.mark.parametrize("rows", [255, 256, 700])
def test_rows_split_among_threads_keep_their_bits(converted: Path, rows: int) -> None:
    found = engine(converted, "forest")
    found._threads = 3
    block = np.random.default_rng(0).normal(size=(rows, WIDTH))
    answers = found.run({"X": block})
    parts = [found.run({"X": block[at : at + 50]}) for at in range(0, rows, 50)]
    for name, values in answers.items():
        assert values.tobytes() == np.concatenate([part[name] for part in parts]).tobytes()


def native(rows: Any) -> tuple[str, Any]:
    return "/models/forest/predict", rows


def v2(rows: Any) -> tuple[str, Any]:
    flat = [value for row in rows for value in row]
    tensor = {"name": "X", "shape": [len(rows), WIDTH], "datatype": "FP64", "data": flat}
    return "/v2/models/forest/infer", {"id": "same", "inputs": [tensor]}


def mlflow(rows: Any) -> tuple[str, Any]:
    return "/invocations", {"inputs": rows}


async def _bodies(app: Service, wishes: list[tuple[str, Any]]) -> list[tuple[int, bytes]]:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        sent = [client.post(path, content=json.dumps(body)) for path, body in wishes]
        return [(each.status_code, each.content) for each in await asyncio.gather(*sent)]


def answers_of(app: Service, wishes: list[tuple[str, Any]]) -> list[tuple[int, bytes]]:
    """Each alone, then all of them at a time; the runs they shared are counted."""

    async def main() -> list[tuple[int, bytes]]:
        async with app.router.lifespan_context(app):
            found = app.repository.ready("forest").engine
            found.runs = None
            alone = [(await _bodies(app, [wish]))[0] for wish in wishes]
            counts: list[int] = []
            answer = found.answer

            def counted(names: Any, feeds: Any, rows: int, options: Any = None) -> Any:
                counts.append(rows)
                return answer(names, feeds, rows, options)

            found.runs = Runs(counted, replace(found.plan, inline=0, gather=64))
            assert await _bodies(app, wishes) == alone
            assert max(counts) > 1, "nothing was shared"
            assert len(counts) < len(wishes)
            return alone

    return asyncio.run(main())


def test_every_door_says_the_same_over_shared_runs(converted: Path) -> None:
    app = create_app(Settings(artifacts=converted, model="forest"))
    rows = np.random.default_rng(1).normal(size=(12, 1, WIDTH)).tolist()
    wishes = [door(each) for door in (native, v2, mlflow) for each in rows]
    assert {status for status, _ in answers_of(app, wishes)} == {200}


def test_a_neighbours_error_is_its_own(converted: Path) -> None:
    app = create_app(Settings(artifacts=converted, model="forest"))
    good = [native([[float(i)] * WIDTH]) for i in range(4)]
    bad = [native([[1e300] * WIDTH]), native([[None] * WIDTH]), native([[1.0]])]
    statuses = [status for status, _ in answers_of(app, [*good, *bad, *good])]
    assert statuses[:4] == statuses[-4:] == [200] * 4
    assert all(status in (200, 422) for status in statuses)
    assert 422 in statuses
