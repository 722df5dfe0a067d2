"""Means over trees: the bits of sums one after the other, and graphs without a table of leaves."""

from dataclasses import replace

import numpy as np
import onnx
import onnxruntime
import pytest
import spox

from converters.graph.leaves import LEAF, Tree, mean_of_leaves
from converters.graph.table import Ref, Table

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


@pytest.mark.parametrize("present", [(True, True), (False, True), (True, False)])
def test_only_where_values_may_be_missing_a_node_minds_them(present: tuple[bool, bool]) -> None:
    """Each tree looks at a column of its own; a missing value goes left, to 1."""
    trees = [replace(STUMP, feature=np.full(3, i), missing_left=STUMP.left == 1) for i in (0, 1)]
    values = [np.array([[0.0], [1.0], [0.0]])] * 2
    rows = spox.argument(spox.Tensor(np.float64, ("rows", 2)))
    refs = tuple(Ref(rows, i, 2, text=False, present=known) for i, known in enumerate(present))
    graph = spox.build({"rows": rows}, {"mean": mean_of_leaves(trees, Table(refs), values)})
    [minds] = [
        [each.ints[:] for each in node.attribute if each.name == "nodes_missing_value_tracks_true"]
        for node in graph.graph.node
        if node.op_type == "TreeEnsemble"
    ]
    assert minds == ([] if all(present) else [[int(not known) for known in present]])
    gap = [[0.5 if known else np.nan for known in present], [-0.5, -0.5], [0.5, 0.5]]
    expected = [(2 - sum(present)) / 2, 1.0, 0.0]
    assert _answer(graph, np.array(gap)).ravel().tolist() == expected


@pytest.mark.parametrize("width", [1, 3])
def test_no_rows(width: int) -> None:
    values = list(np.random.default_rng(0).random((1, 3, width)))
    assert _answer(_graph(values), ROWS[:0]).shape == (0, width)
