"""What a graph tells before it runs: its operators, and how much a row may become in it.

onnxruntime computes Exp, Log, Tanh, Sigmoid and Softmax of doubles in packets of several elements
and the last few one by one, by another formula: the bits of a row depend on where in the batch it
stands. docs/decisions/0010-gathering.md has the measurements.
"""

from __future__ import annotations

from collections.abc import Iterator

# Trees are summed row by row, in their order, by one thread; the rest moves, compares or rounds
# each element by itself, as IEEE 754 prescribes. Gemm, MatMul and sums over columns are not here:
# their order is the machine's affair.
ROW_WISE = frozenset(
    {
        *("TreeEnsemble", "TreeEnsembleClassifier", "TreeEnsembleRegressor"),
        *("Add", "Sub", "Mul", "Div", "Neg", "Abs", "Sqrt", "Sign", "Floor", "Ceil", "Cast"),
        *("Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "IsNaN", "IsInf"),
        *("And", "Or", "Not", "Xor", "Where", "ArgMax", "ArgMin", "Constant"),
        *("Identity", "Concat", "Gather", "GatherElements", "Reshape", "Squeeze", "Unsqueeze"),
        *("Flatten", "Slice", "Split", "Expand", "Shape", "ConstantOfShape", "Transpose"),
        *("LabelEncoder", "StringConcat", "ArrayFeatureExtractor"),
    }
)
_STANDARD = ("", "ai.onnx", "ai.onnx.ml")

# Numbers of fields in onnx.proto: github.com/onnx/onnx, onnx/onnx.proto.
_GRAPH, _FUNCTIONS = 7, 25  # of ModelProto
_NODE, _INITIALIZER = 1, 5  # of GraphProto
_DIMS = 1  # of TensorProto
_OP_TYPE, _DOMAIN = 4, 7  # of NodeProto


def not_row_wise(model: bytes) -> list[str]:
    """The operators of the graph that may answer a row otherwise beside others; sorted.

    What it cannot judge counts among them: functions, operators with graphs of their own (If,
    Loop, Scan), other domains.
    """
    return sorted(set(_operators(model)) - ROW_WISE)


def graph_width(model: bytes) -> int:
    """About how many numbers a row becomes, all that it is multiplied with or compared to.

    The largest dimension of each stored tensor: weights, categories, vectors, leaves.
    """
    total = 0
    for graph in _of(memoryview(model), _GRAPH):
        for tensor in _of(graph, _INITIALIZER):
            dims = (each for field, each in _fields(tensor) if field == _DIMS)
            total += max((each for each in dims if isinstance(each, int)), default=0)
    return total


def _operators(model: bytes) -> Iterator[str]:
    whole = memoryview(model)
    for _ in _of(whole, _FUNCTIONS):
        yield "functions"
    for graph in _of(whole, _GRAPH):
        for node in _of(graph, _NODE):
            yield _named(node)


def _named(node: memoryview) -> str:
    domain = b"".join(_of(node, _DOMAIN)).decode()
    name = b"".join(_of(node, _OP_TYPE)).decode()
    return name if domain in _STANDARD else f"{domain}.{name}"


def _of(message: memoryview, wanted: int) -> Iterator[memoryview]:
    """The fields of this number, which have a length."""
    for field, content in _fields(message):
        if field == wanted and isinstance(content, memoryview):
            yield content


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview | int]]:
    """The fields of a protobuf message: those with a length, and numbers of variable length.

    Those of a fixed length are passed over. onnxruntime has read it before. Source:
    protobuf.dev/programming-guides/encoding.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            number, at = _varint(message, at)
            yield key >> 3, number
        elif kind == 2:
            length, at = _varint(message, at)
            yield key >> 3, message[at : at + length]
            at += length
        else:  # fixed64 and fixed32; groups are not in onnx.proto
            at += 8 if kind == 1 else 4


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
