"""Filling in what is missing, and saying where it was."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import MISSING_TEXT, Array
from converters.graph.answers import Answers
from converters.graph.encoding import is_missing
from converters.graph.responses import asked
from converters.graph.steps import answer
from converters.graph.table import Table, constant


def simple_imputer(model: Any, table: Table) -> Answers:
    """SimpleImputer: the column's statistic in place of missing; empty columns are dropped."""
    statistics = np.asarray(model.statistics_)
    if not model.keep_empty_features:
        kept = [i for i, value in enumerate(statistics) if not is_missing(value)]
        filled = _filled(table.take(kept), model.missing_values, statistics[kept])
    else:
        filled = _filled(table, model.missing_values, statistics)
    return Answers(transform=_with_indicator(model, table, filled))


def _with_indicator(model: Any, table: Table, filled: Table) -> Table:
    if not model.add_indicator:
        return filled
    return Table.join([filled, _indicated(model.indicator_, table)])


def _filled(table: Table, mark: Any, statistics: Array) -> Table:
    """`statistics` in place of missing; columns of text and of numbers each in one operator."""

    def fill(matrix: Var, chosen: list[int], text: bool) -> Var:  # noqa: FBT001 - one caller
        values = [str(statistics[i]) if text else float(statistics[i]) for i in chosen]
        given = constant(values, np.str_ if text else np.float64)
        return op.where(_missing(matrix, mark, text=text), given, matrix)

    return _by_kind(table, fill)


def _by_kind(table: Table, function: Any, *, keeps_text: bool = True) -> Table:
    """The columns through `function(matrix, positions, text)`, those of text and numbers apart."""
    if not table.width:
        return table
    parts, order = [], []
    for text in (False, True):
        chosen = [i for i, is_text in enumerate(table.text) if is_text == text]
        if chosen:
            found = function(table.take(chosen).matrix(), chosen, text)
            parts.append(Table.of(found, len(chosen), text=text and keeps_text))
            order += chosen
    return Table.join(parts).take(np.argsort(order).tolist())


def _missing(matrix: Var, mark: Any, *, text: bool) -> Var:
    if text:
        return op.equal(matrix, constant(MISSING_TEXT if is_missing(mark) else str(mark), np.str_))
    if is_missing(mark):
        return op.isnan(matrix)
    return op.equal(matrix, constant(float(mark)))


def missing_indicator(model: Any, table: Table) -> Answers:
    """MissingIndicator: 1 where the value is missing."""
    return Answers(transform=_indicated(model, table))


def _indicated(model: Any, table: Table) -> Table:
    def indicate(matrix: Var, _: list[int], text: bool) -> Var:  # noqa: FBT001 - one caller
        return op.cast(_missing(matrix, model.missing_values, text=text), to=np.float64)

    chosen = table.take([int(i) for i in model.features_])
    return _by_kind(chosen, indicate, keeps_text=False)


def iterative_imputer(model: Any, table: Table) -> Answers:
    """IterativeImputer: the initial filling, then each round's predictions in fitting's order."""
    if model.sample_posterior:
        raise NotImplementedError("IterativeImputer(sample_posterior=True), which draws at random")
    initial = simple_imputer(model.initial_imputer_, table).transform
    empty = getattr(model, "_is_empty_feature", None)  # since scikit-learn 1.6
    if empty is None:
        empty = np.isnan(model.initial_imputer_.statistics_)
    kept = range(table.width) if model.keep_empty_features else np.flatnonzero(~empty).tolist()
    given = table.take([int(i) for i in kept]).matrix()
    missing = _missing(given, model.missing_values, text=False)
    if model.keep_empty_features and empty.any():
        missing = op.and_(missing, constant(~empty, np.bool_))
    assert initial is not None  # noqa: S101 - SimpleImputer transforms
    value = initial.matrix()
    if model.n_iter_:
        # A batch of nothing but missing values is left as it is filled at first.
        some = op.reduce_sum(op.cast(op.not_(missing), to=np.int64), keepdims=0)
        rounds = _rounds(model, value, missing)
        value = op.where(op.equal(some, constant(0, np.int64)), value, rounds)
    return Answers(transform=_with_indicator(model, table, Table.of(value, len(kept))))


def _rounds(model: Any, value: Var, missing: Var) -> Var:
    low, high = model._min_value, model._max_value  # noqa: SLF001 - no public name holds them
    width = len(low)
    gaps = {}
    for step in model.imputation_sequence_:
        at = int(step.feat_idx)
        if at not in gaps:
            gaps[at] = op.and_(missing, constant(np.arange(width) == at, np.bool_))
        others = Table.of(value, width).take([int(i) for i in step.neighbor_feat_idx])
        found = asked(answer(step.estimator, others, where="estimator"), "predict")
        found = _within(op.reshape(found, constant([-1, 1], np.int64)), low[at], high[at])
        value = op.where(gaps[at], found, value)
    return value


def _within(value: Var, low: float, high: float) -> Var:
    if np.isinf(low) and np.isinf(high):
        return value
    return op.clip(value, constant(float(low)), constant(float(high)))
