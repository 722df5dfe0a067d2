"""Columns that are made flat and columns again stay as they were.

A regressor answers [rows]; what joins its answer with others, or learns from it, wants [rows, 1].
"""

from __future__ import annotations

import onnx
from onnx import numpy_helper

FLAT, COLUMN = [-1], [-1, 1]


def flat_columns(model: onnx.ModelProto) -> dict[str, str]:
    """For each column made of a flat tensor: the column that this was made of.

    In `model`, a flat tensor made of anything else becomes a column without being flat before.
    """
    outputs = {each.name for each in model.graph.output}
    pairs = _pairs(model.graph)
    columns = _columns(model) if pairs else set()
    same: dict[str, str] = {}
    for node, inner in pairs:
        if inner.input[0] in columns and node.output[0] not in outputs:
            same[node.output[0]] = inner.input[0]
        else:
            node.input[0] = inner.input[0]
    return same


def _pairs(graph: onnx.GraphProto) -> list[tuple[onnx.NodeProto, onnx.NodeProto]]:
    """Each Reshape of a flat tensor to a column, and the one that made it flat."""
    shapes = {
        tensor.name: numpy_helper.to_array(tensor).tolist()
        for tensor in graph.initializer
        if tensor.data_type == onnx.TensorProto.INT64 and list(tensor.dims) in ([1], [2])
    }
    reshapes = [node for node in graph.node if node.op_type == "Reshape"]
    flat = {node.output[0]: node for node in reshapes if shapes.get(node.input[1]) == FLAT}
    return [
        (node, flat[node.input[0]])
        for node in reshapes
        if shapes.get(node.input[1]) == COLUMN and node.input[0] in flat
    ]


def _columns(model: onnx.ModelProto) -> set[str]:
    """The tensors that are known to be [rows, 1]."""
    found = set()
    for value in onnx.shape_inference.infer_shapes(model).graph.value_info:
        dims = value.type.tensor_type.shape.dim
        if len(dims) == 2 and dims[1].dim_value == 1:
            found.add(value.name)
    return found
