"""Naive Bayes: the log of the joint probability of each class (scikit-learn `naive_bayes`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, arg_max, classify
from converters.graph.scaling import binarized
from converters.graph.table import Table, constant

NOWHERE = 2**31 - 1
"""An index beyond any table: Gather refuses it, as the original refuses the category."""


def _joint(model: Any, joint: Var, weights: Array) -> Answers:
    """_BaseNB, from the joint log likelihood [rows, k].

    The sum over the classes is taken off in the logarithm, as the original does, and not by a
    softmax: at magnitudes where it vanishes in rounding, each of several best classes gets 1.
    Where `weights`, that went into it, are not finite, as without smoothing, it may hold NaN.
    """
    finite = np.isfinite(weights).all()
    total = op.reduce_log_sum_exp(joint, constant([1], np.int64), keepdims=1)
    return classify(
        model.classes_,
        arg_max(joint) if finite else _numpy_arg_max(joint),
        predict_proba=op.exp(op.sub(joint, total)),
    )


def _numpy_arg_max(joint: Var) -> Var:
    """Int64 [rows]: the first NaN, which 0 * -inf makes, else the first of the largest."""
    missing = op.cast(op.isnan(joint), to=np.int64)
    some = op.reduce_max(missing, constant([1], np.int64), keepdims=0)
    return op.where(op.cast(some, to=np.bool_), arg_max(missing), arg_max(joint))


def gaussian_nb(model: Any, table: Table) -> Answers:
    """GaussianNB: normal densities, one for each feature and class.

    Dividing by -2 var is, to the bit, -1/2 of dividing by var.
    """
    log_prior = np.log(model.class_prior_).astype(np.float64)  # added in float64, if fitted in less
    volume = np.array([-0.5 * np.sum(np.log(2.0 * np.pi * row)) for row in model.var_])
    centred = op.sub(table.matrix(), constant(model.theta_[:, None, :]))
    weighed = op.div(op.mul(centred, centred), constant(-2.0 * model.var_[:, None, :]))
    density = op.reduce_sum(weighed, constant([2], np.int64), keepdims=0)
    joint = op.add(density, constant((log_prior + volume)[:, None]))
    return _joint(model, op.transpose(joint, perm=[1, 0]), volume)


def multinomial_nb(model: Any, table: Table) -> Answers:
    """MultinomialNB: counts times log probabilities, and the prior."""
    product = table.product(model.feature_log_prob_.T)
    joint = op.add(product, constant(model.class_log_prior_))
    return _joint(model, joint, model.feature_log_prob_)


def complement_nb(model: Any, table: Table) -> Answers:
    """ComplementNB: counts times weights; the prior only where there is a single class."""
    joint = table.product(model.feature_log_prob_.T)
    if len(model.classes_) == 1:
        joint = op.add(joint, constant(model.class_log_prior_))
    return _joint(model, joint, model.feature_log_prob_)


def bernoulli_nb(model: Any, table: Table) -> Answers:
    """BernoulliNB: features that are there or not, told by `binarize` where it is given."""
    if model.binarize is not None:
        table = binarized(table, float(model.binarize))
    with np.errstate(divide="ignore"):  # a feature that is always there
        absent = np.log(1 - np.exp(model.feature_log_prob_))
    weights = model.feature_log_prob_ - absent
    product = table.product(weights.T)
    joint = op.add(product, constant(model.class_log_prior_ + absent.sum(axis=1)))
    return _joint(model, joint, weights)


def categorical_nb(model: Any, table: Table) -> Answers:
    """CategoricalNB: for each feature, the log probability of its category, a whole number.

    The original drops the fraction, so -0.5 is category 0. The categories of all features stand
    in one table; a number that is no category must not fall into another feature's part of it.
    """
    counts = np.array([known.shape[1] for known in model.feature_log_prob_])
    first = np.cumsum(counts) - counts
    value = table.matrix()
    known = op.and_(
        op.greater(value, constant(-1.0)), op.less(value, constant(counts.astype(np.float64)))
    )
    place = op.add(op.cast(value, to=np.int64), constant(first, np.int64))
    index = op.where(known, place, constant(NOWHERE, np.int64))
    entries = np.concatenate([known.T for known in model.feature_log_prob_])
    total = op.reduce_sum(
        op.gather(constant(entries), index, axis=0), constant([1], np.int64), keepdims=0
    )
    return _joint(model, op.add(total, constant(model.class_log_prior_)), entries)
