"""Which values a model accepts: the last check before the graph, the same behind every door."""

from __future__ import annotations

import numpy as np

from bundle.arrays import MISSING_TEXT, Array, Arrays
from bundle.errors import InputError
from bundle.signature import Block, Column, Scalar, Signature

FEW = 256
"""Numbers that Python looks through in a third of the time that NumPy's calls take."""


class Domain:
    """A signature's rules, compiled once: `check(arrays)` costs a few NumPy calls a block."""

    def __init__(self, signature: Signature) -> None:
        self._blocks = [
            (block.name, _rules(block, signature.by_name)) for block in signature.inputs
        ]

    def check(self, arrays: Arrays) -> None:
        """Raise InputError, naming row and column, at the first value the model does not accept."""
        for name, rules in self._blocks:
            rules.check(arrays[name])


def _rules(block: Block, columns: dict[str, Column]) -> _Numbers | _Text:
    kind = _Text if block.datatype == "BYTES" else _Numbers
    return kind([columns[name] for name in block.columns])


class _Numbers:
    def __init__(self, columns: list[Column]) -> None:
        self.columns = columns
        largest = np.finfo(np.float64).max
        self.lowest = np.array([-largest if c.lowest is None else c.lowest for c in columns])
        self.highest = np.array([largest if c.highest is None else c.highest for c in columns])
        self.nearest = float(min(*-self.lowest, *self.highest))
        self.closed = [(i, _known(c)) for i, c in enumerate(columns) if c.closed]
        self.bools = [i for i, c in enumerate(columns) if c.dtype == "bool"]

    def check(self, block: Array) -> None:
        if not (block.size <= FEW and _plain(block, self.nearest)):
            # NaN fails both comparisons: nothing missing, the common case, takes one pass.
            inside = (block >= self.lowest) & (block <= self.highest)
            for row, position in () if inside.all() else np.argwhere(~inside):
                self._explain(float(block[row, position]), int(row), self.columns[position])
        for position, known in self.closed:
            for row, value in enumerate(block[:, position]):
                if value not in known and not np.isnan(value):
                    raise _unknown(row, self.columns[position])
        for position in self.bools:
            column = block[:, position]
            wrong = np.flatnonzero((column != 0) & (column != 1) & ~np.isnan(column))
            if len(wrong):
                raise InputError(
                    "true or false is due here",
                    row=int(wrong[0]),
                    column=self.columns[position].name,
                )

    @staticmethod
    def _explain(value: float, row: int, column: Column) -> None:
        if np.isnan(value):
            if column.nullable:
                return
            raise _null(row, column)
        if np.isinf(value):
            raise InputError(
                "infinity is not a value",
                row=row,
                column=column.name,
                mend="Send a finite number, or null where the column is nullable",
            )
        low = "-largest" if column.lowest is None else f"{column.lowest:.17g}"
        high = "largest" if column.highest is None else f"{column.highest:.17g}"
        raise InputError(
            "the number is outside what the model accepts",
            row=row,
            column=column.name,
            mend=f"Send a number from {low} to {high}",
        )


class _Text:
    def __init__(self, columns: list[Column]) -> None:
        self.columns = columns
        self.required = [i for i, c in enumerate(columns) if not c.nullable]
        self.closed = [(i, _known(c) | {MISSING_TEXT}) for i, c in enumerate(columns) if c.closed]

    def check(self, block: Array) -> None:
        for position in self.required:
            rows = np.flatnonzero(block[:, position] == MISSING_TEXT)
            if len(rows):
                raise _null(int(rows[0]), self.columns[position])
        for position, known in self.closed:
            for row, value in enumerate(block[:, position]):
                if value not in known:
                    raise _unknown(row, self.columns[position])


def _plain(block: Array, limit: float) -> bool:
    """Whether every number is within the limit; a sum shows a NaN that max and min may not."""
    for row in block.tolist():
        total = sum(row)
        if max(row) > limit or min(row) < -limit or total != total:  # noqa: PLR0124 - NaN
            return False
    return True


def _known(column: Column) -> frozenset[Scalar]:
    return frozenset(column.categories or ())


def _null(row: int, column: Column) -> InputError:
    return InputError(
        "the value is missing, and training had none missing here",
        row=row,
        column=column.name,
        mend="Send a value",
    )


def _unknown(row: int, column: Column) -> InputError:
    shown = ", ".join(repr(value) for value in (column.categories or ())[:20])
    return InputError(
        "the model refuses categories that it does not know",
        row=row,
        column=column.name,
        mend=f"Send one of: {shown}",
    )
