"""Golden rows: recorded from the original, replayed by whoever runs the bundle.

`golden.json` is an Open Inference Protocol V2 inference request with one member more,
`expected`, which holds the outputs the original gave. JSON has no NaN: `null` stands for a
missing value, in FP64 and BYTES data alike.
"""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from bundle.arrays import DTYPES, MISSING_TEXT, Array, Arrays, plain
from bundle.errors import BundleError
from bundle.signature import Block, Datatype, Output, Signature


class Tensor(msgspec.Struct, frozen=True, kw_only=True):
    """A V2 JSON tensor; `data` is flat, row-major."""

    name: str
    shape: tuple[int, ...]
    datatype: Datatype
    data: list[bool | int | float | str | None]


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """The original's answers."""

    outputs: tuple[Tensor, ...]


class Golden(msgspec.Struct, frozen=True, kw_only=True):
    """A request and what the original answered."""

    inputs: tuple[Tensor, ...]
    expected: Expected


def encode(signature: Signature, rows: Arrays, answers: Arrays) -> bytes:
    """golden.json for these rows and the original's answers to them."""
    inputs = tuple(to_tensor(block, rows[block.name]) for block in signature.inputs)
    outputs = tuple(to_tensor(output, answers[output.name]) for output in signature.outputs)
    return msgspec.json.encode(Golden(inputs=inputs, expected=Expected(outputs=outputs)))


def decode(content: bytes) -> tuple[Arrays, Arrays]:
    """The rows and the answers in golden.json. Raises BundleError where it is malformed."""
    try:
        golden = msgspec.json.decode(content, type=Golden)
        rows = {tensor.name: from_tensor(tensor) for tensor in golden.inputs}
        return rows, {tensor.name: from_tensor(tensor) for tensor in golden.expected.outputs}
    except (msgspec.DecodeError, ValueError, TypeError) as error:
        raise BundleError(f"malformed: {error}", where="golden.json") from error


def to_tensor(described: Block | Output, values: Array) -> Tensor:
    """A V2 JSON tensor of one block."""
    return Tensor(
        name=described.name,
        shape=values.shape,
        datatype=described.datatype,
        data=[plain(value) for value in values.ravel().tolist()],
    )


def from_tensor(tensor: Tensor) -> Array:
    """The array in a V2 JSON tensor; `null` becomes NaN or MISSING_TEXT."""
    missing: Any = MISSING_TEXT if tensor.datatype == "BYTES" else float("nan")
    data = [missing if value is None else value for value in tensor.data]
    return np.array(data, dtype=DTYPES[tensor.datatype]).reshape(tensor.shape)
