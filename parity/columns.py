"""Blocks of rows, cut and changed column by column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from bundle.arrays import Array, Arrays, plain, rows_of
from bundle.signature import Signature


def take(arrays: Arrays, rows: Any) -> dict[str, Array]:
    """Copy these rows."""
    return {name: block[rows].copy() for name, block in arrays.items()}


def repeat(arrays: Arrays, count: int) -> dict[str, Array]:
    """`count` rows, the given ones over and over."""
    return take(arrays, np.arange(count) % rows_of(arrays))


def stack(parts: Iterable[Arrays]) -> dict[str, Array]:
    """All rows, one after another."""
    listed = list(parts)
    return {name: np.concatenate([part[name] for part in listed]) for name in listed[0]}


def column(signature: Signature, arrays: Arrays, name: str) -> Array:
    """View of one column; writing into it writes into the block."""
    block, position = signature.place(name)
    return arrays[block][:, position]


def records(signature: Signature, arrays: Arrays) -> Iterator[dict[str, Any]]:
    """Each row by column name; missing is None, as in JSON."""
    values = {c.name: column(signature, arrays, c.name).tolist() for c in signature.columns}
    for row in range(rows_of(arrays)):
        yield {name: plain(listed[row]) for name, listed in values.items()}
