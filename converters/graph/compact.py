"""The finished graph made small: what spox writes for readability of its own is folded away.

Constants become initializers and equal ones are shared; an Identity that only renames is dropped.
"""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator

import onnx


def compact(model: onnx.ModelProto) -> None:
    """Change `model` in place; its function, inputs and outputs stay."""
    graph = model.graph
    _constants_to_initializers(graph)
    _drop_identities(graph)
    _share_initializers(graph)


def _constants_to_initializers(graph: onnx.GraphProto) -> None:
    kept = []
    for node in graph.node:
        if node.op_type == "Constant" and node.domain == "" and node.attribute[0].name == "value":
            tensor = graph.initializer.add()
            tensor.CopyFrom(node.attribute[0].t)
            tensor.name = node.output[0]
        else:
            kept.append(node)
    _set_nodes(graph, kept)


def _drop_identities(graph: onnx.GraphProto) -> None:
    """Where only an output's name is new, the node before it takes the name."""
    fixed = {each.name for each in graph.input} | {each.name for each in graph.initializer}
    outputs = {each.name for each in graph.output}
    kept: list[onnx.NodeProto] = []
    renamed: dict[str, str] = {}
    for node in graph.node:
        source = node.input[0] if node.input else ""
        source = renamed.get(source, source)
        if node.op_type != "Identity" or node.domain != "":
            kept.append(node)
        elif node.output[0] not in outputs:
            renamed[node.output[0]] = source
        elif source in fixed or source in outputs:
            kept.append(node)
        else:
            outputs.add(source)
            renamed[source] = node.output[0]
    _set_nodes(graph, kept)
    _rename(graph, {old: _last(renamed, old) for old in renamed})


def _last(renamed: dict[str, str], name: str) -> str:
    while name in renamed:
        name = renamed[name]
    return name


def _share_initializers(graph: onnx.GraphProto) -> None:
    first: dict[bytes, str] = {}
    renamed, kept = {}, []
    outputs = {each.name for each in graph.output}
    for tensor in graph.initializer:
        nameless = onnx.TensorProto()
        nameless.CopyFrom(tensor)
        nameless.name = ""
        same = first.setdefault(nameless.SerializeToString(deterministic=True), tensor.name)
        if same == tensor.name or tensor.name in outputs:
            kept.append(tensor)
        else:
            renamed[tensor.name] = same
    copies = [onnx.TensorProto.FromString(tensor.SerializeToString()) for tensor in kept]
    del graph.initializer[:]
    graph.initializer.extend(copies)
    _rename(graph, renamed)


def _set_nodes(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)


def _rename(graph: onnx.GraphProto, names: dict[str, str]) -> None:
    """Rename tensors where they are made and used, also inside loops and branches."""
    for node in _nodes(graph):
        for listed in (node.input, node.output):
            for position, name in enumerate(listed):
                if name in names:
                    listed[position] = names[name]


def shorten(model: onnx.ModelProto) -> None:
    """Number what is inside the graph, whose names tell where it was built; nodes need none.

    Names are as unique as before, so that what loops and branches see stays what they saw.
    """
    fixed = [each.name for each in (*model.graph.input, *model.graph.output)]
    numbers = (name for name in map(_numeral, itertools.count()) if name not in fixed)
    short = {"": ""} | {name: name for name in fixed}
    for graph in _graphs(model.graph):
        for value in (*graph.initializer, *graph.input, *graph.output, *graph.value_info):
            value.name = _known(short, value.name, numbers)
        for node in graph.node:
            node.name = ""
            for listed in (node.input, node.output):
                listed[:] = [_known(short, name, numbers) for name in listed]


def _known(short: dict[str, str], name: str, numbers: Iterator[str]) -> str:
    if name not in short:
        short[name] = next(numbers)
    return short[name]


def _numeral(number: int) -> str:
    digits = string.ascii_letters
    found = ""
    while True:
        number, last = divmod(number, len(digits))
        found = digits[last] + found
        if not number:
            return found


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _graphs(attribute.g)


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for each in _graphs(graph):
        yield from each.node
