"""Transformers of columns: scaling, encoding, filling in what is missing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import MISSING_TEXT, Array
from converters.graph.answers import Answers
from converters.graph.table import Ref, Table, constant


def standard_scaler(model: Any, table: Table) -> Answers:
    """StandardScaler: (X - mean) / scale, in that order, so the bits are the original's."""
    value = table.matrix()
    if model.with_mean:
        value = op.sub(value, constant(model.mean_))
    if model.with_std:
        value = op.div(value, constant(model.scale_))
    return Answers(transform=Table.of(value, table.width))


def min_max_scaler(model: Any, table: Table) -> Answers:
    """MinMaxScaler: X * scale + min, clipped to feature_range where asked."""
    value = op.add(op.mul(table.matrix(), constant(model.scale_)), constant(model.min_))
    if model.clip:
        low, high = model.feature_range
        value = op.max([op.min([value, constant(float(high))]), constant(float(low))])
    return Answers(transform=Table.of(value, table.width))


def max_abs_scaler(model: Any, table: Table) -> Answers:
    """MaxAbsScaler: X / scale."""
    return Answers(transform=Table.of(op.div(table.matrix(), constant(model.scale_)), table.width))


def robust_scaler(model: Any, table: Table) -> Answers:
    """RobustScaler: (X - center) / scale."""
    value = table.matrix()
    if model.with_centering:
        value = op.sub(value, constant(model.center_))
    if model.with_scaling:
        value = op.div(value, constant(model.scale_))
    return Answers(transform=Table.of(value, table.width))


def simple_imputer(model: Any, table: Table) -> Answers:
    """SimpleImputer: the column's statistic in place of missing; empty columns are dropped."""
    if model.add_indicator:
        raise NotImplementedError("SimpleImputer(add_indicator=True)")
    kept = [i for i, value in enumerate(model.statistics_) if not _is_missing(value)]
    if table.width and all(table.text):
        chosen = table.take(kept)
        fill = constant([str(model.statistics_[i]) for i in kept], np.str_)
        value = chosen.matrix()
        filled = op.where(op.equal(value, constant(MISSING_TEXT, np.str_)), fill, value)
        return Answers(transform=Table.of(filled, len(kept), text=True))
    value = table.take(kept).matrix()
    fill = constant(np.asarray(model.statistics_, dtype=np.float64)[kept])
    return Answers(
        transform=Table.of(op.where(_missing(model.missing_values, value), fill, value), len(kept))
    )


def _missing(mark: Any, value: Var) -> Var:
    if _is_missing(mark):
        return op.isnan(value)
    return op.equal(value, constant(float(mark)))


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float | np.floating) and math.isnan(value))


def one_hot_encoder(model: Any, table: Table) -> Answers:
    """OneHotEncoder: for each column, 1 where the value is the category; unknown rows are 0."""
    if model._infrequent_enabled:  # noqa: SLF001 - no public name holds it
        raise NotImplementedError("OneHotEncoder with infrequent categories")
    return Answers(
        transform=Table.join(
            _one_hot(ref, known, None if model.drop_idx_ is None else model.drop_idx_[i])
            for i, (ref, known) in enumerate(zip(table.refs, model.categories_, strict=True))
        )
    )


def _one_hot(ref: Ref, known: Array, dropped: Any) -> Table:
    code = category_code(ref, known)
    kept = [i for i in range(len(known)) if i != dropped]
    hot = op.cast(op.equal(code, constant([kept], np.int64)), to=np.float64)
    return Table.of(hot, len(kept))


def category_code(ref: Ref, known: Array) -> Var:
    """[rows, 1] int64: the position of each value among `known`; -1 for an unknown one."""
    column = Table((ref,)).matrix()
    codes = list(range(len(known)))
    if ref.text:
        keys = [MISSING_TEXT if _is_missing(value) else str(value) for value in known]
        return ml.label_encoder(column, keys_strings=keys, values_int64s=codes, default_int64=-1)
    numbers = np.asarray(known, dtype=np.float64)
    same = op.equal(column, constant(numbers[None, :]))
    if np.isnan(numbers).any():  # NaN equals nothing, itself included
        same = op.or_(
            same, op.and_(op.isnan(column), constant(np.isnan(numbers)[None, :], np.bool_))
        )
    # The sum of (code + 1) over at most one match, less 1: -1 where none matches.
    weighed = op.mul(op.cast(same, to=np.int64), constant([[code + 1 for code in codes]], np.int64))
    total = op.reduce_sum(weighed, constant([1], np.int64), keepdims=1)
    return op.sub(total, constant(1, np.int64))


def ordinal_encoder(model: Any, table: Table) -> Answers:
    """OrdinalEncoder: the category's number; unknown and missing as the options say."""
    if model._infrequent_enabled:  # noqa: SLF001 - no public name holds it
        raise NotImplementedError("OrdinalEncoder with infrequent categories")
    unknown = math.nan if model.unknown_value is None else float(model.unknown_value)
    columns = []
    for ref, known in zip(table.refs, model.categories_, strict=True):
        code = category_code(ref, known)
        values = [float(i) for i in range(len(known))]
        if len(known) and _is_missing(known[-1]):
            values[-1] = float(model.encoded_missing_value)
        # Code -1 gathers the last entry, which is the answer for an unknown category.
        columns.append(Table.of(op.gather(constant([*values, unknown]), code, axis=0), 1))
    return Answers(transform=Table.join(columns))
