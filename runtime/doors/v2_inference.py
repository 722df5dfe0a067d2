"""V2 inference: tensors in, as JSON, as bytes behind the JSON, or raw; tensors out.

A model takes its blocks by the names that the metadata says, or each of its columns as a tensor
of its own by the column's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import msgspec
import numpy as np

from bundle.arrays import Array
from bundle.errors import InputError
from bundle.signature import Signature
from runtime.answers import check_finite
from runtime.binary_tensors import DTYPES, one_text, to_bytes
from runtime.classification import classified
from runtime.door import Asked, Call, Reply
from runtime.doors.v2_request import (
    BINARY,
    HEADER,
    JSON,
    Wish,
    blobs_of,
    json_length,
    parsed,
    reserved,
    wishes_of,
)
from runtime.repository import Ready
from runtime.tensors import InputTensor, to_columns, to_json


def infer(call: Call) -> Asked:
    """Rows in any of the three forms. Raises InputError, UnsupportedError."""
    found = call.ready()
    signature = found.bundle.signature
    length = json_length(call)
    if length == 0:
        rows = _raw(signature, call.body)
        return Asked(found, rows, partial(_said, found, None, {}, BINARY))
    asked = parsed(call.body if length is None else call.body[:length])
    told = reserved(asked.parameters)
    if told.timeout:
        call.bounds.shorten(told.timeout / 1e6)
    default = BINARY if told.binary_data_output else JSON
    wishes = wishes_of(asked.outputs or (), default)
    tail = memoryview(b"") if length is None else memoryview(call.body)[length:]
    blobs = blobs_of(asked.inputs, tail)
    rows = _blocks(signature, asked.inputs, blobs)
    reply = partial(_said, found, asked.id, wishes, default)
    return Asked(found, rows, reply, list(wishes) or None)


def _blocks(
    signature: Signature, tensors: Sequence[InputTensor], blobs: Sequence[memoryview | None]
) -> dict[str, Array]:
    given = {tensor.name: (tensor, blob) for tensor, blob in zip(tensors, blobs, strict=True)}
    if len(given) == len(tensors):
        blocks = signature.in_blocks
        if given.keys() == blocks.keys():
            return {
                name: to_columns(given[name][0], columns, given[name][1])
                for name, columns in blocks.items()
            }
        if given.keys() == signature.by_name.keys():
            return _joined(signature, given)
    names = ", ".join(block.name for block in signature.inputs)
    raise InputError(
        "the inputs are not the model's",
        mend=f"Send each block once ({names}), or each column by its name",
    )


def _joined(
    signature: Signature, given: dict[str, tuple[InputTensor, memoryview | None]]
) -> dict[str, Array]:
    """Blocks of tensors that are a column each."""
    columns = {
        column.name: to_columns(given[column.name][0], [column], given[column.name][1])
        for column in signature.columns
    }
    if len({len(each) for each in columns.values()}) > 1:
        raise InputError(
            "the columns have different lengths", mend="Send one value for each row in every column"
        )
    return {
        block.name: np.hstack([columns[name] for name in block.columns])
        for block in signature.inputs
    }


def _raw(signature: Signature, body: bytes) -> dict[str, Array]:
    """The whole body as the one input: rows of numbers, or one text."""
    block, *others = signature.inputs
    width = len(block.columns)
    text = block.datatype == "BYTES"
    if others or (text and width != 1):
        raise InputError(
            "a raw request needs a model of one input, whose shape its length tells",
            mend="Send tensors by name",
        )
    if text:
        return {block.name: one_text(body, signature.in_blocks[block.name])}
    size = width * np.dtype(DTYPES[block.datatype]).itemsize
    rows, rest = divmod(len(body), size)
    if rest:
        raise InputError("the body is not whole rows", mend=f"Send {size} bytes for each row")
    tensor = InputTensor(block.name, [rows, width], block.datatype)
    return {block.name: to_columns(tensor, signature.in_blocks[block.name], memoryview(body))}


def _said(
    found: Ready,
    identity: str | None,
    wishes: dict[str, Wish],
    default: Wish,
    answers: dict[str, Array],
) -> Reply:
    signature = found.bundle.signature
    told = [
        _tensor(signature, name, values, wishes.get(name, default))
        for name, values in answers.items()
    ]
    head = {"model_name": found.name, "model_version": str(found.version)}
    if identity is not None:
        head["id"] = identity
    content = msgspec.json.encode({**head, "outputs": [tensor for tensor, _ in told]})
    if all(blob is None for _, blob in told):
        return Reply(content)
    body = b"".join((content, *(blob for _, blob in told if blob is not None)))
    return Reply(body, 200, "application/octet-stream", ((HEADER, str(len(content))),))


def _tensor(
    signature: Signature, name: str, values: Array, wish: Wish
) -> tuple[dict[str, Any], bytes | None]:
    """An output as it stands in the JSON, and the bytes behind it where it has any."""
    output = signature.output(name)
    if wish.classes or not wish.binary:
        check_finite(signature, {name: values})
    if wish.classes:
        output, values = classified(output, values, wish.classes)
    if not wish.binary:
        return to_json(output, values), None
    blob = to_bytes(output, values)
    described = {"name": name, "shape": list(values.shape), "datatype": output.datatype}
    return described | {"parameters": {"binary_data_size": len(blob)}}, blob
