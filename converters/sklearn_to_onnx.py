"""A fitted scikit-learn model to ONNX: float64, self-contained, standard domains."""

from __future__ import annotations

import warnings
from typing import Any, Literal

import msgspec
import numpy as np
import onnx
import spox
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.errors import ConversionError
from bundle.signature import Block, Output, Signature
from converters.fusions import keep_double
from converters.graph.answers import Answers, flat
from converters.graph.compact import compact, shorten
from converters.graph.single import to_single
from converters.graph.steps import answer
from converters.graph.table import Ref, Table
from converters.graph.term_counts import is_by_operator
from converters.original import method_of

Precision = Literal["float64", "float32"]


def sklearn_to_onnx(model: Any, signature: Signature, *, name: str, single: bool = False) -> bytes:
    """Build model.onnx for `model`; inputs and outputs are named as in the signature.

    `single`: compute in float32, too, where the inputs are; else in float64 whatever they are.
    Raises ConversionError naming the step that has no exact form.
    """
    arguments = inputs_of(signature)
    table = table_of(signature, arguments)
    with warnings.catch_warnings():
        # spox warns where it cannot infer a shape of the ml domain; the checker decides below.
        warnings.simplefilter("ignore")
        answers = answer(model, table, where="model")
        outputs = {out.name: _output(answers, out) for out in signature.outputs}
        graph = spox.build(arguments, outputs)
    if single:
        to_single(graph)
    compact(graph)
    _declare(graph, signature)
    _describe(graph, signature, name)
    keep_double(graph.graph)
    shorten(graph)
    # The checker crashes on shapes that come from an operator that it does not know.
    onnx.checker.check_model(graph, full_check=not is_by_operator())
    return graph.SerializeToString(deterministic=True)  # type: ignore[no-any-return]


def with_precision(signature: Signature, precision: Precision) -> Signature:
    """Give the signature's number blocks the datatype of `precision`."""
    if precision == "float64":
        return signature
    inputs = tuple(
        msgspec.structs.replace(block, datatype="FP32") if block.datatype == "FP64" else block
        for block in signature.inputs
    )
    return msgspec.structs.replace(signature, inputs=inputs)


def _type(block: Block) -> spox.Tensor:
    dtype = {"FP64": np.float64, "FP32": np.float32, "BYTES": np.str_}[block.datatype]
    return spox.Tensor(dtype, ("rows", len(block.columns)))


def inputs_of(signature: Signature) -> dict[str, Var]:
    """The inputs of the graph, by name."""
    return {block.name: spox.argument(_type(block)) for block in signature.inputs}


def table_of(signature: Signature, arguments: dict[str, Var]) -> Table:
    """The columns of the inputs, in training's order."""
    refs = {}
    for block in signature.inputs:
        var = arguments[block.name]
        if block.datatype == "FP32":
            var = op.cast(var, to=np.float64)
        for position, column in enumerate(block.columns):
            text = block.datatype == "BYTES"
            refs[column] = Ref(var, position, len(block.columns), text, column)
    return Table(tuple(refs[column.name] for column in signature.columns))


def _output(answers: Answers, output: Output) -> Var:
    """The tensor behind an output of the signature."""
    method, target = method_of(output.name)
    found = getattr(answers, method)
    if isinstance(found, Table):
        wanted = output.datatype == "BYTES"
        found = found.take([i for i, text in enumerate(found.text) if text == wanted])
        found = found.matrix() if output.width is not None else flat(found.matrix())
    if target is not None and isinstance(found, tuple):
        found = found[target]
    if found is None:
        raise ConversionError(
            f"the converter does not give the method `{method}`",
            where="model",
            mend="Convert without this method",
        )
    return op.identity(found)  # two outputs may be one tensor, and an input one


def _declare(graph: onnx.ModelProto, signature: Signature) -> None:
    """Say the shape of every output: [rows], or [rows, width]; inference loses some."""
    widths = {output.name: output.width for output in signature.outputs}
    for value in graph.graph.output:
        width = widths[value.name]
        shape = ["rows"] if width is None else ["rows", width]
        declared = onnx.helper.make_tensor_type_proto(value.type.tensor_type.elem_type, shape)
        value.type.CopyFrom(declared)


def _describe(graph: onnx.ModelProto, signature: Signature, name: str) -> None:
    """Put into the file's own metadata what it takes to use the .onnx alone.

    `columns`: the column names of each input; `order`: all columns as in training, where inputs
    are of both types; `categories`: the values known of a column; `outputs`: the classes or feature
    names of each output.
    """
    graph.producer_name = "isomorph"
    graph.graph.name = name
    described = {
        "columns": {block.name: block.columns for block in signature.inputs},
        "order": [c.name for c in signature.columns] if len(signature.inputs) > 1 else None,
        "categories": {c.name: c.categories for c in signature.columns if c.categories},
        "outputs": {output.name: output.names for output in signature.outputs},
    }
    onnx.helper.set_model_props(
        graph,
        {
            f"isomorph.{key}": msgspec.json.encode(value).decode()
            for key, value in described.items()
            if value
        },
    )
