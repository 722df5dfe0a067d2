"""What flows between the steps of a pipeline while its graph is built.

scikit-learn passes matrices whose columns may be numbers and text side by side; ONNX has
tensors of one type. A Table is the list of columns, each a reference into a tensor, so
selecting, reordering and joining columns costs no operator until a matrix is asked for.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array


@dataclass(frozen=True, eq=False)
class Ref:
    """Column `position` of the tensor `var` [rows, width]; `text` says which type it holds.

    `name` is that of a column as it came, which no step has changed yet.
    """

    var: Var
    position: int
    width: int
    text: bool
    name: str | None = None


@dataclass(frozen=True, eq=False)
class Table:
    """Columns in scikit-learn's order."""

    refs: tuple[Ref, ...]

    @classmethod
    def of(cls, var: Var, width: int, *, text: bool = False) -> Table:
        """All columns of one tensor."""
        return cls(tuple(Ref(var, position, width, text) for position in range(width)))

    @classmethod
    def join(cls, tables: Iterable[Table]) -> Table:
        """Columns of several tables side by side; one that is stored otherwise joins them all."""
        parts = list(tables)
        other = next((type(part) for part in parts if type(part) is not Table), None)
        if other is not None and cls is Table:
            return other.join(parts)
        return cls(tuple(itertools.chain.from_iterable(table.refs for table in parts)))

    @property
    def width(self) -> int:
        """How many columns."""
        return len(self.refs)

    @property
    def text(self) -> list[bool]:
        """For each column, whether it is text."""
        return [ref.text for ref in self.refs]

    def take(self, positions: Sequence[int]) -> Table:
        """These columns, in this order."""
        return Table(tuple(self.refs[position] for position in positions))

    def matrix(self) -> Var:
        """One tensor [rows, width]; the columns must be of one type."""
        if not self.refs:
            raise NotImplementedError("a table without columns, which has no rows either")
        groups = [list(g) for _, g in itertools.groupby(self.refs, key=lambda ref: id(ref.var))]
        parts = [_slice(group) for group in groups]
        return parts[0] if len(parts) == 1 else op.concat(parts, axis=1)

    def count(self) -> Var:
        """Int64 [1]: how many rows there are."""
        return op.shape(self.refs[0].var, start=0, end=1)

    def stored(self) -> Var:
        """[rows, width]: the numbers; where zeros are not stored, [n] of them."""
        return self.matrix()

    def with_stored(self, value: Var) -> Table:
        """The same table with other numbers in their places."""
        return Table.of(value, self.width)

    def beside(self, each: Array) -> Var:
        """What each column has in `each` [width], to be reckoned with the stored numbers."""
        return constant(each)

    def over(self, scale: Array) -> Table:
        """X / scale, column by column."""
        return Table.of(op.div(self.matrix(), constant(scale)), self.width)

    def row_sums(self, value: Var) -> Var:
        """The sum of each row of `value`, to be reckoned with the stored numbers."""
        return op.reduce_sum(value, constant([1], np.int64), keepdims=1)

    def row_max(self, value: Var) -> Var:
        """The largest of each row of `value`, to be reckoned with the stored numbers."""
        return op.reduce_max(value, constant([1], np.int64), keepdims=1)

    def product(self, weights: Array) -> Var:
        """[rows, k]: X @ weights."""
        return op.matmul(self.matrix(), constant(weights))

    def affine(self, weights: Array, shift: Array) -> Var:
        """[rows, k]: X @ weights + shift, in one operator."""
        return op.gemm(self.matrix(), constant(weights), constant(shift))


FEW = 4
"""Runs of neighbouring columns that are sliced; in onnxruntime (1.31) a Gather of columns takes
eight times as long as a Slice of as many."""


def _slice(group: list[Ref]) -> Var:
    positions = [ref.position for ref in group]
    first = group[0]
    if positions == list(range(first.width)):
        return first.var
    runs = _runs(positions)
    if len(runs) > FEW:
        return op.gather(first.var, constant(positions, np.int64), axis=1)
    parts = [cut(first.var, start, stop, axis=1) for start, stop in runs]
    return parts[0] if len(parts) == 1 else op.concat(parts, axis=1)


def _runs(positions: list[int]) -> list[tuple[int, int]]:
    """Neighbouring positions together, as (start, stop)."""
    runs: list[tuple[int, int]] = []
    for position in positions:
        if runs and runs[-1][1] == position:
            runs[-1] = (runs[-1][0], position + 1)
        else:
            runs.append((position, position + 1))
    return runs


def cut(value: Var, start: int, stop: int | None = None, *, axis: int = 0) -> Var:
    """Neighbours along an axis, from `start` to before `stop`, or to the end.

    A Slice is much faster than a Gather of columns.
    """
    starts = constant([start], np.int64)
    stops = constant([2**62 if stop is None else stop], np.int64)
    # Without axes it is the first that is cut.
    return op.slice(value, starts, stops, constant([axis], np.int64) if axis else None)


def constant(value: Any, dtype: Any = np.float64) -> Var:
    """A tensor known at conversion; text becomes a string tensor."""
    return op.const(np.asarray(value, dtype=dtype))
