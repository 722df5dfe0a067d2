"""Feature selection: some of the columns, chosen at fitting."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from converters.graph.answers import Answers
from converters.graph.steps import answer
from converters.graph.table import Table


def selector(model: Any, table: Table) -> Answers:
    """SelectorMixin.transform: the columns of `get_support`, in their order."""
    return Answers(transform=_selected(model, table))


def recursive_elimination(model: Any, table: Table) -> Answers:
    """RFE, RFECV: they also answer as the estimator fitted on the columns that are left."""
    selected = _selected(model, table)
    inner = answer(model.estimator_, selected, where="estimator")
    return replace(inner, transform=selected)


def _selected(model: Any, table: Table) -> Table:
    return table.take([int(position) for position in model.get_support(indices=True)])
