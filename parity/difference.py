"""One place where a target answered otherwise than the original."""

from __future__ import annotations

from typing import Any

import msgspec


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """A row tried and the output that differed most on it.

    `row` holds the input values by column, `expected` the original's answer, `got` the
    target's; `absolute` and `relative` are 0 where the answers are labels.
    """

    target: str
    kind: str
    row: dict[str, Any]
    output: str
    expected: Any
    got: Any
    absolute: float
    relative: float
