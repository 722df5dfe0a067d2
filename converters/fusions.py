"""What keeps onnxruntime computing in float64.

onnxruntime folds a scalar that multiplies or divides an operand or the result of a MatMul into
the operator, where it becomes a float32 attribute (its MatMulScaleFusion), whatever the type of
the tensors: 1 / 3.3 is then off by 1e-8. A Max of one tensor, which is that tensor, parts them.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx
from onnx import numpy_helper

SCALINGS = ("Mul", "Div")


def keep_double(graph: onnx.GraphProto, outside: frozenset[str] = frozenset()) -> None:
    """Part every MatMul from a scalar beside it that float32 cannot hold.

    `outside`: the scalars of the graph around this one, of which it is a loop or a branch.
    """
    scalars = outside.union(_scalars(graph))
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                keep_double(attribute.g, scalars)
    scaled = [n for n in graph.node if n.op_type in SCALINGS and scalars.intersection(n.input)]
    products = [node for node in graph.node if node.op_type == "MatMul"]
    made = {node.output[0] for node in products}
    results = {node.output[0] for node in scaled}
    for node in scaled:
        _part(graph, node, made)
    for node in products:
        _part(graph, node, results)


def _part(graph: onnx.GraphProto, node: onnx.NodeProto, names: set[str]) -> None:
    """Put a Max before each input of `node` that is one of `names`."""
    for place, name in enumerate(node.input):
        if name in names:
            apart = f"{name}_for_{node.name}_{place}"
            node.input[place] = apart
            between = onnx.helper.make_node("Max", [name], [apart], name=f"Max_{apart}")
            graph.node.insert(list(graph.node).index(node), between)


def _scalars(graph: onnx.GraphProto) -> Iterator[str]:
    """The names of constants of one float64 that a float32 factor would change."""
    for tensor in graph.initializer:
        if _is_fine_scalar(tensor):
            yield tensor.name
    for node in graph.node:
        if node.op_type == "Constant" and _is_fine_scalar(node.attribute[0].t):
            yield node.output[0]


def _is_fine_scalar(tensor: onnx.TensorProto) -> bool:
    if tensor.data_type != onnx.TensorProto.DOUBLE:
        return False
    value = numpy_helper.to_array(tensor)
    if value.size != 1:
        return False
    with np.errstate(all="ignore"):
        factors = np.stack([value, 1 / value])
        return bool((factors.astype(np.float32) != factors).any())
