"""The finished graph made small: what spox writes for readability of its own is folded away.

Constants become initializers and equal ones are shared; an Identity that only renames is dropped.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import onnx

from converters.graph.reshapes import flat_columns


def compact(model: onnx.ModelProto) -> None:
    """Change `model` in place; its function, inputs and outputs stay."""
    graph = model.graph
    _constants_to_initializers(graph)
    _drop_identities(graph)
    _share_initializers(graph)
    _drop_reshapes(model)


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
    _set_initializers(graph, kept)
    _rename(graph, renamed)


def _drop_reshapes(model: onnx.ModelProto) -> None:
    """And what only they took: the flat tensors between, and the shapes."""
    graph = model.graph
    same = flat_columns(model)
    _set_nodes(graph, [node for node in graph.node if node.output[0] not in same])
    _rename(graph, same)
    read = _read(graph)
    _set_nodes(graph, [n for n in graph.node if n.op_type != "Reshape" or n.output[0] in read])
    read = _read(graph)
    kept = [tensor for tensor in graph.initializer if tensor.name in read]
    _set_initializers(graph, kept)


def _read(graph: onnx.GraphProto) -> set[str]:
    """The names of the tensors that something takes, or that are outputs."""
    taken = {name for node in _nodes(graph) for name in node.input}
    return taken | {each.name for each in graph.output}


def _set_nodes(graph: onnx.GraphProto, nodes: list[onnx.NodeProto]) -> None:
    copies = [onnx.NodeProto.FromString(node.SerializeToString()) for node in nodes]
    del graph.node[:]
    graph.node.extend(copies)


def _set_initializers(graph: onnx.GraphProto, tensors: list[onnx.TensorProto]) -> None:
    copies = [onnx.TensorProto.FromString(tensor.SerializeToString()) for tensor in tensors]
    del graph.initializer[:]
    graph.initializer.extend(copies)


def _rename(graph: onnx.GraphProto, names: dict[str, str]) -> None:
    """Rename tensors where they are made and used, also inside loops and branches."""
    for node in _nodes(graph):
        for listed in (node.input, node.output):
            for position, name in enumerate(listed):
                if name in names:
                    listed[position] = names[name]


def shorten(model: onnx.ModelProto) -> None:
    """Call tensors after the operator that makes them, `Gemm1`, constants `c1`; nodes need none.

    Names are as unique as before, so that what loops and branches see stays what they saw.
    """
    fixed = [each.name for each in (*model.graph.input, *model.graph.output)]
    short: dict[str, str] = {"": ""} | {name: name for name in fixed}
    count: Counter[str] = Counter()

    def called(name: str, kind: str) -> str:
        while name not in short:
            count[kind] += 1
            new = f"{kind}{count[kind]}"
            if new not in fixed:
                short[name] = new
        return short[name]

    for graph in _graphs(model.graph):
        for value in (*graph.initializer, *graph.input, *graph.output, *graph.value_info):
            value.name = called(value.name, "c")
        for node in graph.node:
            node.name = ""
            node.input[:] = [called(name, "c") for name in node.input]
            node.output[:] = [called(name, node.op_type) for name in node.output]


def _graphs(graph: onnx.GraphProto) -> Iterator[onnx.GraphProto]:
    yield graph
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.GRAPH:
                yield from _graphs(attribute.g)


def _nodes(graph: onnx.GraphProto) -> Iterator[onnx.NodeProto]:
    for each in _graphs(graph):
        yield from each.node
