"""A model that is quick on its golden row, and takes as long as one likes on another."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from onnx import TensorProto, helper, numpy_helper
from tiny_bundles import PRICES, _files, _manifest, _model

from bundle import golden
from bundle.writer import write_bundle


def write_slow(root: Path, turns: int = 3_000_000, limit: float = 10.0) -> None:
    """artifacts/slow/1: prices, by a loop of many turns where a value is over the limit."""
    number, index = TensorProto.DOUBLE, TensorProto.INT64
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["go"], ["goes"]),
            helper.make_node("Add", ["sum", "zero"], ["next"]),
        ],
        "turn",
        [
            helper.make_tensor_value_info("i", index, []),
            helper.make_tensor_value_info("go", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sum", number, ["n"]),
        ],
        [
            helper.make_tensor_value_info("goes", TensorProto.BOOL, []),
            helper.make_tensor_value_info("next", number, ["n"]),
        ],
    )
    constants = [
        numpy_helper.from_array(np.array([1.0, 2.0, 4.0]), "weights"),
        numpy_helper.from_array(np.array(0.0), "zero"),
        numpy_helper.from_array(np.array(limit), "limit"),
        numpy_helper.from_array(np.array(turns), "turns"),
        numpy_helper.from_array(np.array(1), "one"),
    ]
    nodes = [
        helper.make_node("MatMul", ["X", "weights"], ["first"]),
        helper.make_node("ReduceMax", ["X"], ["most"], keepdims=0),
        helper.make_node("Greater", ["most", "limit"], ["large"]),
        helper.make_node("Where", ["large", "turns", "one"], ["count"]),
        helper.make_node("Loop", ["count", "", "first"], ["prediction"], body=body),
    ]
    onnx = _model(nodes, constants, {"X": (number, ["n", 3])}, {"prediction": (number, ["n"])})
    rows = {"X": np.array([[1.0, 2.0, 3.0]])}
    content = golden.encode(PRICES, rows, {"prediction": np.array([17.0])})
    write_bundle(root, _manifest("slow", 1, "regression", PRICES), _files(onnx, content))
