"""Factors of one number beside a MatMul, kept in float64.

onnxruntime folds a product or quotient by one number into the MatMul before or after it
(MatMulScaleFusion), as a float32 attribute whatever the type of the matrices, and the answer is off
by 1e-8. A Sum of one term between the two leaves the value as it is and keeps them apart.
"""

from __future__ import annotations

import math

import onnx

SCALING = ("Mul", "Div")


def keep_scalar_factors(graph: onnx.GraphProto, outer: frozenset[str] = frozenset()) -> None:
    """Part each MatMul of `graph` from the factors right before and after it.

    `outer`: the constants of one number that a body of a loop sees around it.
    """
    scalars = _scalars(graph) | outer
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.HasField("g"):
                keep_scalar_factors(attribute.g, frozenset(scalars))
    scaled = {
        node.output[0] for node in graph.node if node.op_type in SCALING and scalars & {*node.input}
    }
    products = {node.output[0] for node in graph.node if node.op_type == "MatMul"}
    nodes = []
    for node in graph.node:
        near = scaled if node.op_type == "MatMul" else set()
        near = products if node.output and node.output[0] in scaled else near
        for position, name in enumerate(node.input):
            if name in near:
                apart = f"{node.output[0]}_apart_{position}"
                nodes.append(onnx.helper.make_node("Sum", [name], [apart], name=apart))
                node.input[position] = apart
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)


def _scalars(graph: onnx.GraphProto) -> set[str]:
    """The names of the constants that are one number."""
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    for node in graph.node:
        if node.op_type == "Constant" and node.attribute[0].name == "value":
            tensors[node.output[0]] = node.attribute[0].t
    return {name for name, tensor in tensors.items() if math.prod(tensor.dims) == 1}
