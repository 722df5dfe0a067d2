"""Decision trees and forests, exact in float64."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, arg_max, classify, labels, regress
from converters.graph.leaves import Tree, in_leaf, mean_of_leaves
from converters.graph.table import Table, constant


def double_thresholds(thresholds: Array) -> Array:
    """Float64 s with: x <= s exactly when float32(x) <= t, for every float64 x.

    scikit-learn rounds x to float32 and compares with t in double (`tree/_tree.pyx`). The last
    double that rounds to a float32 at most t is the midpoint to the next float32, or the double
    below it where the tie goes up. An infinite threshold, which parts missing from present, stays.
    """
    t = np.asarray(thresholds, dtype=np.float64)
    return np.where(np.isfinite(t), _last_that_rounds_to(np.where(np.isfinite(t), t, 0.0)), t)


def _last_that_rounds_to(t: Array) -> Array:
    low = t.astype(np.float32)
    low = np.where(low.astype(np.float64) > t, np.nextafter(low, np.float32(-np.inf)), low)
    above = np.nextafter(low, np.float32(np.inf))
    middle = low.astype(np.float64) + (above.astype(np.float64) - low.astype(np.float64)) / 2
    stays = middle.astype(np.float32).astype(np.float64) <= t
    return np.where(stays, middle, np.nextafter(middle, -np.inf))


def nodes_of(estimator: Any, features: Array | None = None) -> Tree:
    """The nodes of a fitted tree, which looks at the table's columns `features` or at all."""
    tree = estimator.tree_
    feature = np.maximum(tree.feature, 0)  # negative at leaves
    return Tree(
        left=tree.children_left,
        right=tree.children_right,
        feature=feature if features is None else np.asarray(features)[feature],
        threshold=double_thresholds(tree.threshold),
        missing_left=np.asarray(tree.missing_go_to_left, dtype=np.bool_),
    )


def tree_classifier(model: Any, table: Table) -> Answers:
    """DecisionTreeClassifier, ExtraTreeClassifier: the leaf's class fractions."""
    return classes_of(model, mean_of_trees([model], table))


def tree_regressor(model: Any, table: Table) -> Answers:
    """DecisionTreeRegressor, ExtraTreeRegressor: the leaf's value."""
    return values_of(mean_of_trees([model], table), model.n_outputs_)


def forest_classifier(model: Any, table: Table) -> Answers:
    """RandomForestClassifier, ExtraTreesClassifier: the mean of the trees' fractions."""
    return classes_of(model, mean_of_trees(model.estimators_, table))


def forest_regressor(model: Any, table: Table) -> Answers:
    """RandomForestRegressor, ExtraTreesRegressor: the mean of the trees' values."""
    return values_of(mean_of_trees(model.estimators_, table), model.n_outputs_)


def random_trees_embedding(model: Any, table: Table) -> Answers:
    """RandomTreesEmbedding: 1 at each leaf the row falls into; each leaf held a training row."""
    trees = [nodes_of(estimator) for estimator in model.estimators_]
    width = sum(len(tree.leaves) for tree in trees)
    return Answers(transform=Table.of(in_leaf(trees, table), width))


def mean_of_trees(estimators: Sequence[Any], table: Table) -> Var:
    """[rows, k]: the mean of the trees' values, k = targets * classes of the widest target."""
    values = [estimator.tree_.value for estimator in estimators]
    return mean_of_leaves(
        [nodes_of(estimator) for estimator in estimators],
        table,
        [value.reshape(len(value), -1) for value in values],
    )


def classes_of(model: Any, fractions: Var) -> Answers:
    """A classifier's answers from `mean_of_trees`: of one target, or of several side by side."""
    if model.n_outputs_ == 1:
        return classify(model.classes_, arg_max(fractions), predict_proba=fractions)
    widest = max(len(known) for known in model.classes_)
    targets = op.reshape(fractions, constant([-1, model.n_outputs_, widest], np.int64))
    # Flat positions in a table of all targets' classes; a row of it that is too short is padded.
    padded = [np.pad(known, (0, widest - len(known)), mode="edge") for known in model.classes_]
    first = constant(np.arange(model.n_outputs_) * widest, np.int64)
    place = op.add(op.arg_max(targets, axis=2, keepdims=0), first)
    return Answers(
        predict=op.gather(labels(np.concatenate(padded)), place, axis=0),
        predict_proba=tuple(
            op.gather(fractions, constant(np.arange(len(known)) + i * widest, np.int64), axis=1)
            for i, known in enumerate(model.classes_)
        ),
    )


def values_of(value: Var, targets: int) -> Answers:
    """A regressor's answers: [rows] of one target, [rows, targets] of several."""
    return regress(value) if targets == 1 else Answers(predict=value)
