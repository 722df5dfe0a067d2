"""Trees and their ensembles, exact in float64.

One TreeEnsemble (ai.onnx.ml 5, double) gives for each tree the index of the leaf a row falls
into: each tree is its own target, so no floating-point sum happens inside the operator and its
order does not matter. The leaves' values are then gathered and summed in the graph.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.ml.v5 as ml
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, arg_max, both, classify, flat, regress
from converters.graph.linear import expit
from converters.graph.table import Table, constant

LESS_OR_EQUAL = 0  # TreeEnsemble's BRANCH_LEQ
SUM = 1  # aggregate_function
LEAF = -1  # scikit-learn's TREE_LEAF


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


def leaf_values(trees: Sequence[Any], table: Table, values: Sequence[Array]) -> Var:
    """[rows, trees, k]: for each tree, `values[tree]` [nodes, k] at the leaf of each row."""
    first = np.concatenate([[0], np.cumsum([tree.node_count for tree in trees])]).tolist()
    index = op.cast(_leaf_index(trees, table, first), to=np.int64)
    return op.gather(constant(np.concatenate(values)), index, axis=0)


def _leaf_index(trees: Sequence[Any], table: Table, first: list[int]) -> Var:
    """[rows, trees] float64: the number of the leaf among the nodes of all trees."""
    nodes = _Nodes()
    for target, tree in enumerate(trees):
        nodes.add(tree, target, first[target])
    return ml.tree_ensemble(
        table.matrix(),
        aggregate_function=SUM,
        post_transform=0,
        n_targets=len(trees),
        **nodes.attributes(),
    )


class _Nodes:
    """Collects the nodes of trees, numbered as TreeEnsemble wants: splits and leaves apart."""

    def __init__(self) -> None:
        self.roots: list[int] = []
        self.parts: list[dict[str, Array]] = []
        self.targets: list[Array] = []
        self.weights: list[Array] = []
        self.splits = self.leaves = 0

    def add(self, tree: Any, target: int, first: int) -> None:
        """Add `tree`, whose leaf i weighs first + i in `target`."""
        left, right, feature = tree.children_left, tree.children_right, tree.feature
        threshold, missing_left = double_thresholds(tree.threshold), _missing_left(tree)
        if tree.node_count == 1:  # a lone leaf: TreeEnsemble wants a split, so both ways lead to it
            left, right, feature = np.array([1, LEAF]), np.array([1, LEAF]), np.array([0, 0])
            threshold, missing_left = np.zeros(2), np.zeros(2, dtype=np.int64)
        inner, leaf = left != LEAF, left == LEAF
        number = np.where(
            inner, np.cumsum(inner) - 1 + self.splits, np.cumsum(leaf) - 1 + self.leaves
        )
        left, right = left[inner], right[inner]
        self.roots.append(self.splits)
        self.parts.append(
            {
                "nodes_featureids": feature[inner],
                "nodes_splits": threshold[inner],
                "nodes_missing_value_tracks_true": missing_left[inner],
                "nodes_truenodeids": number[left],
                "nodes_trueleafs": leaf[left].astype(np.int64),
                "nodes_falsenodeids": number[right],
                "nodes_falseleafs": leaf[right].astype(np.int64),
            }
        )
        count = int(leaf.sum())
        weight = np.flatnonzero(leaf) if tree.node_count > 1 else np.zeros(count)
        self.targets.append(np.full(count, target))
        self.weights.append(weight + float(first))
        self.splits += int(inner.sum())
        self.leaves += count

    def attributes(self) -> dict[str, Any]:
        """The operator's attributes."""
        joined = {
            name: np.concatenate([part[name] for part in self.parts]) for name in self.parts[0]
        }
        splits = joined.pop("nodes_splits")
        return {name: values.tolist() for name, values in joined.items()} | {
            "nodes_splits": splits.astype(np.float64),
            "nodes_modes": np.full(len(splits), LESS_OR_EQUAL, dtype=np.uint8),
            "leaf_targetids": np.concatenate(self.targets).tolist(),
            "leaf_weights": np.concatenate(self.weights).astype(np.float64),
            "tree_roots": self.roots,
        }


def _missing_left(tree: Any) -> Array:
    return np.asarray(tree.missing_go_to_left, dtype=np.int64)


def tree_classifier(model: Any, table: Table) -> Answers:
    """DecisionTreeClassifier, ExtraTreeClassifier: the leaf's class fractions."""
    return _classes(model, _tree_probabilities(model, table))


def tree_regressor(model: Any, table: Table) -> Answers:
    """DecisionTreeRegressor, ExtraTreeRegressor: the leaf's value."""
    value = leaf_values([model.tree_], table, [model.tree_.value[:, 0, :1]])
    return regress(value)


def _tree_probabilities(model: Any, table: Table) -> Var:
    value = leaf_values([model.tree_], table, [model.tree_.value[:, 0, :]])
    return op.squeeze(value, constant([1], np.int64))


def forest_classifier(model: Any, table: Table) -> Answers:
    """RandomForestClassifier, ExtraTreesClassifier: the mean of the trees' fractions."""
    return _classes(model, _mean_of_trees(model, table))


def forest_regressor(model: Any, table: Table) -> Answers:
    """RandomForestRegressor, ExtraTreesRegressor: the mean of the trees' values."""
    return regress(_mean_of_trees(model, table))


def _mean_of_trees(model: Any, table: Table) -> Var:
    trees = [estimator.tree_ for estimator in model.estimators_]
    values = leaf_values(trees, table, [tree.value[:, 0, :] for tree in trees])
    total = op.reduce_sum(values, constant([1], np.int64), keepdims=0)
    return op.div(total, constant(float(len(trees))))


def _classes(model: Any, probabilities: Var) -> Answers:
    return classify(model.classes_, arg_max(probabilities), predict_proba=probabilities)


def boosting_regressor(model: Any, table: Table) -> Answers:
    """GradientBoostingRegressor: init + learning_rate * the sum of the trees' values."""
    total = op.add(constant(_initial(model)), _sum_of_stages(model, table))
    return regress(total)


def _sum_of_stages(model: Any, table: Table) -> Var:
    """[rows, k]: learning_rate times the trees' values, summed over the stages, k trees each."""
    stages, width = model.estimators_.shape
    trees = [estimator.tree_ for estimator in model.estimators_.ravel()]
    values = leaf_values(
        trees, table, [model.learning_rate * tree.value[:, 0, :1] for tree in trees]
    )
    shaped = op.reshape(values, constant([-1, stages, width], np.int64))
    return op.reduce_sum(shaped, constant([1], np.int64), keepdims=0)


def _initial(model: Any) -> Array:
    """[1, k] raw score before the first stage; it does not depend on the row for these `init_`."""
    if model.init_ == "zero":
        return np.zeros((1, model.estimators_.shape[1]))
    if type(model.init_).__name__ not in ("DummyRegressor", "DummyClassifier"):
        raise NotImplementedError("a gradient boosting `init` that looks at the row")
    return np.asarray(model._raw_predict_init(np.zeros((1, model.n_features_in_))))  # noqa: SLF001 - the only place the start is computed


def boosting_classifier(model: Any, table: Table) -> Answers:
    """GradientBoostingClassifier with log loss: expit of one score, or softmax of k."""
    raw = op.add(constant(_initial(model)), _sum_of_stages(model, table))
    if len(model.classes_) > 2:
        return classify(
            model.classes_,
            arg_max(raw),
            predict_proba=op.softmax(raw, axis=1),
            decision_function=raw,
        )
    # raw >= 0: at 0.5 each the original says the second class.
    index = op.cast(flat(op.greater_or_equal(raw, constant(0.0))), to=np.int64)
    return classify(
        model.classes_, index, predict_proba=both(expit(raw)), decision_function=flat(raw)
    )
