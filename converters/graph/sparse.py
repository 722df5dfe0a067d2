"""Tables of which only the numbers that are not 0 are stored, as in scikit-learn's sparse matrices.

A text has few of 2**20 hashed columns; a graph that made a matrix of them would need 8 MB a row.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.table import Ref, Table, constant

MEGABYTE = 2**20


class Sparse(Table):
    """The stored numbers in the order of rows and of their columns: [n] each.

    `count`: int64 [1], how many rows there are. `most`: columns of which a matrix is still made.
    """

    def __init__(
        self, row: Var, column: Var, value: Var, *, count: Var, width: int, most: int | None = None
    ) -> None:
        fields = {"row": row, "column": column, "value": value}
        for name, field in {**fields, "_count": count, "_width": width, "most": most}.items():
            object.__setattr__(self, name, field)

    row: Var
    column: Var
    value: Var
    most: int | None
    _count: Var
    _width: int

    @classmethod
    def summed(
        cls, row: Var, column: Var, value: Var, *, count: Var, width: int, most: int | None = None
    ) -> Sparse:
        """Add up the numbers of each row and column, whatever their order."""
        across = constant(width, np.int64)
        places, _, which, _ = op.unique(op.add(op.mul(row, across), column), axis=None, sorted=1)
        zeros = op.constant_of_shape(op.shape(places), value=np.zeros(1))
        total = op.scatter_elements(zeros, which, value, axis=0, reduction="add")
        row, column = op.div(places, across), op.mod(places, across)
        return cls(row, column, total, count=count, width=width, most=most)

    @classmethod
    def join(cls, tables: Iterable[Table]) -> Sparse:
        """Columns of several tables side by side."""
        parts = [each if isinstance(each, Sparse) else cls._from(each) for each in tables]
        firsts = itertools.accumulate((part.width for part in parts), initial=0)
        columns = [
            op.add(part.column, constant(first, np.int64))
            for part, first in zip(parts, firsts, strict=False)
        ]
        limits = [part.most for part in parts if part.most is not None]
        return cls(
            op.concat([part.row for part in parts], axis=0),
            op.concat(columns, axis=0),
            op.concat([part.value for part in parts], axis=0),
            count=parts[0].count(),
            width=sum(part.width for part in parts),
            most=max(limits, default=None),
        )

    @classmethod
    def _from(cls, table: Table) -> Sparse:
        """All that is not 0 of a matrix."""
        matrix, count = table.matrix(), table.count()
        flat = op.reshape(matrix, constant([-1], np.int64))
        there = op.not_(op.equal(flat, constant(0.0)))
        zero, one = constant(0, np.int64), constant(1, np.int64)
        size = op.reshape(op.shape(flat), constant([], np.int64))
        places, across = op.range(zero, size, one), constant(table.width, np.int64)
        places = op.compress(places, there)
        row, column = op.div(places, across), op.mod(places, across)
        return cls(row, column, op.compress(flat, there), count=count, width=table.width)

    @property
    def refs(self) -> tuple[Ref, ...]:
        """The columns of the matrix."""
        return Table.of(self.matrix(), self.width).refs

    @property
    def width(self) -> int:
        """How many columns."""
        return self._width

    @property
    def text(self) -> list[bool]:
        """No column is text."""
        return [False] * self.width

    def count(self) -> Var:
        """Int64 [1]: how many rows there are."""
        return self._count

    def take(self, positions: Sequence[int]) -> Table:
        """These columns, in this order."""
        if len(set(positions)) < len(positions):
            return super().take(positions)
        number = _numbers(self.column, positions, -1)
        kept = op.greater_or_equal(number, constant(0, np.int64))
        row, column, value = (op.compress(x, kept) for x in (self.row, number, self.value))
        return Sparse(row, column, value, count=self._count, width=len(positions), most=self.most)

    def matrix(self) -> Var:
        """One tensor [rows, width]."""
        if self.most is not None and self.width > self.most:
            size = self.width * 8 / MEGABYTE
            raise NotImplementedError(
                f"it makes a dense matrix of {self.width} columns, {size:.2g} MB a row, over "
                f"{self.most}; linear models, naive Bayes and TruncatedSVD need none"
            )
        across = constant(self.width, np.int64)
        zeros = op.constant_of_shape(op.mul(self._count, across), value=np.zeros(1))
        places = op.add(op.mul(self.row, across), self.column)
        flat = op.scatter_elements(zeros, places, self.value, axis=0)
        return op.reshape(flat, constant([-1, self.width], np.int64))

    def stored(self) -> Var:
        """[n]: the numbers that are stored."""
        return self.value

    def with_stored(self, value: Var) -> Table:
        """The same table with other numbers in their places."""
        return Sparse(
            self.row, self.column, value, count=self._count, width=self.width, most=self.most
        )

    def beside(self, each: Array) -> Var:
        """[n]: for each stored number, what its column has in `each` [width]."""
        return self._of_columns(np.asarray(each, dtype=np.float64))

    def over(self, scale: Array) -> Table:
        """X / scale, column by column, as `inplace_column_scale` does."""
        return self.with_stored(op.mul(self.value, self.beside(1.0 / np.asarray(scale))))

    def row_sums(self, value: Var) -> Var:
        """[n]: for each of the numbers `value` [n], the sum of those of its row."""
        return op.gather(self._reduced(value, "add"), self.row, axis=0)

    def row_max(self, value: Var) -> Var:
        """[n]: for each of the numbers `value` [n], none below 0, the largest of its row."""
        return op.gather(self._reduced(value, "max"), self.row, axis=0)

    def _reduced(self, value: Var, reduction: str) -> Var:
        zeros = op.constant_of_shape(self._count, value=np.zeros(1))
        return op.scatter_elements(zeros, self.row, value, axis=0, reduction=reduction)

    def product(self, weights: Array) -> Var:
        """[rows, k]: X @ weights, added up one number after another as SciPy does."""
        some = weights.any(axis=0)
        known = constant([1], np.int64)
        terms = op.mul(op.unsqueeze(self.value, known), self._of_columns(weights[:, some]))
        row = op.expand(op.unsqueeze(self.row, known), op.shape(terms))
        shape = op.concat([self._count, constant([some.sum()], np.int64)], axis=0)
        zeros = op.constant_of_shape(shape, value=np.zeros(1))
        total = op.scatter_elements(zeros, row, terms, axis=0, reduction="add")
        if some.all():
            return total
        padded = op.pad(total, constant([0, 0, 0, 1], np.int64))
        places = np.where(some, np.cumsum(some) - 1, some.sum())
        return op.gather(padded, constant(places, np.int64), axis=1)

    def affine(self, weights: Array, shift: Array) -> Var:
        """[rows, k]: X @ weights + shift."""
        return op.add(self.product(weights), constant(shift))

    def _of_columns(self, each: Array) -> Var:
        """[n, ...]: `each` [width, ...] at the column of each stored number.

        Training saw few of the columns; those it did not see have one value.
        """
        rows = each.reshape(len(each), -1)
        values, counts = np.unique(rows[:, 0], return_counts=True)
        usual = rows[np.argmax(rows[:, 0] == values[counts.argmax()])]
        others = np.flatnonzero((rows != usual).any(axis=1))
        if 2 * len(others) > len(each):
            return op.gather(constant(each), self.column, axis=0)
        place = _numbers(self.column, others.tolist(), len(others))
        short = np.concatenate([rows[others], usual[None]]).reshape(-1, *each.shape[1:])
        return op.gather(constant(short), place, axis=0)


def _numbers(column: Var, known: Sequence[int], default: int) -> Var:
    """Int64 [n]: the place of each column among `known`, or `default`."""
    if not known:
        return op.expand(constant(default, np.int64), op.shape(column))
    return ml.label_encoder(
        column,
        keys_int64s=list(known),
        values_int64s=list(range(len(known))),
        default_int64=default,
    )
