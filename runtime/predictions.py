"""What the native door says of a model's answers, compiled once for a version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from bundle.arrays import Arrays
from bundle.signature import Signature
from runtime.answers import Rows, check_finite


class Predictions:
    """Answers as JSON, behind the name and the version of the model that gave them."""

    def __init__(self, signature: Signature, name: str, version: int) -> None:
        self.signature = signature
        self._who = {"model": name, "version": version}
        self._written: dict[tuple[str, ...] | None, tuple[bytes, Rows]] = {}

    def write(self, answers: Arrays, chosen: Sequence[str] | None, *, single: bool) -> bytes:
        """An object: of one row itself, or of a list of them.

        Raises InputError where JSON cannot say a number.
        """
        check_finite(self.signature, answers)
        key = None if chosen is None else tuple(chosen)
        start, rows = self._written.get(key) or self._begin(key)
        said = rows(answers)
        if single:
            return start + _ENCODER.encode(said[0])[1:]
        return b'%b"predictions":%b}' % (start, _ENCODER.encode(said))

    def _begin(self, chosen: tuple[str, ...] | None) -> tuple[bytes, Rows]:
        """How an answer of these outputs begins, and what makes its rows."""
        signature, head = self.signature, dict[str, Any](self._who)
        if chosen is not None:
            head["outputs"] = chosen  # so that a type tells some outputs from all
        outputs = signature.outputs if chosen is None else map(signature.output, chosen)
        begun = _ENCODER.encode(head)[:-1] + b",", Rows(list(outputs))
        self._written[chosen] = begun
        return begun


_ENCODER = msgspec.json.Encoder()
