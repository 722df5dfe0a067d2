"""What a model takes and gives: columns, the blocks they form, and the outputs."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import msgspec

Kind = Literal["number", "text"]
Datatype = Literal["FP64", "FP32", "INT64", "BOOL", "BYTES"]
Scalar = bool | int | float | str
Task = Literal["classification", "regression", "outliers", "clustering", "density", "transform"]


class Column(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One input column, as it was in training.

    `dtype` is the training type (`float64`, `int64`, `bool`, `str`, `category`, ...).
    `nullable`: rows may leave it missing (NaN, `null`); true when the sample has missing
    values there and the original accepts them.
    `categories`: the values the model knows, where it enumerates them; `closed`: it refuses others.
    `minimum`, `maximum`: the range in the sample. `lowest`, `highest`: what the original accepts
    (a forest refuses what float32 cannot hold); None means every finite float64.
    """

    name: str
    kind: Kind
    dtype: str
    nullable: bool = False
    categories: tuple[Scalar, ...] | None = None
    closed: bool = False
    minimum: float | None = None
    maximum: float | None = None
    lowest: float | None = None
    highest: float | None = None


class Block(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One input of the graph: a matrix [rows, len(columns)] of one datatype."""

    name: str
    datatype: Literal["FP64", "FP32", "BYTES"]
    columns: tuple[str, ...]


class Output(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One output: [rows] when `width` is None, else [rows, width].

    `names` are the class names (or feature names) of the `width` columns; on a label
    output, the classes in the model's order. A model of several targets answers each of their
    probabilities apart: `probabilities_0`, `probabilities_1`, ...
    """

    name: str
    datatype: Datatype
    width: int | None = None
    names: tuple[Scalar, ...] | None = None

    @property
    def flat_names(self) -> list[str]:
        """What its numbers are called in a table: `label`, `probabilities.Adelie` and so on."""
        if self.width is None:
            return [self.name]
        names = range(self.width) if self.names is None else self.names
        return [f"{self.name}.{name}" for name in names]

    @property
    def is_label(self) -> bool:
        """Whether the values are equal or not, as labels and clusters are, and not near."""
        return self.name in ("label", "cluster")

    @property
    def nullable(self) -> bool:
        """Whether a value may be missing: a transformer may let missing values through."""
        return self.name == "features"


class Signature(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """Columns in the order of training, the blocks that carry them, the outputs in order.

    `named` is False for a model fitted on an array: its columns are called x0, x1, ...
    """

    columns: tuple[Column, ...]
    inputs: tuple[Block, ...]
    outputs: tuple[Output, ...]
    named: bool = True

    @cached_property
    def by_name(self) -> dict[str, Column]:
        """The columns, by name."""
        return {column.name: column for column in self.columns}

    @cached_property
    def in_blocks(self) -> dict[str, list[Column]]:
        """The columns of each block, by its name."""
        return {block.name: [self.by_name[each] for each in block.columns] for block in self.inputs}

    def place(self, name: str) -> tuple[str, int]:
        """Where the column called `name` stands: the name of its block, its position there."""
        block = next(block for block in self.inputs if name in block.columns)
        return block.name, block.columns.index(name)

    def output(self, name: str) -> Output:
        """The output called `name`; KeyError if there is none."""
        return self._outputs[name]

    @cached_property
    def _outputs(self) -> dict[str, Output]:
        return {output.name: output for output in self.outputs}
