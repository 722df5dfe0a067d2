"""What a graph may hold, read off the bytes of model.onnx before onnxruntime sees them.

onnxruntime resolves external data against the working directory when it loads from bytes, and
takes whatever domains it was built with. A small reader of the protobuf wire format says no to
both, in every subgraph and sparse tensor, without the onnx package that serving does not have.
The numbers of the fields are those of onnx.proto.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from bundle.errors import BundleError

DOMAINS = ("", "ai.onnx", "ai.onnx.ml")
MAX_DEPTH = 32  # of graphs within graphs; converters need three

_VARINT, _EIGHT, _BYTES, _FOUR = 0, 1, 2, 5

# Message: the fields that hold another message of these rules.
_INSIDE = {
    "model": {7: "graph", 8: "opset"},
    "graph": {1: "node", 5: "tensor", 15: "sparse"},
    "node": {5: "attribute"},
    "attribute": {5: "tensor", 6: "graph", 10: "tensor", 11: "graph", 22: "sparse", 23: "sparse"},
    "sparse": {1: "tensor", 2: "tensor"},
    "tensor": {},
    "opset": {},
}
# Message and field: why it must not be there.
_NEVER = {
    ("model", 20): "the graph has training information",
    ("model", 25): "the graph has functions of its own",
    ("tensor", 13): "a tensor lies outside the file (external data)",
}
_DOMAIN = {"node": 7, "opset": 1}
_DATA_LOCATION = 14

# Numbers of a large tree stand one by one, each with its tag: millions are passed over at once.
_RUNS = {
    0x3D: re.compile(rb"(?:\x3d.{4})++", re.DOTALL),
    0x40: re.compile(rb"(?:\x40[\x80-\xff]{0,9}+[\x00-\x7f])++"),
}


def check_onnx(content: bytes) -> None:
    """Raise BundleError where the graph is not self-contained, or not of the standard domains."""
    if content[4:8] == b"ORTM":
        raise BundleError("this is onnxruntime's own format, not ONNX")
    _check(content, "model", 0, len(content), 0)


def _check(content: bytes, kind: str, start: int, end: int, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise BundleError(f"graphs stand in each other over {MAX_DEPTH} deep")
    inside = _INSIDE[kind]
    for field, wire, value, stop in _fields(content, start, end):
        if (kind, field) in _NEVER:
            raise BundleError(_NEVER[kind, field])
        if kind == "tensor" and field == _DATA_LOCATION and value & 0xFFFFFFFF:
            raise BundleError(_NEVER["tensor", 13])
        if wire != _BYTES:
            continue
        if field in inside:
            _check(content, inside[field], value, stop, depth + (inside[field] == "graph"))
        elif field == _DOMAIN.get(kind):
            _check_domain(content[value:stop])


def _check_domain(domain: bytes) -> None:
    if domain.decode("latin-1") not in DOMAINS:
        raise BundleError("the graph has operators that are not ONNX's own (another domain)")


def _fields(content: bytes, at: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """Field, wire type, and its value, or where it starts and ends. Raises BundleError."""
    while at < end:
        run = _RUNS.get(content[at])
        if run is not None and (found := run.match(content, at, end)):
            at = found.end()
            continue
        tag, at = _varint(content, at, end, 5)
        field, wire = tag >> 3, tag & 7
        value, stop = at, at
        if wire == _VARINT:
            value, stop = _varint(content, at, end, 10)
        elif wire == _BYTES:
            length, value = _varint(content, at, end, 5)
            stop = value + length
        elif wire in (_EIGHT, _FOUR):
            stop = at + (8 if wire == _EIGHT else 4)
        else:
            raise BundleError("the graph is cut short, or not ONNX")
        if stop > end or field == 0:
            raise BundleError("the graph is cut short, or not ONNX")
        yield field, wire, value, stop
        at = stop


def _varint(content: bytes, at: int, end: int, longest: int) -> tuple[int, int]:
    value = 0
    for place in range(longest):
        if at >= end:
            break
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value, at
    raise BundleError("the graph is cut short, or not ONNX")
