"""Histogram gradient boosting: compares float64, encodes categorical columns itself.

(`ensemble/_hist_gradient_boosting`)
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, regress
from converters.graph.boosting import expit_of, from_start, softmax_of
from converters.graph.leaves import LEAF, Tree, sum_of_leaves
from converters.graph.table import Table

OUTSIDE = 0
"""The code of an unknown or missing category; known ones count from 1."""


def histogram_regressor(model: Any, table: Table) -> Answers:
    """HistGradientBoostingRegressor: the raw score, or exp of it for gamma and poisson loss."""
    raw = _raw(model, table)
    return regress(op.exp(raw) if model.loss in ("gamma", "poisson") else raw)


def histogram_classifier(model: Any, table: Table) -> Answers:
    """HistGradientBoostingClassifier: expit of one score, or softmax of k."""
    raw = _raw(model, table)
    if len(model.classes_) > 2:
        return softmax_of(model, raw)
    return expit_of(model, raw)


def _raw(model: Any, table: Table) -> Var:
    """[rows, k]: the baseline and the trees' values, k trees each iteration."""
    categories = _categories(model)
    codes = {position: _codes(table, categories, position) for position in categories}
    order = _order(model)
    predictors = [each for iteration in model._predictors for each in iteration]  # noqa: SLF001 - no public name holds them
    trees = [_nodes(predictor, order, codes) for predictor in predictors]
    values = [predictor.nodes["value"] for predictor in predictors]
    encoded = _encoded(table, categories)
    baseline = np.reshape(model._baseline_prediction, (1, -1))  # noqa: SLF001 - likewise
    return sum_of_leaves(trees, encoded, from_start(baseline, values), model.n_trees_per_iteration_)


def _categories(model: Any) -> dict[int, list[Any]]:
    """The known categories of each categorical column, missing left out."""
    if model._preprocessor is None:  # noqa: SLF001 - no public name holds it
        return {}
    encoder = model._preprocessor.named_transformers_["encoder"]  # noqa: SLF001 - likewise
    positions = np.flatnonzero(model.is_categorical_).tolist()
    return {
        position: [value for value in known if not _is_missing(value)]
        for position, known in zip(positions, encoder.categories_, strict=True)
    }


def _is_missing(value: Any) -> bool:
    return value is None or (isinstance(value, float | np.floating) and math.isnan(value))


def _order(model: Any) -> Array:
    """The column behind each feature of the trees: the categorical ones come first."""
    if model._preprocessor is None:  # noqa: SLF001 - no public name holds it
        return np.arange(model.n_features_in_)
    categorical = np.asarray(model.is_categorical_)
    return np.concatenate([np.flatnonzero(categorical), np.flatnonzero(~categorical)])


def _codes(table: Table, categories: dict[int, list[Any]], position: int) -> Array:
    """The codes of a column's categories: text columns share one numbering, and numbers another."""
    alike = _alike(table, categories, text=table.text[position])
    return np.array([alike[value] for value in categories[position]], dtype=np.float64)


def _alike(table: Table, categories: dict[int, list[Any]], *, text: bool) -> dict[Any, int]:
    """A code for each category of the columns of one kind, so that one LabelEncoder knows all."""
    known = dict.fromkeys(
        value
        for position, values in categories.items()
        if table.text[position] == text
        for value in values
    )
    return {value: code for code, value in enumerate(known, start=OUTSIDE + 1)}


def _encoded(table: Table, categories: dict[int, list[Any]]) -> Table:
    """The table with codes in its categorical columns."""
    refs = list(table.refs)
    for text in (False, True):
        positions = [position for position in categories if table.text[position] == text]
        if positions:
            alike = _alike(table, categories, text=text)
            codes = _label(table.take(positions).matrix(), alike, text=text)
            coded = Table.of(codes, len(positions)).refs
            for position, ref in zip(positions, coded, strict=True):
                refs[position] = ref
    return Table(tuple(refs))


def _label(values: Var, alike: dict[Any, int], *, text: bool) -> Var:
    keys = [str(value) for value in alike] if text else [float(value) for value in alike]
    return ml.label_encoder(
        values,
        keys_tensor=np.array(keys),
        values_tensor=np.array([*alike.values()], dtype=np.float64),
        default_tensor=np.array([float(OUTSIDE)]),
    )


def _nodes(predictor: Any, order: Array, codes: dict[int, Array]) -> Tree:
    nodes = predictor.nodes
    leaf = nodes["is_leaf"].astype(np.bool_)
    left = np.where(leaf, LEAF, nodes["left"].astype(np.int64))
    right = np.where(leaf, LEAF, nodes["right"].astype(np.int64))
    feature = order[np.where(leaf, 0, nodes["feature_idx"])]
    threshold = nodes["num_threshold"].copy()
    missing_left = nodes["missing_go_to_left"].astype(np.bool_) & ~leaf
    members: dict[int, Array] = {}
    for node in np.flatnonzero(nodes["is_categorical"].astype(np.bool_) & ~leaf).tolist():
        known = codes[int(feature[node])]
        goes_left = _bits(predictor.raw_left_cat_bitsets[nodes["bitset_idx"][node]])[: len(known)]
        if missing_left[node]:
            # What is no member goes right, unknown and missing ones too: so here the sides change.
            left[node], right[node] = right[node], left[node]
        members[node] = known[goes_left != missing_left[node]]
        missing_left[node], threshold[node] = False, 0.0
    return Tree(
        left=left,
        right=right,
        feature=feature,
        threshold=threshold,
        missing_left=missing_left,
        members=members,
    )


def _bits(words: Array) -> Array:
    """[256] bool: the bits of eight 32-bit words, the lowest first."""
    return np.unpackbits(words.astype("<u4").view(np.uint8), bitorder="little").astype(np.bool_)
