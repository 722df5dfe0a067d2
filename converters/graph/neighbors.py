"""Answers from the nearest points (scikit-learn `neighbors`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, arg_max, classify, flat, labels
from converters.graph.search import Found, nearest, search_of
from converters.graph.table import Table, constant


def k_neighbors_classifier(model: Any, table: Table) -> Answers:
    """KNeighborsClassifier: the neighbours' votes for each class, weighed."""
    found = nearest(search_of(model), table.matrix(), model.n_neighbors)
    weights = _weights(model.weights, found.distance)
    votes = [_votes(found, codes, len(classes), weights) for codes, classes in targets(model)]
    size = constant(float(model.n_neighbors)) if weights is None else None
    shares = [_shares(vote, size) for vote in votes]
    return _classes(model, [arg_max(vote) for vote in votes], shares)


def targets(model: Any) -> list[tuple[Array, Array]]:
    """For each target the codes of the points' classes, and the classes."""
    codes = np.asarray(model._y)  # noqa: SLF001 - no public name holds the fitted targets
    if not model.outputs_2d_:
        return [(codes.reshape(-1), model.classes_)]
    return [(codes[:, i], classes) for i, classes in enumerate(model.classes_)]


def _votes(found: Found, codes: Array, classes: int, weights: Var | None) -> Var:
    """[rows, classes]: the sum of the neighbours' weights."""
    hot = op.gather(constant(np.eye(classes)), found.take(codes, np.int32), axis=0)
    if weights is not None:
        hot = op.mul(hot, op.unsqueeze(weights, constant([2], np.int64)))
    return op.reduce_sum(hot, constant([1], np.int64), keepdims=0)


def _shares(votes: Var, size: Var | None) -> Var:
    if size is None:
        size = op.reduce_sum(votes, constant([1], np.int64), keepdims=1)
    return op.div(votes, size)


def _classes(model: Any, index: list[Var], shares: list[Var]) -> Answers:
    """One target's answers, or those of several side by side."""
    if not model.outputs_2d_:
        return classify(model.classes_, index[0], predict_proba=shares[0])
    chosen = [
        op.gather(labels(np.asarray(classes)), each, axis=0)
        for classes, each in zip(model.classes_, index, strict=True)
    ]
    columns = [op.unsqueeze(each, constant([1], np.int64)) for each in chosen]
    return Answers(predict=op.concat(columns, axis=1), predict_proba=tuple(shares))


def _weights(weights: Any, distance: Var) -> Var | None:
    """`_get_weights`: None for equal ones; at distance 0 only the points there count."""
    if weights in (None, "uniform"):
        return None
    if weights != "distance":
        raise NotImplementedError("weights=<a function>")
    inverse = op.div(constant(1.0), distance)
    same = op.cast(op.isinf(inverse), to=np.float64)
    at_point = op.reduce_max(same, constant([1], np.int64), keepdims=1)
    return op.where(op.greater(at_point, constant(0.0)), same, inverse)


def k_neighbors_regressor(model: Any, table: Table) -> Answers:
    """KNeighborsRegressor: the mean of the neighbours' targets, weighed."""
    found = nearest(search_of(model), table.matrix(), model.n_neighbors)
    weights = _weights(model.weights, found.distance)
    targets = np.asarray(model._y, dtype=np.float64)  # noqa: SLF001 - no public name holds them
    values = found.take(targets)
    several = targets.ndim > 1
    if weights is None:
        total, size = values, constant(float(model.n_neighbors))
    else:
        size = op.reduce_sum(weights, constant([1], np.int64), keepdims=int(several))
        total = op.mul(
            values, op.unsqueeze(weights, constant([2], np.int64)) if several else weights
        )
    total = op.reduce_sum(total, constant([1], np.int64), keepdims=0)
    return Answers(predict=op.div(total, size))


def k_neighbors_transformer(model: Any, table: Table) -> Answers:
    """KNeighborsTransformer: the graph of neighbours, dense; one more of distances."""
    by_distance = model.mode == "distance"
    search = search_of(model)
    found = nearest(search, table.matrix(), model.n_neighbors + by_distance)
    n = len(search.points)
    rows = op.gather(op.shape(found.place), constant([0], np.int64))
    empty = op.expand(constant([[0.0]]), op.concat([rows, constant([n], np.int64)], axis=0))
    value = found.distance
    if not by_distance:
        value = op.expand(constant([[1.0]]), op.shape(found.place))
    graph = op.scatter_elements(empty, found.index(), value, axis=1)
    return Answers(transform=Table.of(graph, n))


def local_outlier_factor(model: Any, table: Table) -> Answers:
    """LocalOutlierFactor(novelty=True): the neighbours' density relative to the row's own."""
    k = model.n_neighbors_
    found = nearest(search_of(model), table.matrix(), k)
    reach = op.max([found.distance, found.take(model._distances_fit_X_[:, k - 1])])
    density = op.div(constant(1.0), op.add(_mean(reach, k), constant(1e-10)))
    ratios = op.div(found.take(model._lrd), density)  # noqa: SLF001 - the only place
    score = op.neg(flat(_mean(ratios, k)))
    decision = op.sub(score, constant(float(model.offset_)))
    outlier = op.less(decision, constant(0.0))
    return Answers(
        predict=op.where(outlier, constant(-1, np.int64), constant(1, np.int64)),
        decision_function=decision,
        score_samples=score,
    )


def _mean(values: Var, count: int) -> Var:
    total = op.reduce_sum(values, constant([1], np.int64), keepdims=1)
    return op.div(total, constant(float(count)))
