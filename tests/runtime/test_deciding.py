"""What follows from a curve of costs, which graphs may be shared, how many processors there are."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest
from onnx import TensorProto, helper
from tiny_bundles import penguins_onnx, prices_onnx

from runtime.deciding import decide, measured, same_bits, sample_like
from runtime.operators import not_row_wise
from runtime.processors import count

LINEAR = {1: 12.0, 8: 13.0, 32: 15.0, 128: 22.0}
FOREST = {1: 300.0, 8: 1500.0, 32: 3800.0, 128: 8000.0}
SMALL_FOREST = {1: 45.0, 8: 150.0, 32: 540.0, 128: 2200.0}
FLAT = {1: 300.0, 8: 2400.0, 32: 9600.0}
HUGE = {1: 30_000.0}


@pytest.mark.parametrize(
    ("costs", "mode", "inline", "gather"),
    [
        (LINEAR, "inline", None, 0),
        (FOREST, "threads", 0, 128),
        (SMALL_FOREST, "inline", 8, 32),
        (FLAT, "threads", 0, 0),
        (HUGE, "threads", 0, 0),
        ({1: 300.0, 8: 1500.0, 32: 12_000.0}, "threads", 0, 8),
        ({}, "threads", 0, 0),
    ],
)
def test_decisions(costs: dict[int, float], mode: str, inline: int | None, gather: int) -> None:
    found = decide(costs)
    assert (found.mode, found.inline, found.gather) == (mode, inline, gather)


def test_a_doubt_forbids_sharing_and_is_told() -> None:
    found = decide(FOREST, "beside other rows these may round otherwise: Gemm")
    assert (found.mode, found.gather) == ("threads", 0)
    assert "Gemm" in found.told()["because"]
    assert found.told()["costs_us"]["32"] == 3800.0


def test_measuring_keeps_to_its_budget() -> None:
    def burning(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
        end = time.thread_time() + 0.002 * len(rows["X"])
        while time.thread_time() < end:
            pass
        return rows

    began = time.thread_time()
    costs = measured(burning, {"X": np.zeros((3, 2))})
    assert time.thread_time() - began < 0.1
    assert [*costs] == [1, 8]
    assert costs[1] == pytest.approx(2000, rel=0.5)


def test_rows_like_the_sample_have_cells_of_golden_rows() -> None:
    golden = {"X": np.arange(12.0).reshape(4, 3)}
    rows = sample_like(golden, 50)["X"]
    assert rows.shape == (50, 3)
    assert rows[:4].tolist() == golden["X"].tolist()
    assert all(set(rows[:, i]) <= set(golden["X"][:, i]) for i in range(3))


def test_bits_that_depend_on_the_place_in_the_batch_are_seen() -> None:
    golden = {"X": np.arange(1.0, 13.0).reshape(4, 3)}
    exact = same_bits(lambda rows: {"y": rows["X"] * 3.0}, golden)

    def last_otherwise(rows: dict[str, np.ndarray]) -> dict[str, np.ndarray]:  # type: ignore[type-arg]
        answers = rows["X"][:, 0] * 1.0
        if len(answers) > 1:
            answers[-1] = np.nextafter(answers[-1], np.inf)
        return {"y": answers}

    assert exact
    assert not same_bits(last_otherwise, golden)  # type: ignore[arg-type]


def _graph(*nodes: tuple[str, str]) -> bytes:
    made = [helper.make_node(kind, ["x"], ["x"], domain=domain) for kind, domain in nodes]
    value = helper.make_tensor_value_info("x", TensorProto.DOUBLE, [1])
    graph = helper.make_graph(made, "g", [value], [value])
    return helper.make_model(graph).SerializeToString()


def test_operators_of_a_graph_are_judged() -> None:
    assert not_row_wise(_graph(("TreeEnsemble", "ai.onnx.ml"), ("ArgMax", ""))) == []
    assert not_row_wise(_graph(("ArgMax", ""), ("Exp", ""), ("Gemm", ""))) == ["Exp", "Gemm"]
    assert not_row_wise(_graph(("Loop", ""), ("Add", "com.other"))) == ["Loop", "com.other.Add"]
    assert not_row_wise(prices_onnx()) == ["MatMul"]
    assert not_row_wise(penguins_onnx()) == ["MatMul", "Softmax"]


def _write(root: Path, files: dict[str, str]) -> Path:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    return root


@pytest.mark.parametrize(
    ("files", "affine", "expected"),
    [
        ({}, 8, 8),
        ({"sys/fs/cgroup/cpu.max": "150000 100000\n"}, 8, 2),
        ({"sys/fs/cgroup/cpu.max": "max 100000\n"}, 8, 8),
        ({"sys/fs/cgroup/cpu.max": "10000 100000\n"}, 8, 1),
        ({"sys/fs/cgroup/cpu.max": "800000 100000\n"}, 2, 2),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/cpu.max": "300000 100000\n",
                "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
            },
            8,
            3,
        ),
        (
            {
                "proc/self/cgroup": "2:cpu,cpuacct:/docker/x\n1:memory:/docker/x\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "200000\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            8,
            2,
        ),
        (
            {
                "proc/self/cgroup": "2:cpu:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            4,
            4,
        ),
    ],
)
def test_processors(tmp_path: Path, files: dict[str, str], affine: int, expected: int) -> None:
    assert count(_write(tmp_path, files), affine) == expected
