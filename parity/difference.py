"""One value that differs between the original and a target."""

from __future__ import annotations

from typing import Any

import msgspec


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """The row as named values, the output, what the original and the target answered.

    `relative` is `absolute` over the output's scale (see `parity.compare`).
    """

    target: str
    kind: str
    row: dict[str, Any]
    output: str
    expected: Any
    got: Any
    absolute: float
    relative: float
