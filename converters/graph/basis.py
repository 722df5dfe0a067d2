"""Basis expansions: products of the columns."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers
from converters.graph.table import Table, constant


def polynomial_features(model: Any, table: Table) -> Answers:
    """PolynomialFeatures: the product of each combination of columns.

    The last column first, as the original builds x0 x1 x2 from x1 x2; a column of ones, added at
    the end, is the bias and fills up shorter products. Columns stand as rows meanwhile: to gather
    rows is to copy each in one go, three times as fast.
    """
    low, high = model.degree if not isinstance(model.degree, int) else (0, model.degree)
    pick = (
        itertools.combinations
        if model.interaction_only
        else itertools.combinations_with_replacement
    )
    chosen: list[tuple[int, ...]] = [()] if model.include_bias else []
    for degree in range(max(1, low), high + 1):
        chosen += pick(range(table.width), degree)
    longest = max(len(each) for each in chosen)
    filled = np.full((len(chosen), max(longest, 1)), table.width)
    for row, each in enumerate(chosen):
        filled[row, : len(each)] = each
    ones = op.pad(table.matrix(), constant([0, 0, 0, 1], np.int64), constant(1.0))
    factors = op.transpose(ones, perm=[1, 0])
    value = _rows(factors, filled[:, -1])
    for position in reversed(range(filled.shape[1] - 1)):
        value = op.mul(value, _rows(factors, filled[:, position]))
    return Answers(transform=Table.of(op.transpose(value, perm=[1, 0]), len(chosen)))


def _rows(matrix: Var, positions: Array) -> Var:
    return op.gather(matrix, constant(positions, np.int64), axis=0)
