"""Ensembles of other estimators: boosting by weights, bagging, isolation.

Where every member is a tree, all are one TreeEnsemble; else each member is built alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph import stacked
from converters.graph.answers import Answers, above, arg_max, classify, flat, labels, regress
from converters.graph.leaves import mean_of_leaves, sum_of_leaves, total_of_leaves
from converters.graph.responses import asked
from converters.graph.steps import answer
from converters.graph.table import Table, constant
from converters.graph.trees import nodes_of, values_of
from converters.installed import scikit_learn_since


def _are_trees(estimators: Sequence[Any]) -> bool:
    return all(hasattr(estimator, "tree_") for estimator in estimators)


def _each(estimators: Sequence[Any], tables: Sequence[Table]) -> list[Answers]:
    return [
        answer(estimator, table, where=f"estimator {i}")
        for i, (estimator, table) in enumerate(zip(estimators, tables, strict=True))
    ]


def ada_boost_classifier(model: Any, table: Table) -> Answers:
    """AdaBoostClassifier: the members' weighted votes or logarithms, softmax of their mean."""
    count = len(model.classes_)
    if count == 1:
        return _one_class(model, table)
    estimators = model.estimators_
    # scikit-learn 1.6 has SAMME alone, and takes no notice of an older model's SAMME.R.
    if getattr(model, "algorithm", None) == "SAMME.R" and not scikit_learn_since("1.6"):
        total = _logarithms(estimators, table, count)
    else:
        total = _votes(estimators, table, model.classes_, _weighted(model))
    score = op.div(total, constant(model.estimator_weights_.sum()))
    if count > 2:
        scaled = op.div(score, constant(float(count - 1)))
        return classify(
            model.classes_,
            arg_max(score),
            predict_proba=op.softmax(scaled, axis=1),
            decision_function=score,
        )
    signed = op.mul(score, constant([[-1.0, 1.0]]))
    decision = op.reduce_sum(signed, constant([1], np.int64), keepdims=1)
    halves = op.div(op.mul(decision, constant([[-1.0, 1.0]])), constant(2.0))
    return classify(
        model.classes_,
        above(decision),
        predict_proba=op.softmax(halves, axis=1),
        decision_function=flat(decision),
    )


def _logarithms(estimators: Sequence[Any], table: Table, count: int) -> Var:
    """[rows, classes]: logarithms of probabilities, less their mean (`_samme_proba`)."""
    parts = []
    for found in _each(estimators, [table] * len(estimators)):
        logs = op.log(op.max([asked(found, "predict_proba"), constant(np.finfo(np.float64).eps)]))
        total = op.reduce_sum(logs, constant([1], np.int64), keepdims=1)
        over = op.sub(logs, op.mul(constant(1.0 / count), total))
        parts.append(op.mul(constant(float(count - 1)), over))
    return op.sum(parts)


def _one_class(model: Any, table: Table) -> Answers:
    rows = op.shape(table.matrix(), start=0, end=1)
    column = op.concat([rows, constant([1], np.int64)], axis=0)
    score = op.expand(constant([[0.0]]), column)
    ones = op.expand(constant([[1.0]]), column)
    return classify(model.classes_, arg_max(score), predict_proba=ones, decision_function=score)


def _weighted(model: Any) -> Array:
    """[members, classes, classes]: what a member's vote for a class adds to each class."""
    count = len(model.classes_)
    weight = np.asarray(model.estimator_weights_)[: len(model.estimators_), None, None]
    return np.where(np.eye(count, dtype=np.bool_), weight, -1 / (count - 1) * weight)


def _votes(
    estimators: Sequence[Any],
    table: Table,
    classes: Array,
    table_of: Array,
    columns: Sequence[Array] | None = None,
) -> Var:
    """[rows, classes]: `table_of[member, vote]` summed over the members."""
    members, count, _ = table_of.shape
    if _are_trees(estimators) and columns is None:
        values = [
            votes[_among(classes, estimator)[estimator.tree_.value[:, 0, :].argmax(axis=1)]]
            for estimator, votes in zip(estimators, table_of, strict=True)
        ]
        return total_of_leaves([nodes_of(each) for each in estimators], table, values)
    votes = _all_votes(estimators, table, classes, columns)
    place = op.add(votes, constant(np.arange(members) * count, np.int64))
    added = op.gather(constant(table_of.reshape(members * count, count)), place, axis=0)
    return op.reduce_sum(added, constant([1], np.int64), keepdims=0)


def _all_votes(
    estimators: Sequence[Any], table: Table, classes: Array, columns: Sequence[Array] | None
) -> Var:
    """Int64 [rows, members]: the places among `classes` of the labels that they say."""
    if all(np.array_equal(each.classes_, classes) for each in estimators):
        scores = stacked.class_scores(estimators, table, columns)
        if scores is not None:
            return op.arg_max(scores, axis=2, keepdims=0)
    tables = [table] * len(estimators) if columns is None else _taken(table, columns)
    votes = [
        op.reshape(_vote(classes, estimator, answers), constant([-1, 1], np.int64))
        for estimator, answers in zip(estimators, _each(estimators, tables), strict=True)
    ]
    return op.concat(votes, axis=1)


def _taken(table: Table, columns: Sequence[Array]) -> list[Table]:
    return [table.take(each.tolist()) for each in columns]


def _among(classes: Array, estimator: Any) -> Array:
    """The place among `classes` of each class that a member knows."""
    return np.asarray(np.searchsorted(classes, estimator.classes_))


def _vote(classes: Array, estimator: Any, answers: Answers) -> Var:
    """Int64 [rows]: the place among `classes` of the label that a member says."""
    index = answers.index
    if index is None:
        said = op.reshape(asked(answers, "predict"), constant([-1, 1], np.int64))
        same = op.equal(said, op.unsqueeze(labels(estimator.classes_), constant([0], np.int64)))
        index = arg_max(op.cast(same, to=np.float64))
    places = _among(classes, estimator)
    if np.array_equal(places, np.arange(len(classes))):
        return index
    return op.gather(constant(places, np.int64), index, axis=0)


def ada_boost_regressor(model: Any, table: Table) -> Answers:
    """AdaBoostRegressor: the weighted median of the members' answers."""
    estimators = model.estimators_
    if _are_trees(estimators):
        trees = [nodes_of(estimator) for estimator in estimators]
        values = [estimator.tree_.value[:, 0, 0] for estimator in estimators]
        said = sum_of_leaves(trees, table, values, len(trees))
    else:
        said = _predictions(estimators, table)
    ordered, place = op.top_k(said, constant([len(estimators)], np.int64), largest=0)
    weight = constant(np.asarray(model.estimator_weights_)[: len(estimators)])
    reached = op.cumsum(op.gather(weight, place, axis=0), constant(1, np.int64))
    last = op.gather(reached, constant([len(estimators) - 1], np.int64), axis=1)
    half = op.greater_or_equal(reached, op.mul(constant(0.5), last))
    first = op.arg_max(op.cast(half, to=np.float64), axis=1, keepdims=1)
    return regress(op.gather_elements(ordered, first, axis=1))


def _predictions(estimators: Sequence[Any], table: Table) -> Var:
    """[rows, members]: what regressors of one target say."""
    said = stacked.predictions(estimators, table)
    if said is not None:
        return said
    parts = [asked(each, "predict") for each in _each(estimators, [table] * len(estimators))]
    return op.concat([op.reshape(each, constant([-1, 1], np.int64)) for each in parts], axis=1)


def bagging_classifier(model: Any, table: Table) -> Answers:
    """BaggingClassifier: the mean of the members' probabilities, else the share of their votes."""
    linear = _bagged_linear(model, table)
    if linear is not None:
        return linear
    mean = _bagged_probabilities(model, table)
    decision = None
    if hasattr(model, "decision_function"):
        decision = _mean([asked(each, "decision_function") for each in _bagged(model, table)])
    return classify(model.classes_, arg_max(mean), predict_proba=mean, decision_function=decision)


def _bagged_linear(model: Any, table: Table) -> Answers | None:
    """Of logistic members that know every class; None of others."""
    estimators, count = model.estimators_, len(model.classes_)
    known = all(len(each.classes_) == count for each in estimators)
    if not known or not stacked.are_logistic(estimators):
        return None
    scores = stacked.class_scores(estimators, table, model.estimators_features_)
    if scores is None:
        return None
    wide = constant([-1, len(estimators) * count], np.int64)
    mean, decision = (
        _mean_of_each(op.reshape(each, wide), len(estimators), count)
        for each in (op.softmax(scores, axis=2), scores)
    )
    return classify(
        model.classes_,
        arg_max(mean),
        predict_proba=mean,
        decision_function=op.gather(decision, constant(1, np.int64), axis=1)
        if count == 2
        else decision,
    )


def _mean_of_each(value: Var, members: int, count: int) -> Var:
    """[rows, count] of [rows, members * count]; the product adds in the members' order."""
    total = op.gemm(value, constant(np.tile(np.eye(count), (members, 1))))
    return op.div(total, constant(float(members)))


def _bagged(model: Any, table: Table) -> list[Answers]:
    return _each(model.estimators_, _taken(table, model.estimators_features_))


def _bagged_probabilities(model: Any, table: Table) -> Var:
    """[rows, classes]; the members call the classes 0, 1, 2..., and may know but some of them."""
    estimators, count = model.estimators_, len(model.classes_)
    places = [np.asarray(each.classes_, dtype=np.int64) for each in estimators]
    spread = [np.eye(count)[known] for known in places]  # [known, classes]
    if _are_trees(estimators):
        trees = _bagged_trees(model)
        fractions = [estimator.tree_.value[:, 0, :] for estimator in estimators]
        spreading = [part @ to for part, to in zip(fractions, spread, strict=True)]
        return mean_of_leaves(trees, table, spreading)
    if hasattr(estimators[0], "predict_proba"):
        said = [asked(each, "predict_proba") for each in _bagged(model, table)]
        return _mean(
            [
                each if len(to) == count else op.matmul(each, constant(to))
                for each, to in zip(said, spread, strict=True)
            ]
        )
    one_each = np.broadcast_to(np.eye(count), (len(estimators), count, count))
    total = _votes(estimators, table, np.arange(count), one_each, model.estimators_features_)
    return op.div(total, constant(float(len(estimators))))


def _bagged_trees(model: Any) -> list[Any]:
    return [
        nodes_of(estimator, features)
        for estimator, features in zip(model.estimators_, model.estimators_features_, strict=True)
    ]


def _mean(values: list[Var]) -> Var:
    total = values[0] if len(values) == 1 else op.sum(values)
    return op.div(total, constant(float(len(values))))


def bagging_regressor(model: Any, table: Table) -> Answers:
    """BaggingRegressor: the mean of the members' answers."""
    if _are_trees(model.estimators_):
        values = [estimator.tree_.value[:, :, 0] for estimator in model.estimators_]
        mean = mean_of_leaves(_bagged_trees(model), table, values)
        return values_of(mean, values[0].shape[1])
    members = model.estimators_
    said = stacked.predictions(members, table, model.estimators_features_)
    if said is not None:
        return regress(_mean_of_each(said, len(members), 1))
    return Answers(predict=_mean([asked(each, "predict") for each in _bagged(model, table)]))


def isolation_forest(model: Any, table: Table) -> Answers:
    """IsolationForest: 2 ** (-path length / that of a random tree), negated."""
    lengths = [
        estimator.tree_.compute_node_depths()
        + _average_path_length(estimator.tree_.n_node_samples)
        - 1.0
        for estimator in model.estimators_
    ]
    depth = sum_of_leaves(_bagged_trees(model), table, lengths)
    most = len(lengths) * float(_average_path_length(np.array([model.max_samples_]))[0])
    # One row in each sample: no depth, and no length to divide by; the original takes 1.
    share = op.div(depth, constant(-most)) if most else op.sub(depth, constant(1.0))
    scores = flat(op.neg(op.pow(constant(2.0), share)))
    decision = op.sub(scores, constant(float(model.offset_)))
    return Answers(
        predict=op.where(
            op.less(decision, constant(0.0)), constant(-1, np.int64), constant(1, np.int64)
        ),
        decision_function=decision,
        score_samples=scores,
    )


def _average_path_length(samples: Array) -> Array:
    """`_average_path_length` of `ensemble/_iforest.py`: of a search that fails, among n rows."""
    n = np.maximum(samples, 3).astype(np.float64)
    many = 2.0 * (np.log(n - 1.0) + np.euler_gamma) - 2.0 * (n - 1.0) / n
    return np.select([samples <= 1, samples == 2], [0.0, 1.0], many)
