"""JSON read slowly and strictly: keeps what a fast parser drops, to say what is wrong where.

A repeated key, NaN, 1e400 or an integer of 5,000 digits become values of this module, so that
whoever walks the rows can name the row and the column.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from runtime.bounds import BOUNDS
from runtime.errors import MalformedError

_PIECE = 2**16  # bytes looked at together
MAX_DIGITS = 400  # float64 ends at 309


@dataclass(frozen=True)
class Refused:
    """A token that stands for no value; `fault` says what it was."""

    fault: str


class Record(dict[str, Any]):
    """A JSON object, and the first key that came twice."""

    repeated: str | None = None


def loads(body: bytes, *, nan: bool = False) -> Any:
    """The JSON value in `body`: objects are Record, impossible numbers are Refused.

    `nan`: the token NaN is a missing value, because the clients of a contract send it as one.
    Raises MalformedError: not UTF-8, not JSON, nested deeper than the setting.
    """
    bounds = BOUNDS.get()
    bounds.check_slow(len(body))
    most = bounds.settings.max_depth
    if _deeper(body, most):
        raise MalformedError("the JSON is nested too deep", mend=f"At most {most} levels")
    try:
        return (_NAN_DECODER if nan else _DECODER).decode(body.decode())
    except UnicodeDecodeError as error:
        raise MalformedError(
            f"the body is not UTF-8 (byte {error.start})", mend="Send JSON in UTF-8"
        ) from error
    except json.JSONDecodeError as error:
        raise MalformedError(
            f"the body is not JSON (line {error.lineno}, column {error.colno})",
            mend="Send one JSON object, or an array of them",
        ) from error


def integer(text: str) -> int | Refused:
    """The integer in `text`, unless no float64 is near it."""
    if len(text) > MAX_DIGITS:
        return Refused("the number is too large for float64")
    return int(text)


def number(text: str) -> float | Refused:
    """The number in `text`, unless it is beyond float64."""
    value = float(text)
    return Refused("the number is too large for float64") if math.isinf(value) else value


def _constant(_: str) -> Refused:
    return Refused("NaN and Infinity are not JSON")


def _constant_or_nan(text: str) -> Refused | None:
    return None if text == "NaN" else _constant(text)


def _record(pairs: list[tuple[str, Any]]) -> Record:
    record = Record(pairs)
    if len(record) < len(pairs):
        seen: set[str] = set()
        record.repeated = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]
    return record


def _deeper(body: bytes, most: int) -> bool:
    """Whether the brackets outside strings nest deeper; linear, and no parser has run yet.

    Piece by piece, because a number for each byte takes many times their memory.
    """
    if b"\\" in body:
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")  # what is left of quotes, counts
    depth = inside = 0
    for start in range(0, len(body), _PIECE):
        piece = np.frombuffer(body[start : start + _PIECE], np.uint8)
        strings = (np.cumsum(piece == ord('"'), dtype=np.uint8) + np.uint8(inside)) & 1
        opened = ((piece == ord("[")) | (piece == ord("{"))) & (strings == 0)
        closed = ((piece == ord("]")) | (piece == ord("}"))) & (strings == 0)
        depths = depth + np.cumsum(opened.astype(np.int8) - closed.astype(np.int8), dtype=np.int32)
        if depths.max() > most:
            return True
        depth, inside = int(depths[-1]), int(strings[-1])
    return False


_NUMBERS: dict[str, Any] = {
    "object_pairs_hook": _record,
    "parse_int": integer,
    "parse_float": number,
}
_DECODER = json.JSONDecoder(**_NUMBERS, parse_constant=_constant)
_NAN_DECODER = json.JSONDecoder(**_NUMBERS, parse_constant=_constant_or_nan)
