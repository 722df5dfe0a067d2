"""A finished float64 graph in float32: half the size, and what runs where float64 does not.

Every constant, attribute and cast of float64 becomes float32. Thresholds of trees are rounded down,
so that a float32 compares with them as with the float64: x <= t is x <= the last float32 up to t.
The outputs are cast back, so that they have the types of the signature.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import onnx

from bundle.arrays import Array

_DOUBLE, _SINGLE = onnx.TensorProto.DOUBLE, onnx.TensorProto.FLOAT
_SPLITS = "nodes_splits"


def to_single(model: onnx.ModelProto) -> None:
    """Change `model` in place."""
    _forget_widening(model.graph)
    for graph in _graphs(model.graph):
        for tensor in graph.initializer:
            _round(tensor)
        for node in graph.node:
            _change(node)
        del graph.value_info[:]
        for value in (*graph.input, *graph.output):
            if value.type.tensor_type.elem_type == _DOUBLE:
                value.type.tensor_type.elem_type = _SINGLE
    _cast_outputs(model.graph)


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _graphs(attribute.g)


def _forget_widening(graph: onnx.GraphProto) -> None:
    """A cast of an input from float32 to float64 has nothing left to do."""
    single = {each.name for each in graph.input if each.type.tensor_type.elem_type == _SINGLE}
    for node in graph.node:
        if node.op_type == "Cast" and node.input[0] in single and _to(node) == _DOUBLE:
            node.op_type = "Identity"
            del node.attribute[:]


def _to(node: onnx.NodeProto) -> int:
    return next((int(each.i) for each in node.attribute if each.name == "to"), 0)


def _change(node: onnx.NodeProto) -> None:
    for attribute in node.attribute:
        if attribute.type == onnx.AttributeProto.TENSOR:
            _round(attribute.t, down=attribute.name == _SPLITS)
        elif attribute.name in ("to", "dtype") and attribute.i == _DOUBLE:
            attribute.i = _SINGLE


def _round(tensor: onnx.TensorProto, *, down: bool = False) -> None:
    if tensor.data_type != _DOUBLE:
        return
    values = onnx.numpy_helper.to_array(tensor)
    with np.errstate(over="ignore"):
        single = values.astype(np.float32)
    found = _down(values, single) if down else single
    tensor.CopyFrom(onnx.numpy_helper.from_array(np.asarray(found), tensor.name))


def _down(values: Array, single: Array) -> Array:
    """The last float32 that is not above each value."""
    with np.errstate(over="ignore"):
        below = np.nextafter(single, np.float32(-np.inf))
    return np.where(single.astype(np.float64) > values, below, single).astype(np.float32)


def _cast_outputs(graph: onnx.GraphProto) -> None:
    for output in graph.output:
        if output.type.tensor_type.elem_type != _SINGLE:
            continue
        output.type.tensor_type.elem_type = _DOUBLE
        inner = f"{output.name}.single"
        for node in graph.node:
            for place, name in enumerate(node.output):
                if name == output.name:
                    node.output[place] = inner
            for place, name in enumerate(node.input):
                if name == output.name:
                    node.input[place] = inner
        graph.node.append(onnx.helper.make_node("Cast", [inner], [output.name], to=_DOUBLE))
