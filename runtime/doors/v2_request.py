"""A V2 inference request as it came: its JSON, the bytes behind it, what its parameters mean."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from runtime import strict
from runtime.door import Call
from runtime.errors import MalformedError, UnsupportedError
from runtime.records import quotes
from runtime.tensors import Count, InputTensor, Parameters, binary_size, typed

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


class RequestParameters(msgspec.Struct, frozen=True):
    """The reserved ones; requests depend on nothing, so that only the last two tell.

    `timeout` is in microseconds, 0 for none.
    """

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
class Wish:
    """How an output is told: as bytes or as JSON; its `classes` largest values, or all."""

    binary: bool
    classes: int = 0


_NONE = RequestParameters()
_REQUESTS = msgspec.json.Decoder(InferenceRequest)
JSON, BINARY = Wish(binary=False), Wish(binary=True)


def json_length(call: Call) -> int | None:
    """How long the JSON at the head of the body is; None: all of it. Raises MalformedError."""
    if _HEADER not in call.headers:
        return None
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


def parsed(body: bytes) -> InferenceRequest:
    """The JSON of a request. Raises MalformedError."""
    try:
        asked = _REQUESTS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        _check(strict.loads(body))  # which says where, when it is not JSON at all
        raise MalformedError(
            "the body is not a V2 inference request",
            mend="Send inputs of name, shape, datatype and data, and no member that V2 lacks",
        ) from error
    # What was read, written again, has as many quotes, unless a repeated member was dropped; an
    # escape may hide one, and a member that is null is left out: then the slow parser looks.
    if _plain(asked, body):
        return asked
    if b"\\" in body or msgspec.json.encode(asked).count(b'"') != body.count(b'"'):
        _check(strict.loads(_envelope(body, asked)))
    return asked


def _plain(asked: InferenceRequest, body: bytes) -> bool:
    """Whether it is tensors of numbers and nothing besides, none of it sent twice."""
    if asked.outputs or asked.id or asked.parameters or asked.model_name or b"\\" in body:
        return False
    # `inputs`, and in each tensor four members, its name and its datatype.
    return quotes(body) == 2 + 12 * len(asked.inputs)


def _envelope(body: bytes, asked: InferenceRequest) -> bytes:
    """The body without its bulk: small, so that the slow parser can look for repeated members."""
    for bulk in (bytes(asked.expected), *(bytes(tensor.data) for tensor in asked.inputs)):
        if bulk[:1] in (b"[", b"{"):
            body = body.replace(bulk, b"0", 1)
    return body


def _check(value: Any) -> None:
    """Refuse what the slow parser found: a repeated member, a number that is none."""
    if isinstance(value, strict.Refused):
        raise MalformedError(value.fault, mend="Send null for a missing value, or binary data")
    if isinstance(value, strict.Record) and value.repeated is not None:
        raise MalformedError("a member of the request stands twice", mend="Send it once")
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _check(each)


def reserved(parameters: Parameters | None) -> RequestParameters:
    """What the parameters say that have a meaning. Raises MalformedError."""
    if not parameters:
        return _NONE
    if any(name == "headers" or name.startswith("triton_") for name in parameters):
        raise MalformedError(
            "the parameters have a name that is reserved", mend="Leave out headers and triton_..."
        )
    return typed(parameters, RequestParameters)


def wishes_of(outputs: Sequence[RequestedOutput], default: Wish) -> dict[str, Wish]:
    """How each output that was asked for is told. Raises MalformedError, UnsupportedError."""
    wishes: dict[str, Wish] = {}
    for output in outputs:
        if output.name in wishes:
            raise MalformedError("an output is asked for twice", mend="Ask once")
        wishes[output.name] = _wish(output.parameters, default) if output.parameters else default
    return wishes


def _wish(parameters: Parameters, default: Wish) -> Wish:
    told = typed(parameters, _OutputParameters)
    if told.shared_memory_region is not None:
        raise UnsupportedError("shared memory is not supported", mend="Take the data itself")
    binary = default.binary if told.binary_data is None else told.binary_data
    return Wish(binary=binary, classes=told.classification)


def blobs_of(tensors: Sequence[InputTensor], tail: memoryview) -> list[memoryview | None]:
    """Each tensor's bytes in the tail, or None. Raises MalformedError: all of it is theirs."""
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
