"""What SageMaker adds to /invocations: its bodies, its headers, what it asks a container.

Source: the Amazon SageMaker developer guide, "Use Your Own Inference Code" and "Common Data
Formats for Inference"; botocore's model of the service sagemaker-runtime.
"""

from __future__ import annotations

import math
import os
import re
from typing import Any

import msgspec
import numpy as np

from bundle.arrays import Array, Arrays
from bundle.errors import InputError
from bundle.rows import to_arrays
from bundle.signature import Signature
from runtime import strict
from runtime.door import Call, Reply
from runtime.errors import MalformedError
from runtime.repository import Ready
from runtime.rows import column_of, from_json
from runtime.strict import Record

LINES = "application/jsonlines"
NPY = "application/x-npy"
ALL_TRAFFIC = "AllTraffic"  # how SageMaker calls the variant when nobody named one
MEGABYTE = 2**20
MOST_MEGABYTES = 100  # SageMaker takes no larger payload

_TARGETS = (b"x-amzn-sagemaker-target-model", b"x-amzn-sagemaker-target-variant")
_HEADER = re.compile(rb"\x93NUMPY(?:\x01\x00(?P<short>..)|\x02\x00(?P<long>....))", re.DOTALL)
_DTYPE = re.compile(rb"'descr': *'([<>|=]?[biufUS][0-9]{1,9})'")
_SHAPE = re.compile(rb"'shape': *\(([0-9]{1,18}), *([0-9]{1,18}),? *\)")
_ORDER = re.compile(rb"'fortran_order': *(True|False)")


def target(call: Call) -> Ready:
    """The version meant: by the address, Target-Model, Target-Variant. Raises UnknownModelError.

    A variant is a version by its number, or a label.
    """
    if call.headers.keys().isdisjoint(_TARGETS):
        return call.ready()
    name = call.header(b"x-amzn-sagemaker-target-model").lstrip("/").removesuffix(".tar.gz")
    variant = call.header(b"x-amzn-sagemaker-target-variant")
    if variant and variant != ALL_TRAFFIC:
        call.params = {**call.params, "version" if variant.isdecimal() else "label": variant}
    return call.ready(name or None)


def headers(found: Ready) -> tuple[tuple[str, str], ...]:
    """What the SDK reads beside the body: which version answered."""
    return (("x-Amzn-Invoked-Production-Variant", str(found.version)),)


def asked_outputs(call: Call) -> list[str] | None:
    """`outputs=label,probabilities` in Custom-Attributes; other attributes mean nothing here."""
    if b"x-amzn-sagemaker-custom-attributes" not in call.headers:
        return None
    text = call.header(b"x-amzn-sagemaker-custom-attributes").strip()
    names = text.removeprefix("outputs=").split(",") if text.startswith("outputs=") else []
    return [name.strip() for name in names] or None


def execution_parameters(call: Call) -> Reply:
    """How batch transform should send: whole batches, up to what a body may hold."""
    most = call.settings.max_body // MEGABYTE
    content = {
        "MaxConcurrentTransforms": os.cpu_count() or 1,
        "BatchStrategy": "MULTI_RECORD",
        "MaxPayloadInMB": max(1, min(most, MOST_MEGABYTES)),
    }
    return Reply(msgspec.json.encode(content))


def row(signature: Signature, value: Any, number: int) -> Any:
    """A row as a record or a list, whichever of SageMaker's spellings it has."""
    if isinstance(value, Record):
        features = _features(value)
        return value if features is None else _listed(signature, features, number)
    # Of a single column, TensorFlow Serving's clients send the values alone.
    return value if isinstance(value, list) or len(signature.columns) > 1 else [value]


def read_lines(signature: Signature, body: bytes) -> Arrays:
    """A row in each line. Raises InputError."""
    lines = body.removesuffix(b"\n").split(b"\n") if body.strip() else []
    rows = [row(signature, _line(line, i), i) for i, line in enumerate(lines)]
    return from_json(signature, rows, lists=True)


def read_npy(signature: Signature, body: bytes) -> Arrays:
    """A matrix in NumPy's format. Raises InputError.

    Read here by hand: NumPy allocates what the header claims and evaluates the header's text.
    """
    matrix = _matrix(body)
    names = list(signature.by_name)
    if matrix.shape[1] != len(names):
        raise InputError(
            f"the array has {matrix.shape[1]} columns", mend=f"Send shape [rows, {len(names)}]"
        )
    return to_arrays(signature, {name: matrix[:, i] for i, name in enumerate(names)})


def _features(value: Record) -> Any:
    """What {"features": ..} or {"data": {"features": ..}} hold; None where it is neither."""
    data = value.get("data")
    inner = data if value.keys() == {"data"} and isinstance(data, Record) else value
    found = inner.get("features") if inner.keys() == {"features"} else None
    return found if isinstance(found, list | Record) else None


def _listed(signature: Signature, features: Any, number: int) -> list[Any]:
    if isinstance(features, list):
        return features
    values = features.get("values")
    known = features.keys() <= {"values", "keys", "shape"} and features.repeated is None
    if not isinstance(values, list) or not known:
        raise InputError(
            "the features are not values, or keys, shape and values", row=number, mend="Send these"
        )
    if features.keys() == {"values"}:
        return values
    return _dense(signature, features.get("keys"), values, number)


def _dense(signature: Signature, keys: Any, values: list[Any], number: int) -> list[Any]:
    """A sparse row: what it does not name is zero, so its columns must be numbers."""
    width = len(signature.columns)
    fits = isinstance(keys, list) and len(keys) == len(values) == len(set(map(repr, keys)))
    if not fits or not all(type(key) is int and 0 <= key < width for key in keys):
        raise InputError(
            "the sparse features have keys that do not fit",
            row=number,
            mend=f"Send as many keys as values, each once, from 0 to {width - 1}",
        )
    if any(column.kind == "text" for column in signature.columns):
        raise InputError("the model takes text", row=number, mend="Send dense features")
    dense: list[Any] = [0] * width
    for key, value in zip(keys, values, strict=True):
        dense[key] = value
    return dense


def _line(line: bytes, number: int) -> Any:
    try:
        return strict.loads(line, nan=True)
    except MalformedError as error:
        raise MalformedError(error.fault, row=number, mend="Send one JSON value a line") from error


def _matrix(body: bytes) -> Array:
    begun = _HEADER.match(body)
    if begun is None:
        raise MalformedError("the body is not an array of NumPy", mend="Send numpy.save's bytes")
    start = begun.end() + int.from_bytes(begun["short"] or begun["long"], "little")
    header = body[begun.end() : start]
    dtype, shape, order = _DTYPE.search(header), _SHAPE.search(header), _ORDER.search(header)
    if dtype is None or shape is None or order is None:
        raise MalformedError(
            "the array is not a matrix of numbers or text",
            mend="Send shape [rows, columns] and no objects",
        )
    kind = _dtype(dtype[1].decode())
    rows, columns = int(shape[1]), int(shape[2])
    if math.prod((rows, columns, kind.itemsize)) != len(body) - start or kind.itemsize == 0:
        raise MalformedError("the array is not as long as its header says")
    flat = np.frombuffer(body, kind, offset=start)
    return _texts(flat).reshape((rows, columns), order="F" if order[1] == b"True" else "C")


def _dtype(text: str) -> np.dtype[Any]:
    try:
        return np.dtype(text)
    except TypeError as error:
        raise MalformedError("the array's numbers have a size that is none") from error


def _texts(flat: Array) -> Array:
    if flat.dtype.kind not in "US":
        return flat
    try:
        return column_of(
            np.char.decode(flat, "utf-8").tolist() if flat.dtype.kind == "S" else flat.tolist()
        )
    except (UnicodeDecodeError, ValueError) as error:
        raise MalformedError("the array's text is not Unicode") from error
