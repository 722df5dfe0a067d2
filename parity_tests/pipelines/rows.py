"""Hypothesis strategies for batches of rows that a signature allows."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st

from bundle.arrays import DTYPES, MISSING_TEXT, Arrays
from bundle.signature import Block, Column, Signature
from converters.describe import UNKNOWN_TEXT
from parity.columns import column

MOST = 6
"""Rows in a batch."""


def batches(signature: Signature, sample: Arrays) -> st.SearchStrategy[Arrays]:
    """Batches of 0 to MOST rows."""
    row = st.tuples(
        *(
            st.tuples(
                *(_cell(signature.by_name[name], signature, sample) for name in block.columns)
            )
            for block in signature.inputs
        )
    )
    return st.lists(row, max_size=MOST).map(lambda rows: _blocks(signature.inputs, rows))


def _blocks(inputs: tuple[Block, ...], rows: list[Any]) -> Arrays:
    blocks = {}
    for position, block in enumerate(inputs):
        cells = [row[position] for row in rows]
        values = np.empty((len(rows), len(block.columns)), dtype=DTYPES[block.datatype])
        for at, cell in enumerate(cells):
            values[at] = cell
        blocks[block.name] = values
    return blocks


def _cell(described: Column, signature: Signature, sample: Arrays) -> st.SearchStrategy[Any]:
    seen = list(dict.fromkeys(column(signature, sample, described.name).tolist()))
    present = [value for value in seen if value == value and value != MISSING_TEXT]  # noqa: PLR0124
    if described.kind == "text":
        return _text(described, present)
    choices: list[st.SearchStrategy[Any]] = [st.sampled_from(present or [0.0])]
    if described.nullable:
        choices.append(st.just(float("nan")))
    if described.closed or described.dtype == "bool":
        return st.one_of(choices)
    low, high = described.minimum or 0.0, described.maximum or 0.0
    span = (high - low) or 1.0
    low, high = _within(described, low - span), _within(described, high + span)
    if described.dtype.startswith(("int", "uint")):
        return st.one_of(*choices, st.integers(int(low), int(high)).map(float))
    return st.one_of(*choices, st.floats(low, high, allow_subnormal=False))


def _within(described: Column, value: float) -> float:
    low = -np.inf if described.lowest is None else described.lowest
    high = np.inf if described.highest is None else described.highest
    return float(min(max(value, low), high))


def _text(described: Column, present: list[str]) -> st.SearchStrategy[str]:
    choices: list[st.SearchStrategy[str]] = [
        st.sampled_from([str(value) for value in described.categories or present])
    ]
    if described.nullable:
        choices.append(st.just(MISSING_TEXT))
    if not described.closed:
        choices += [st.just(UNKNOWN_TEXT), st.text(st.characters(codec="utf-8"), max_size=12)]
    return st.one_of(choices)
