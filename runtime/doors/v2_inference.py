"""V2 inference: tensors in, as JSON, as bytes behind the JSON, or raw; tensors out.

A model takes its blocks by the names that the metadata says, or each of its columns as a tensor
of its own by the column's name.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import msgspec
import numpy as np

from bundle.arrays import Array
from bundle.errors import InputError
from bundle.signature import Block, Column, Signature
from runtime import strict
from runtime.answers import check_finite
from runtime.binary_tensors import DTYPES, one_text, to_bytes
from runtime.classification import classified
from runtime.door import Asked, Call, Reply
from runtime.errors import MalformedError, UnsupportedError
from runtime.repository import Ready
from runtime.tensors import (
    Count,
    InputTensor,
    Parameters,
    binary_size,
    to_columns,
    to_json,
    typed,
)

HEADER = "Inference-Header-Content-Length"
_HEADER = HEADER.lower().encode()


class RequestedOutput(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """An output by name."""

    name: str
    parameters: Parameters | None = None


class InferenceRequest(msgspec.Struct, forbid_unknown_fields=True, omit_defaults=True):
    """A V2 request; `expected` is golden.json's own member, so that the file posts as it is."""

    inputs: list[InputTensor]
    outputs: list[RequestedOutput] | None = None
    id: str | None = None
    parameters: Parameters | None = None
    model_name: str | None = None  # KServe's client repeats it; the address decides
    expected: msgspec.Raw = msgspec.Raw()


class _RequestParameters(msgspec.Struct):
    """The reserved ones. Requests depend on nothing and run at once: only the last one tells."""

    sequence_id: int | str = 0
    sequence_start: bool = False
    sequence_end: bool = False
    priority: Count = 0
    timeout: Count = 0
    binary_data_output: bool = False


class _OutputParameters(msgspec.Struct):
    binary_data: bool | None = None
    classification: Count = 0
    shared_memory_region: str | None = None


@dataclass(frozen=True, slots=True)
class _Wish:
    """How an output is told: as bytes or as JSON; its `classes` largest values, or all."""

    binary: bool
    classes: int = 0


_REQUESTS = msgspec.json.Decoder(InferenceRequest)
_JSON, _BINARY = _Wish(binary=False), _Wish(binary=True)


def infer(call: Call) -> Asked:
    """Rows in any of the three forms. Raises InputError, UnsupportedError."""
    found = call.ready()
    signature = found.bundle.signature
    length = _json_length(call)
    if length == 0:
        rows = _raw(signature, call.body)
        return Asked(found, rows, partial(_said, found, None, {}, _BINARY))
    asked = _parsed(call.body if length is None else call.body[:length])
    default = _BINARY if _in_bytes(asked.parameters) else _JSON
    wishes = _wishes(asked.outputs or (), default)
    tail = memoryview(b"") if length is None else memoryview(call.body)[length:]
    blobs = _blobs(asked.inputs, tail)
    rows = _blocks(signature, asked.inputs, blobs)
    reply = partial(_said, found, asked.id, wishes, default)
    return Asked(found, rows, reply, list(wishes) or None)


def _json_length(call: Call) -> int | None:
    """How long the JSON at the head of the body is; None: all of it."""
    told = call.header(_HEADER).strip()
    if not told:
        return None
    length = int(told) if told.isascii() and told.isdigit() and len(told) < 20 else -1
    if not 0 <= length <= len(call.body):
        raise MalformedError(
            f"{HEADER} is not a length within the body",
            mend="Send the bytes of the JSON, before compression",
        )
    return length


def _parsed(body: bytes) -> InferenceRequest:
    try:
        asked = _REQUESTS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        strict.loads(body)  # says where, when it is not JSON at all
        raise MalformedError(
            "the body is not a V2 inference request",
            mend="Send inputs of name, shape, datatype and data, and no member that V2 lacks",
        ) from error
    # What was read, written again, has as many quotes, unless a repeated member was dropped; an
    # escape may hide one, and a member that is null is left out: then the slow parser looks.
    if b"\\" in body or msgspec.json.encode(asked).count(b'"') != body.count(b'"'):
        _no_repeats(strict.loads(_envelope(body, asked)))
    return asked


def _envelope(body: bytes, asked: InferenceRequest) -> bytes:
    """The body without its bulk: small, so that the slow parser can look for repeated members."""
    for bulk in (bytes(asked.expected), *(bytes(tensor.data) for tensor in asked.inputs)):
        if bulk[:1] in (b"[", b"{"):
            body = body.replace(bulk, b"0", 1)
    return body


def _no_repeats(value: Any) -> None:
    if isinstance(value, strict.Record) and value.repeated is not None:
        raise MalformedError("a member of the request stands twice", mend="Send it once")
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _no_repeats(each)


def _in_bytes(parameters: Parameters | None) -> bool:
    """Whether outputs that say nothing of their form are bytes; checks the reserved parameters."""
    if not parameters:
        return False
    if any(name == "headers" or name.startswith("triton_") for name in parameters):
        raise MalformedError(
            "the parameters have a name that is reserved", mend="Leave out headers and triton_..."
        )
    return typed(parameters, _RequestParameters).binary_data_output


def _wishes(outputs: Sequence[RequestedOutput], default: _Wish) -> dict[str, _Wish]:
    wishes: dict[str, _Wish] = {}
    for output in outputs:
        if output.name in wishes:
            raise MalformedError("an output is asked for twice", mend="Ask once")
        wishes[output.name] = _wish(output.parameters, default) if output.parameters else default
    return wishes


def _wish(parameters: Parameters, default: _Wish) -> _Wish:
    told = typed(parameters, _OutputParameters)
    if told.shared_memory_region is not None:
        raise UnsupportedError("shared memory is not supported", mend="Take the data itself")
    binary = default.binary if told.binary_data is None else told.binary_data
    return _Wish(binary=binary, classes=told.classification)


def _blobs(tensors: Sequence[InputTensor], tail: memoryview) -> list[memoryview | None]:
    """Each tensor's bytes, in the order of the tensors, or None; all of the tail is theirs."""
    at, blobs = 0, []
    for tensor in tensors:
        size = binary_size(tensor)
        blobs.append(None if size is None else tail[at : at + size])
        at += size or 0
    if at != len(tail):
        raise MalformedError(
            f"behind the JSON are {len(tail)} bytes, and the tensors say {at}",
            mend=f"Send {HEADER}, and binary_data_size with each tensor",
        )
    return blobs


def _blocks(
    signature: Signature, tensors: Sequence[InputTensor], blobs: Sequence[memoryview | None]
) -> dict[str, Array]:
    given = {tensor.name: (tensor, blob) for tensor, blob in zip(tensors, blobs, strict=True)}
    if len(given) == len(tensors):
        if given.keys() == {block.name for block in signature.inputs}:
            return {
                block.name: to_columns(
                    given[block.name][0], _columns(signature, block), given[block.name][1]
                )
                for block in signature.inputs
            }
        if given.keys() == signature.by_name.keys():
            return _joined(signature, given)
    blocks = ", ".join(block.name for block in signature.inputs)
    raise InputError(
        "the inputs are not the model's",
        mend=f"Send each block once ({blocks}), or each column by its name",
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


def _columns(signature: Signature, block: Block) -> list[Column]:
    return [signature.by_name[name] for name in block.columns]


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
        return {block.name: one_text(body, _columns(signature, block))}
    size = width * np.dtype(DTYPES[block.datatype]).itemsize
    rows, rest = divmod(len(body), size)
    if rest:
        raise InputError("the body is not whole rows", mend=f"Send {size} bytes for each row")
    tensor = InputTensor(block.name, [rows, width], block.datatype)
    return {block.name: to_columns(tensor, _columns(signature, block), memoryview(body))}


def _said(
    found: Ready,
    identity: str | None,
    wishes: dict[str, _Wish],
    default: _Wish,
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
    signature: Signature, name: str, values: Array, wish: _Wish
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
