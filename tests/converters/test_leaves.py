"""Means over trees: the bits of sums one after the other, and graphs without a table of leaves."""

import numpy as np
import onnx
import onnxruntime
import pytest
import spox

from converters.graph.leaves import LEAF, Tree, mean_of_leaves
from converters.graph.table import Table

ROWS = np.array([[-1.0], [0.0], [1.0]])
STUMP = Tree(
    left=np.array([1, LEAF, LEAF]),
    right=np.array([2, LEAF, LEAF]),
    feature=np.zeros(3, dtype=np.int64),
    threshold=np.zeros(3),
    missing_left=np.zeros(3, dtype=np.bool_),
)


def _graph(values: list[np.ndarray]) -> onnx.ModelProto:
    rows = spox.argument(spox.Tensor(np.float64, ("rows", 1)))
    mean = mean_of_leaves([STUMP] * len(values), Table.of(rows, 1), values)
    return spox.build({"rows": rows}, {"mean": mean})


def _answer(graph: onnx.ModelProto, rows: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    return np.asarray(session.run(None, {"rows": rows})[0])


@pytest.mark.parametrize(("trees", "width"), [(1, 3), (600, 3), (1_100, 3), (300, 20), (300, 40)])
def test_fractions_are_added_one_after_the_other(trees: int, width: int) -> None:
    values = list(np.random.default_rng(0).random((trees, 3, width)))
    total = np.zeros((3, width))
    for value in values:
        total += value[[1, 1, 2]]
    assert np.array_equal(_answer(_graph(values), ROWS), total / trees)


def test_leaves_of_one_class_need_no_table() -> None:
    ones = np.eye(3)[np.random.default_rng(0).integers(3, size=(100, 3))]
    graph = _graph(list(ones))
    assert np.array_equal(_answer(graph, ROWS), ones[:, [1, 1, 2]].sum(axis=0) / 100)
    assert {node.op_type for node in graph.graph.node} <= {"TreeEnsemble", "Identity"}


@pytest.mark.parametrize("width", [1, 3])
def test_no_rows(width: int) -> None:
    values = list(np.random.default_rng(0).random((1, 3, width)))
    assert _answer(_graph(values), ROWS[:0]).shape == (0, width)
