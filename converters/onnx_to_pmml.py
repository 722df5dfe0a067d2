"""An ONNX graph as a PMML 4.4 document: its operators expanded, for one row, into expressions.

What a graph computes for a row of a fixed number of columns is so many sums, products and choices,
and PMML has functions for these. No Java takes part. Graphs that loop, or whose tensors have sizes
that depend on the values (nearest neighbours, text), have no such form.
"""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
import onnx
from onnx import numpy_helper

from bundle.arrays import Array
from bundle.errors import ConversionError
from bundle.pmml_fields import field_names, spelt
from bundle.signature import Output, Scalar, Signature
from converters.pmml.expressions import Node, Value, field
from converters.pmml.operators import OPERATORS, objects, tidy
from converters.pmml.writer import Writer

MAX_VALUES = 200_000
"""Values that one operator may make for a row."""
MOST_COMPUTED = 80_000
"""Numbers that an engine computes for a row; JPMML takes about a microsecond each."""
_DATATYPES = {"FP64": "double", "INT64": "integer", "BOOL": "boolean", "BYTES": "string"}


def onnx_to_pmml(content: bytes, signature: Signature) -> bytes:
    """UTF-8 XML of a float64 graph whose inputs and outputs are those of `signature`.

    Raises ConversionError naming the operator that has no form in PMML.
    """
    graph = onnx.load_from_string(content).graph
    tensors = _run(graph, _inputs(signature))
    outputs = {output.name: np.ravel(objects(tensors[output.name])) for output in signature.outputs}
    return _document(signature, outputs).encode()


def _inputs(signature: Signature) -> dict[str, Array]:
    """A tensor [1, columns] of each block: its fields."""
    found = {}
    for block in signature.inputs:
        kind: Any = "text" if block.datatype == "BYTES" else "number"
        found[block.name] = objects([[field(name, kind) for name in block.columns]])
    return found


def _run(graph: onnx.GraphProto, tensors: dict[str, Array]) -> dict[str, Array]:
    """Every tensor of the graph, by name."""
    known: dict[str, Any] = {each.name: _plain(each) for each in graph.initializer}
    known |= {"": None} | tensors
    _refuse_single(graph)
    for node in graph.node:
        attributes = {each.name: _attribute(each) for each in node.attribute}
        if node.op_type not in OPERATORS:
            raise _refusal(node, f"the operator {node.op_type}")
        try:
            found = OPERATORS[node.op_type]([known[name] for name in node.input], attributes)
        except (NotImplementedError, ValueError) as error:  # ValueError: a tensor without elements
            raise _refusal(node, str(error)) from error
        for name, tensor in zip(node.output, found, strict=False):
            if tensor.size > MAX_VALUES:
                raise _refusal(node, f"{tensor.size} values a row")
            known[name] = _named(tidy(tensor), name)
    return known


def _refuse_single(graph: onnx.GraphProto) -> None:
    """PMML counts in float64: a float32 may only be rounded to, and become a float64 again."""
    single = {node.output[0] for node in graph.node if _casts(node, onnx.TensorProto.FLOAT)}
    for node in graph.node:
        if single & set(node.input) and not _casts(node, onnx.TensorProto.DOUBLE):
            raise _refusal(node, "float32 arithmetic")


def _casts(node: onnx.NodeProto, to: int) -> bool:
    return node.op_type == "Cast" and any(a.name == "to" and a.i == to for a in node.attribute)


def _plain(tensor: onnx.TensorProto) -> Array:
    """An initializer; text as str."""
    values: Array = numpy_helper.to_array(tensor)
    if values.dtype != object:
        return values
    texts = [v.decode() if isinstance(v, bytes) else v for v in values.ravel()]
    return objects(np.array(texts, dtype=object)).reshape(values.shape)


def _attribute(attribute: onnx.AttributeProto) -> Any:
    value = onnx.helper.get_attribute_value(attribute)
    if isinstance(value, onnx.TensorProto):
        return numpy_helper.to_array(value).tolist()
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, list):
        return [each.decode() if isinstance(each, bytes) else each for each in value]
    return value


def _refusal(node: onnx.NodeProto, what: str) -> ConversionError:
    return ConversionError(
        f"PMML has no expression for {what} (in {node.output[0]})",
        where="PMML",
        mend="Use the ONNX of the bundle",
    )


def _named(tensor: Array, name: str) -> Array:
    """Let the nodes be called after the first tensor they stand in."""
    if tensor.dtype == object:
        wide = tensor.size > 1
        for place, value in enumerate(tensor.flat):
            if isinstance(value, Node) and not value.name:
                value.name = f"{name}[{place}]" if wide else name
    return tensor


def _document(signature: Signature, outputs: dict[str, Array]) -> str:
    columns = [
        (column.name, "text" if column.kind == "text" else "number") for column in signature.columns
    ]
    names = {output.name: field_names(output) for output in signature.outputs}
    taken = [name for name, _ in columns] + [name for each in names.values() for name in each]
    writer = Writer([value for each in outputs.values() for value in each], taken)
    if writer.computed > MOST_COMPUTED:
        raise ConversionError(
            f"PMML would compute {writer.computed:,} values a row, over {MOST_COMPUTED:,}",
            where="PMML",
            mend="Use the ONNX of the bundle, or a smaller model",
        )
    main = signature.outputs[0]
    target = _Target(main, names[main.name][0], outputs[main.name][0])
    fields = "".join(
        _output_field(output, name, writer.expression(value))
        for output in signature.outputs
        for name, value in zip(names[output.name], outputs[output.name], strict=True)
        if not (output is main and target.answers)
    )
    schema = "".join(f"<MiningField name={quoteattr(name)}/>" for name, _ in columns)
    model = target.model(writer, schema, f"<Output>{fields}</Output>" if fields else "")
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        '<PMML xmlns="http://www.dmg.org/PMML-4_4" version="4.4">\n<Header/>\n'
        f"<DataDictionary>{''.join(_data_field(*each) for each in columns)}{target.data_field}"
        "</DataDictionary>\n<TransformationDictionary>\n"
        + "\n".join([*writer.functions, *writer.derived])
        + f"\n</TransformationDictionary>\n{model}\n</PMML>\n"
    )


def _data_field(name: str, kind: str) -> str:
    types = 'categorical" dataType="string' if kind == "text" else 'continuous" dataType="double'
    return f'<DataField name={quoteattr(name)} optype="{types}"/>'


def _output_field(output: Output, name: str, expression: str) -> str:
    optype = "continuous" if output.datatype == "FP64" else "categorical"
    return (
        f'<OutputField name={quoteattr(name)} feature="transformedValue" optype="{optype}" '
        f'dataType="{_DATATYPES[output.datatype]}">{expression}</OutputField>'
    )


class _Target:
    """The model element: its own answer is the first output, where that is one value a row.

    A class is the score of the tree's leaf that stands for it; a number is a regression on itself.
    Else the model answers nothing of interest, and all are output fields.
    """

    def __init__(self, output: Output, name: str, value: Value) -> None:
        self._name, self._value, self._datatype = name, value, output.datatype
        self._classes = output.names if output.width is None else None
        self.answers = output.width is None and (bool(self._classes) or output.datatype == "FP64")

    @property
    def data_field(self) -> str:
        if not self.answers:
            return ""
        if self._classes is None:
            return _data_field(self._name, "number")
        values = "".join(f"<Value value={quoteattr(spelt(c))}/>" for c in self._classes)
        return (
            f'<DataField name={quoteattr(self._name)} optype="categorical" '
            f'dataType="{_DATATYPES[self._datatype]}">{values}</DataField>'
        )

    def model(self, writer: Writer, schema: str, outputs: str) -> str:
        """The model element."""
        if not self.answers:
            return _regression(schema, outputs, '<RegressionTable intercept="0.0"/>')
        schema = f'<MiningField name={quoteattr(self._name)} usageType="target"/>{schema}'
        if self._classes is not None:
            return _tree(schema, outputs, self._leaves(writer, self._classes))
        if not isinstance(self._value, Node):
            table = f'<RegressionTable intercept="{self._value!r}"/>'
        else:
            table = (
                '<RegressionTable intercept="0.0"><NumericPredictor '
                f'name={quoteattr(writer.reference(self._value))} coefficient="1.0"/>'
                "</RegressionTable>"
            )
        return _regression(schema, outputs, table)

    def _leaves(self, writer: Writer, classes: tuple[Scalar, ...]) -> str:
        if not isinstance(self._value, Node):
            return f"<Node score={quoteattr(spelt(self._value))}><True/></Node>"
        name = quoteattr(writer.reference(self._value))
        return "".join(
            f"<Node score={quoteattr(spelt(each))}>"
            f'<SimplePredicate field={name} operator="equal" value={quoteattr(spelt(each))}/>'
            "</Node>"
            for each in classes
        )


def _regression(schema: str, outputs: str, table: str) -> str:
    return (
        '<RegressionModel functionName="regression" normalizationMethod="none">'
        f"<MiningSchema>{schema}</MiningSchema>{outputs}{table}</RegressionModel>"
    )


def _tree(schema: str, outputs: str, leaves: str) -> str:
    return (
        '<TreeModel functionName="classification" splitCharacteristic="multiSplit">'
        f"<MiningSchema>{schema}</MiningSchema>{outputs}"
        f"<Node><True/>{leaves}</Node></TreeModel>"
    )
