"""Which operators a graph holds, and whether its answers keep their bits beside other rows.

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
_NODE = 1  # of GraphProto
_OP_TYPE, _DOMAIN = 4, 7  # of NodeProto


def not_row_wise(model: bytes) -> list[str]:
    """The operators of the graph that may answer a row otherwise beside others; sorted.

    What it cannot judge counts among them: functions, operators with graphs of their own (If,
    Loop, Scan), other domains.
    """
    return sorted(set(_operators(model)) - ROW_WISE)


def _operators(model: bytes) -> Iterator[str]:
    for field, content in _fields(memoryview(model)):
        if field == _FUNCTIONS:
            yield "functions"
        elif field == _GRAPH:
            for inner, node in _fields(content):
                if inner == _NODE:
                    yield _named(node)


def _named(node: memoryview) -> str:
    found = {field: bytes(each) for field, each in _fields(node) if field in (_OP_TYPE, _DOMAIN)}
    domain = found.get(_DOMAIN, b"").decode()
    name = found.get(_OP_TYPE, b"").decode()
    return name if domain in _STANDARD else f"{domain}.{name}"


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The fields of a protobuf message that have a length; onnxruntime has read it before.

    Source: protobuf.dev/programming-guides/encoding.
    """
    at = 0
    while at < len(message):
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            _, at = _varint(message, at)
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
