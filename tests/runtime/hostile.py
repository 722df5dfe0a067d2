"""Bundles of the prices model whose graph, hashes or golden rows are meant to do harm."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from onnx import GraphProto, ModelProto, TensorProto, helper, numpy_helper
from tiny_bundles import prices_onnx, rehash, write_prices

DOUBLE = TensorProto.DOUBLE

YES = numpy_helper.from_array(np.array([True]).reshape(()), "yes")


def write_hostile(root: Path, version: int, onnx: bytes) -> Path:
    """artifacts/prices/<version>, whose manifest agrees with the graph."""
    place = write_prices(root, version=version).path
    (place / "model.onnx").write_bytes(onnx)
    rehash(place)
    return place


def model(nodes: list[Any], constants: list[Any] = (), **more: Any) -> ModelProto:  # type: ignore[assignment]
    """X [n, 3] to prediction [n]."""
    graph = helper.make_graph(
        nodes,
        "hostile",
        [helper.make_tensor_value_info("X", DOUBLE, ["n", 3])],
        [helper.make_tensor_value_info("prediction", DOUBLE, ["n"])],
        list(constants),
    )
    opsets = more.pop("opsets", [helper.make_opsetid("", 19)])
    return helper.make_model(graph, opset_imports=opsets, ir_version=9, **more)


def tensor(values: Any, name: str, kind: Any = np.int64) -> TensorProto:
    """A constant."""
    return numpy_helper.from_array(np.array(values, kind), name)


def external(name: str, location: str) -> TensorProto:
    """Three weights that lie in a file beside, or somewhere else."""
    found = TensorProto(name=name, data_type=DOUBLE, dims=[3])
    found.data_location = TensorProto.EXTERNAL
    found.external_data.add(key="location", value=location)
    return found


def _branch(constants: list[Any], sparse: Any = None) -> GraphProto:
    node = helper.make_node("MatMul", ["X", "w"], ["out"])
    found = helper.make_graph(
        [node], "branch", [], [helper.make_tensor_value_info("out", DOUBLE, ["n"])], constants
    )
    if sparse is not None:
        found.sparse_initializer.append(sparse)
    return found


def _conditional(graph: GraphProto) -> bytes:
    node = helper.make_node("If", ["yes"], ["prediction"], then_branch=graph, else_branch=graph)
    return model([node], [YES]).SerializeToString()


def _external(location: str) -> bytes:
    product = helper.make_node("MatMul", ["X", "w"], ["prediction"])
    return model([product], [external("w", location)]).SerializeToString()


def _external_in_a_subgraph() -> bytes:
    return _conditional(_branch([external("w", "weights.bin")]))


def _external_attribute() -> bytes:
    nodes = [
        helper.make_node("Constant", [], ["w"], value=external("w", "weights.bin")),
        helper.make_node("MatMul", ["X", "w"], ["prediction"]),
    ]
    return model(nodes).SerializeToString()


def _external_sparse() -> bytes:
    indices = tensor([0, 1, 2], "i")
    sparse = helper.make_sparse_tensor(external("w", "weights.bin"), indices, [3])
    return _conditional(_branch([], sparse))


def _unsaid_external() -> bytes:
    """The data's place alone, without saying that it is outside."""
    weights = external("w", "weights.bin")
    weights.ClearField("data_location")
    product = helper.make_node("MatMul", ["X", "w"], ["prediction"])
    return model([product], [weights]).SerializeToString()


def _function(domain: str, opsets: list[Any]) -> bytes:
    body = helper.make_node("MatMul", ["x", "w"], ["y"])
    constant = helper.make_node("Constant", [], ["w"], value=external("w", "weights.bin"))
    function = helper.make_function(
        domain, "f", ["x"], ["y"], [constant, body], [helper.make_opsetid("", 19)]
    )
    call = helper.make_node("f", ["X"], ["prediction"], domain=domain)
    return model([call], opsets=opsets, functions=[function]).SerializeToString()


def _functions() -> bytes:
    return _function("mine", [helper.make_opsetid("", 19), helper.make_opsetid("mine", 1)])


def _foreign(domain: str, operator: str) -> bytes:
    opsets = [helper.make_opsetid("", 19), helper.make_opsetid(domain, 1)]
    node = helper.make_node(operator, ["X"], ["prediction"], domain=domain)
    return model([node], opsets=opsets).SerializeToString()


def _fills(size: list[int]) -> bytes:
    """A few bytes that ask for gigabytes when they run."""
    nodes = [
        helper.make_node(
            "ConstantOfShape", ["size"], ["all"], value=tensor([1.0], "v", np.float64)
        ),
        helper.make_node("ReduceSum", ["all"], ["sum"], keepdims=0),
        helper.make_node("MatMul", ["X", "w"], ["product"]),
        helper.make_node("Add", ["product", "sum"], ["prediction"]),
    ]
    constants = [tensor(size, "size"), tensor([1, 2, 4], "w", np.float64)]
    return model(nodes, constants).SerializeToString()


def _gathers() -> bytes:
    """Indices that grow with what the rows say: constant folding cannot see it."""
    nodes = [
        helper.make_node("Shape", ["X"], ["shape"]),
        helper.make_node("Mul", ["shape", "many"], ["size"]),
        helper.make_node("ConstantOfShape", ["size"], ["indices"], value=tensor([0], "v")),
        helper.make_node("Gather", ["X", "indices"], ["copies"], axis=0),
        helper.make_node("ReduceSum", ["copies"], ["sum"], keepdims=0),
        helper.make_node("MatMul", ["X", "w"], ["product"]),
        helper.make_node("Add", ["product", "sum"], ["prediction"]),
    ]
    constants = [tensor([1 << 16, 1 << 15], "many"), tensor([1, 2, 4], "w", np.float64)]
    return model(nodes, constants).SerializeToString()


def endless() -> bytes:
    """A loop of 2^62 rounds."""
    body = helper.make_graph(
        [
            helper.make_node("Identity", ["going"], ["on"]),
            helper.make_node("Add", ["sum", "sum"], ["twice"]),
        ],
        "body",
        [
            helper.make_tensor_value_info("i", TensorProto.INT64, []),
            helper.make_tensor_value_info("going", TensorProto.BOOL, []),
            helper.make_tensor_value_info("sum", DOUBLE, ["n"]),
        ],
        [
            helper.make_tensor_value_info("on", TensorProto.BOOL, []),
            helper.make_tensor_value_info("twice", DOUBLE, ["n"]),
        ],
    )
    nodes = [
        helper.make_node("MatMul", ["X", "w"], ["first"]),
        helper.make_node("Loop", ["rounds", "yes", "first"], ["prediction"], body=body),
    ]
    constants = [tensor(1 << 62, "rounds"), YES]
    return model(nodes, [*constants, tensor([1, 2, 4], "w", np.float64)]).SerializeToString()


def _deep(levels: int) -> bytes:
    found = _branch([tensor([1, 2, 4], "w", np.float64)])
    for _ in range(levels):
        yes = helper.make_node("Constant", [], ["yes"], value=YES)
        node = helper.make_node("If", ["yes"], ["out"], then_branch=found, else_branch=found)
        out = helper.make_tensor_value_info("out", DOUBLE, ["n"])
        found = GraphProto(node=[yes, node], name="g", output=[out])
        if found.ByteSize() > 10**6:
            break
    return _conditional(found)


def _chain(length: int) -> bytes:
    """Nodes one after the other, which a recursive reader would follow with its stack."""
    nodes = [helper.make_node("MatMul", ["X", "w"], ["0"])]
    nodes += [helper.make_node("Neg", [str(i)], [str(i + 1)]) for i in range(length)]
    nodes += [helper.make_node("Identity", [str(length)], ["prediction"])]
    return model(nodes, [tensor([9, 2, 4], "w", np.float64)]).SerializeToString()


def nested_bytes(levels: int) -> bytes:
    """Graphs in attributes in nodes in graphs, thousands deep, written without onnx."""
    found = b""
    for _ in range(levels):
        found = _field(1, _field(5, _field(6, found)))
    return b"\x08\x09" + _field(7, found)


def _field(number: int, content: bytes) -> bytes:
    size, length = len(content), b""
    while True:
        size, low = size >> 7, size & 0x7F
        length += bytes([low | (0x80 if size else 0)])
        if not size:
            return bytes([number << 3 | 2]) + length + content


def _huge_constant() -> bytes:
    weights = TensorProto(name="w", data_type=DOUBLE, dims=[1 << 40, 3], raw_data=b"\0" * 24)
    product = helper.make_node("MatMul", ["X", "w"], ["prediction"])
    return model([product], [weights]).SerializeToString()


def _trees() -> bytes:
    """A tree whose branches lead back to its root."""
    common: dict[str, Any] = {
        "nodes_treeids": [0, 0],
        "nodes_nodeids": [0, 1],
        "nodes_featureids": [0, 0],
        "nodes_modes": ["BRANCH_LEQ", "BRANCH_LEQ"],
        "nodes_truenodeids": [1, 0],
        "nodes_falsenodeids": [1, 0],
        "target_treeids": [0],
        "target_nodeids": [1],
        "target_ids": [0],
        "n_targets": 1,
    }
    node = helper.make_node(
        "TreeEnsembleRegressor",
        ["X"],
        ["p"],
        domain="ai.onnx.ml",
        nodes_values_as_tensor=tensor([0, 0], "v", np.float64),
        target_weights_as_tensor=tensor([1], "t", np.float64),
        **common,
    )
    double = helper.make_node("Cast", ["p"], ["d"], to=DOUBLE)
    back = helper.make_node("Reshape", ["d", "flat"], ["prediction"])
    opsets = [helper.make_opsetid("", 19), helper.make_opsetid("ai.onnx.ml", 3)]
    return model([node, double, back], [tensor([-1], "flat")], opsets=opsets).SerializeToString()


GRAPHS: dict[str, tuple[Callable[[], bytes], str]] = {
    "external": (lambda: _external("weights.bin"), "external data"),
    "external, absolute": (lambda: _external("/etc/passwd"), "external data"),
    "external, above": (lambda: _external("../golden.json"), "external data"),
    "external in a subgraph": (_external_in_a_subgraph, "external data"),
    "external in an attribute": (_external_attribute, "external data"),
    "external in a sparse tensor": (_external_sparse, "external data"),
    "external, unsaid": (_unsaid_external, "external data"),
    "functions": (_functions, "another domain"),
    "functions of ONNX's domain": (
        lambda: _function("ai.onnx.ml", [helper.make_opsetid("", 19)]),
        "functions of its own",
    ),
    "contributed operators": (lambda: _foreign("com.microsoft", "Gelu"), "another domain"),
    "custom operators": (lambda: _foreign("mine", "Op"), "another domain"),
    "64 GiB": (lambda: _fills([1 << 33]), "bad_alloc"),
    "8 EiB": (lambda: _fills([1 << 60]), "bad_alloc"),
    "gathers": (_gathers, "bad_alloc"),
    "endless": (endless, "without an end"),
    "deep": (lambda: _deep(12), "without an end|bad_alloc"),  # the limit that comes first
    "deeper": (lambda: nested_bytes(50), "deep"),
    "deepest": (lambda: nested_bytes(5000), "deep"),
    "a long chain": (lambda: _chain(2000), "row 0"),
    "a huge constant": (_huge_constant, "cannot load it"),
    "a tree that is a circle": (_trees, "must always be the next node"),
    "nothing": (lambda: b"", "cannot load it"),
    "its own format": (lambda: b"\x18\0\0\0ORTM" + b"\0" * 99, "own format"),
    "half": (lambda: prices_onnx()[: len(prices_onnx()) // 2], "cut short"),
}
"""By name: the graph, and what the reason must hold."""


def linked(place: Path) -> None:
    """model.onnx as a symbolic link."""
    outside = place.parent.parent / f".outside-{place.name}"
    (place / "model.onnx").rename(outside)
    (place / "model.onnx").symlink_to(outside)


def hard_linked(place: Path) -> None:
    """model.onnx with a second name."""
    os.link(place / "model.onnx", place.parent.parent / f".second-{place.name}")


def pipe(place: Path) -> None:
    """model.onnx as a pipe that nobody writes to."""
    (place / "model.onnx").unlink()
    os.mkfifo(place / "model.onnx")
