"""Short names inside a graph: spox's say where a value comes from, and make half of a file."""

from __future__ import annotations

from collections.abc import Iterator

import onnx


def shorten(model: onnx.ModelProto) -> None:
    """Number the values inside the graph; inputs and outputs keep their names."""
    names = {each.name: each.name for each in (*model.graph.input, *model.graph.output)}
    names[""] = ""  # an optional input that is left out
    for graph in _graphs(model.graph):
        for value in (*graph.input, *graph.output, *graph.initializer, *graph.value_info):
            value.name = _short(names, value.name)
        for node in graph.node:
            node.ClearField("name")
            node.input[:] = [_short(names, name) for name in node.input]
            node.output[:] = [_short(names, name) for name in node.output]


def _short(names: dict[str, str], name: str) -> str:
    return names.setdefault(name, f"_{len(names):x}")


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _graphs(attribute.g)
