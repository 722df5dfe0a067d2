"""Discriminant analysis and nearest centroids: scores by distance to each class."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, arg_max, classify
from converters.graph.table import Table, constant


def _column(scores: Var, position: int) -> Var:
    return op.gather(scores, constant(position, np.int64), axis=1)


def discriminant(model: Any, scores: Var, *, index: Var | None = None) -> Answers:
    """DiscriminantAnalysisPredictionMixin: `scores` [rows, k] are log posteriors but a constant.

    `index`: the place of the label, where it is not that of the largest score.
    """
    two = len(model.classes_) == 2
    return classify(
        model.classes_,
        arg_max(scores) if index is None else index,
        predict_proba=op.softmax(scores, axis=1),
        decision_function=op.sub(_column(scores, 1), _column(scores, 0)) if two else scores,
    )


def quadratic_discriminant_analysis(model: Any, table: Table) -> Answers:
    """QuadraticDiscriminantAnalysis: the squared length in each class's own axes.

    One product of [k, rows, features] and [k, features, axes]. A class with fewer axes than
    others, as older versions allow, gets axes of zeros, which add nothing.
    """
    turned = [r * s**-0.5 for r, s in zip(model.rotations_, model.scalings_, strict=True)]
    most = max(axes.shape[1] for axes in turned)
    axes = np.stack([np.pad(each, ((0, 0), (0, most - each.shape[1]))) for each in turned])
    centred = op.sub(table.matrix(), constant(np.asarray(model.means_)[:, None, :]))
    inside = op.matmul(centred, constant(axes))
    norm2 = op.reduce_sum(op.mul(inside, inside), constant([2], np.int64), keepdims=0)
    volume = np.asarray([[np.sum(np.log(s))] for s in model.scalings_])
    scaled = op.mul(constant(-0.5), op.add(norm2, constant(volume)))
    # Last, for a row of each class is added to much faster than a column.
    score = op.add(scaled, constant(np.log(model.priors_)[:, None]))
    return discriminant(model, op.transpose(score, perm=[1, 0]))


def nearest_centroid(model: Any, table: Table) -> Answers:
    """NearestCentroid: the class of the nearest centroid, or with unequal priors of the best score.

    Before 1.6 there were no priors, and `predict` was the only method.
    """
    priors = getattr(model, "class_prior_", None)
    value = table.matrix()
    if priors is None:
        return _labelled(model, _nearest(model, value))
    scores = _centroid_scores(model, value, priors)
    alike = np.isclose(priors, 1 / len(model.classes_)).all()
    index = _nearest(model, value) if alike else arg_max(scores)
    if model.metric != "euclidean":
        return _labelled(model, index)
    return discriminant(model, scores, index=index)


def _labelled(model: Any, index: Var) -> Answers:
    return classify(model.classes_, index)


def _nearest(model: Any, value: Var) -> Var:
    """Int64 [rows]: pairwise_distances_argmin; x.x, though all classes share it, takes part.

    Far away it swallows what tells the classes apart, and the original then says the first.
    """
    distance = manhattan if model.metric == "manhattan" else squared
    return op.arg_min(distance(value, model.centroids_), axis=1, keepdims=0)


def _centroid_scores(model: Any, value: Var, priors: Array) -> Var:
    """[rows, k]: -distance^2 + 2 log prior, each feature over its spread within the classes."""
    spread = np.where(model.within_class_std_dev_ != 0, model.within_class_std_dev_, 1.0)
    scaled, centroids = op.div(value, constant(spread)), model.centroids_ / spread
    distance = (manhattan if model.metric == "manhattan" else euclidean)(scaled, centroids)
    with np.errstate(divide="ignore"):  # a prior of 0 rules its class out
        offset = 2.0 * np.log(priors)
    return op.add(op.neg(op.mul(distance, distance)), constant(offset))


def euclidean(value: Var, centres: Array) -> Var:
    """[rows, k]: `metrics.pairwise.euclidean_distances`."""
    return op.sqrt(squared(value, centres))


def squared(value: Var, centres: Array) -> Var:
    """[rows, k]: x.x - 2 x.c + c.c, summed in this order, and 0 where rounding takes it below."""
    own = op.reduce_sum(op.mul(value, value), constant([1], np.int64), keepdims=1)
    cross = op.matmul(value, constant(-2.0 * centres.T))
    total = op.add(op.add(cross, own), constant((centres**2).sum(axis=1)))
    return op.max([total, constant(0.0)])


def manhattan(value: Var, centres: Array) -> Var:
    """[rows, k]: the sum of |x - c| from the first column to the last, as the original adds it.

    CumSum adds in order, which ReduceSum does not promise; ties at large magnitudes hang on it.
    """
    apart = op.sub(op.unsqueeze(value, constant([1], np.int64)), constant(centres[None, :, :]))
    running = op.cumsum(op.abs(apart), constant(2, np.int64))
    return op.gather(running, constant(centres.shape[1] - 1, np.int64), axis=2)
