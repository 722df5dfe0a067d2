"""Encoders of categories and bins: the category of each value, then what stands for it."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from scipy import sparse
from spox import Var

from bundle.arrays import MISSING_TEXT, Array
from converters.graph.answers import Answers
from converters.graph.lookup import Steps, matched, searched, step_functions
from converters.graph.table import Table, constant
from converters.graph.trees import double_thresholds

UNKNOWN = -1


def one_hot_encoder(model: Any, table: Table) -> Answers:
    """OneHotEncoder: for each column, 1 where the value is of the category (or of its group)."""
    known = model.categories_
    drop = model.drop_idx_ if model.drop_idx_ is not None else [None] * len(known)
    groups = _infrequent(model)
    widths = [
        len(each) - max(len(group) - 1, 0) - (dropped is not None)
        for each, group, dropped in zip(known, groups, drop, strict=True)
    ]
    first = np.cumsum([0, *widths])
    hot = _answered(model, known)
    places = [
        _places(rows[:, first[i] : first[i + 1]], int(first[i])) for i, rows in enumerate(hot)
    ]
    # What an unknown value gives, no category or the infrequent ones, may differ by column.
    found = values_beside(
        table, known, [each[:-1] for each in places], [each[-1] for each in places]
    )
    return Answers(transform=_hot(found, widths))


def _places(hot: Array, first: int) -> Array:
    """The number of the hot column of each row, counted from `first`; UNKNOWN where none is."""
    if not hot.shape[1]:
        return np.full(len(hot), UNKNOWN)
    return np.where(hot.any(axis=1), hot.argmax(axis=1) + first, UNKNOWN)


def _hot(places: Var, widths: Sequence[int]) -> Table:
    """1 at the place of each column, 0 elsewhere; column i has `widths[i]` places of its own."""
    width = int(sum(widths))
    owners = constant(np.repeat(np.arange(len(widths)), widths), np.int64)
    spread = places if len(widths) == 1 else op.gather(places, owners, axis=1)
    hot = op.equal(spread, constant([np.arange(width)], np.int64))
    return Table.of(op.cast(hot, to=np.float64), width)


def _infrequent(model: Any) -> list[Any]:
    grouped = getattr(model, "infrequent_categories_", None)
    grouped = [None] * len(model.categories_) if grouped is None else grouped
    return [() if each is None else each for each in grouped]


def ordinal_encoder(model: Any, table: Table) -> Answers:
    """OrdinalEncoder: the category's number; unknown and missing as the options say."""
    known = model.categories_
    codes = [rows[:, i] for i, rows in enumerate(_answered(model, known))]
    floats = [each.astype(np.float64) for each in codes]
    value = values_beside(
        table, known, [each[:-1] for each in floats], [each[-1] for each in floats]
    )
    return Answers(transform=Table.of(value, table.width))


def target_encoder(model: Any, table: Table) -> Answers:
    """TargetEncoder.transform: the encoding of the category, for each class where there are more.

    An unknown category gets the mean of the target.
    """
    k = len(model.classes_) if model.target_type_ == "multiclass" else 1
    means = np.broadcast_to(np.asarray(model.target_mean_, dtype=np.float64), (k,))
    encodings = [
        np.vstack([np.stack(model.encodings_[i * k : (i + 1) * k], axis=1), means])
        for i in range(table.width)
    ]
    if k == 1:
        each = [rows[:, 0] for rows in encodings]
        value = values_beside(
            table, model.categories_, [e[:-1] for e in each], [e[-1] for e in each]
        )
        return Answers(transform=Table.of(value, table.width))
    first = np.cumsum([0, *(len(rows) for rows in encodings)])
    rows = [np.arange(first[i], first[i + 1]) for i in range(table.width)]
    unknown = [int(first[1]) - 1] * table.width  # the means, which are the same for each column
    at = values_beside(table, model.categories_, [each[:-1] for each in rows], unknown)
    value = op.gather(constant(np.vstack(encodings)), at, axis=0)
    flat = op.reshape(value, constant([-1, table.width * k], np.int64))
    return Answers(transform=Table.of(flat, table.width * k))


def label_encoder(model: Any, table: Table) -> Answers:
    """LabelEncoder: the number of the class, of one sequence of labels.

    Whole classes are met by whatever truncates to them, as the original's cast does.
    """
    if model.classes_.dtype.kind in "iu":
        value = table.matrix()
        table = Table.of(op.mul(op.sign(value), op.floor(op.abs(value))), 1)
    codes = np.arange(len(model.classes_), dtype=np.float64)
    return Answers(transform=Table.of(values_beside(table, [model.classes_], [codes], [np.nan]), 1))


def label_binarizer(model: Any, table: Table) -> Answers:
    """LabelBinarizer: `pos_label` for the class of the row, `neg_label` for the others.

    Two classes have one column, for the second.
    """
    positive, negative = float(model.pos_label), float(model.neg_label)
    if model.y_type_.startswith("multilabel"):
        hot = op.not_(op.equal(table.matrix(), constant(0.0)))
        value = op.where(hot, constant(positive), constant(negative))
        return Answers(transform=Table.of(value, table.width))
    count = len(model.classes_)
    codes = [[1.0]] if count == 2 else [np.arange(count, dtype=np.float64)]
    number = values_beside(
        table, [model.classes_], [np.arange(count, dtype=np.float64)], [float(UNKNOWN)]
    )
    # A lone class is binary too, and the original gives `neg_label` for it.
    shown = constant(codes) if count > 1 else constant([[float(count)]])
    value = op.where(op.equal(number, shown), constant(positive), constant(negative))
    return Answers(transform=Table.of(value, count if count > 2 else 1))


def k_bins_discretizer(model: Any, table: Table) -> Answers:
    """KBinsDiscretizer: how many of the inner edges are at or under the value."""
    columns = [_bins(model, np.asarray(edges[1:-1])) for edges in model.bin_edges_]
    number = step_functions(table.matrix(), columns)
    if model.encode == "ordinal":
        return Answers(transform=Table.of(number, table.width))
    widths = [int(count) for count in model.n_bins_]
    first = constant(np.cumsum([0, *widths])[:-1], np.int64)
    return Answers(transform=_hot(op.add(op.cast(number, to=np.int64), first), widths))


def _bins(model: Any, edges: Array) -> Steps:
    steps = searched(edges)
    if model.dtype == np.float32:  # the original rounds the values first
        return Steps(breaks=double_thresholds(steps.breaks), values=steps.values)
    return steps


def _answered(model: Any, known: Sequence[Array]) -> list[Array]:
    """For each column: what the encoder says to each category and, last, to an unknown one.

    Asked of the original, since its grouping of infrequent categories, missing ones among them,
    has no public form. Where it refuses unknown ones they do not come, so any answer will do.
    """
    count = max(len(each) for each in known)
    rows = np.empty((count + 1, len(known)), dtype=object)
    for i, each in enumerate(known):
        rows[:-1, i] = [each[min(row, len(each) - 1)] for row in range(count)]
        rows[-1, i] = each[0] if model.handle_unknown == "error" else _stranger(each)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of names of columns and unknown categories: meant so
        answers = model.transform(rows)
    answers = answers.toarray() if sparse.issparse(answers) else np.asarray(answers)
    return [np.vstack([answers[: len(each)], answers[-1:]]) for each in known]


def _stranger(known: Array) -> Any:
    text = [value for value in known if isinstance(value, str)]
    if text:
        return max(text) + "?"
    numbers = [float(value) for value in known if not is_missing(value)]
    return max(numbers, default=0.0) * 2 + 1.5


def values_beside(
    table: Table, known: Sequence[Array], values: Sequence[Any], unknown: Sequence[float]
) -> Var:
    """[rows, columns]: for each column i, the entry of `values[i]` beside the value in `known[i]`.

    `unknown[i]` for one that is not there. Int64 where all of them are integers.
    """
    whole = all(np.asarray(each).dtype.kind in "iu" for each in (*values, unknown))
    text = [i for i, is_text in enumerate(table.text) if is_text]
    numbers = [i for i, is_text in enumerate(table.text) if not is_text]
    parts = []
    for chosen, read in ((text, _of_text), (numbers, _of_numbers)):
        if chosen:
            found = read(
                table.take(chosen).matrix(),
                [known[i] for i in chosen],
                [np.asarray(values[i], dtype=np.int64 if whole else np.float64) for i in chosen],
                [unknown[i] for i in chosen],
            )
            parts.append(Table.of(found, len(chosen)))
    order = np.argsort([*text, *numbers])
    return Table.join(parts).take(order.tolist()).matrix()


def _of_numbers(
    matrix: Var, known: Sequence[Array], values: Sequence[Array], unknown: Sequence[float]
) -> Var:
    columns = [matched(*each) for each in zip(known, values, unknown, strict=True)]
    found = step_functions(matrix, columns)
    return op.cast(found, to=np.int64) if values[0].dtype.kind == "i" else found


def _of_text(
    matrix: Var, known: Sequence[Array], values: Sequence[Array], unknown: Sequence[float]
) -> Var:
    """One LabelEncoder for all columns: a prefix tells the same category of two columns apart."""
    prefixes = [f"{i}:" for i in range(len(known))] if len(known) > 1 else [""]
    keys = [
        prefix + _key(value) for prefix, each in zip(prefixes, known, strict=True) for value in each
    ]
    if len(set(keys)) < len(keys):
        raise NotImplementedError("None and NaN as two categories of one column")
    if len(known) > 1:
        matrix = op.string_concat(constant(prefixes, np.str_), matrix)
    same = len({repr(each) for each in unknown}) == 1
    default = unknown[0] if same else UNKNOWN - 1
    dtype = values[0].dtype
    found = ml.label_encoder(
        matrix,
        keys_tensor=np.array(keys, dtype=np.str_),
        values_tensor=np.concatenate(values),
        default_tensor=np.array([default], dtype=dtype),
    )
    if same:
        return found
    return op.where(op.equal(found, constant(default, dtype)), constant(unknown, dtype), found)


def _key(value: Any) -> str:
    return MISSING_TEXT if is_missing(value) else str(value)


def is_missing(value: Any) -> bool:
    """Whether a category or a statistic stands for missing: None, NaN or pandas' NA."""
    if value is None or type(value).__name__ == "NAType":
        return True
    return isinstance(value, float | np.floating) and math.isnan(value)
