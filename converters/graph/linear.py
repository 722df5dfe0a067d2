"""Linear models: X @ coef.T + intercept (scikit-learn `linear_model._base`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from converters.graph.answers import Answers, above, arg_max, both, classify, flat, regress
from converters.graph.steps import answer
from converters.graph.table import Table, constant


def scores(model: Any, table: Table) -> Var:
    """[rows, k]: LinearModel._decision_function, LinearClassifierMixin.decision_function."""
    coef = np.atleast_2d(np.asarray(model.coef_, dtype=np.float64))
    product = op.matmul(table.matrix(), constant(coef.T))
    return op.add(product, constant(np.broadcast_to(model.intercept_, coef.shape[0])))


def linear_regressor(model: Any, table: Table) -> Answers:
    """LinearRegression and its regularised siblings: one target, or several side by side."""
    score = scores(model, table)
    return Answers(predict=score) if np.ndim(model.coef_) > 1 else regress(score)


def log_regressor(model: Any, table: Table) -> Answers:
    """PoissonRegressor, GammaRegressor: exp of the linear predictor, the log link inverted."""
    return regress(op.exp(scores(model, table)))


def tweedie_regressor(model: Any, table: Table) -> Answers:
    """TweedieRegressor: the log link, or none; "auto" takes the log for powers above 0."""
    log = model.link == "log" or (model.link == "auto" and model.power > 0)
    return log_regressor(model, table) if log else linear_regressor(model, table)


def ransac(model: Any, table: Table) -> Answers:
    """RANSACRegressor: the regressor that was fitted on the inliers."""
    return Answers(predict=answer(model.estimator_, table, where="estimator").predict)


def linear_classifier(model: Any, table: Table) -> Answers:
    """Perceptron, LinearSVC and their like: a score for each class, or one for two classes."""
    return _classes(model, scores(model, table))


def _classes(model: Any, score: Var, *, predict_proba: Var | None = None) -> Answers:
    """LinearClassifierMixin.predict: decision > 0 of one score, argmax of several.

    Not argmax for two classes: at 0 the original says the first class, and so does `>`.
    """
    one = _one_score(model)
    return classify(
        model.classes_,
        above(score) if one else arg_max(score),
        predict_proba=predict_proba,
        decision_function=flat(score) if one else score,
    )


def _one_score(model: Any) -> bool:
    return len(np.atleast_2d(model.coef_)) == 1


def logistic_regression(model: Any, table: Table) -> Answers:
    """LogisticRegression: expit of one score for two classes, softmax of k for more.

    Up to scikit-learn 1.7, `multi_class` could ask for one model against the rest for each
    class, and for softmax of (-score, score) for two.
    """
    score = scores(model, table)
    option = getattr(model, "multi_class", "deprecated")
    two = len(model.classes_) <= 2
    rest = option == "ovr" or (option != "multinomial" and (two or model.solver == "liblinear"))
    if rest:
        probability = one_against_rest(expit(score)) if not two else both(expit(score))
    else:
        pair = op.concat([op.neg(score), score], axis=1) if two else score
        probability = op.softmax(pair, axis=1)
    return _classes(model, score, predict_proba=probability)


def linear_discriminant_analysis(model: Any, table: Table) -> Answers:
    """LinearDiscriminantAnalysis: a linear classifier, and the projection that parts classes."""
    score = scores(model, table)
    one = _one_score(model)
    found = _classes(
        model, score, predict_proba=both(expit(score)) if one else op.softmax(score, axis=1)
    )
    if model.solver == "lsqr":  # which has no projection
        return found
    value = table.matrix()
    if model.solver == "svd":
        value = op.sub(value, constant(model.xbar_))
    directions = np.asarray(model.scalings_)[:, : model._max_components]  # noqa: SLF001 - no public name holds it
    projected = Table.of(op.matmul(value, constant(directions)), directions.shape[1])
    return Answers(
        predict=found.predict,
        index=found.index,
        predict_proba=found.predict_proba,
        decision_function=found.decision_function,
        transform=projected,
    )


def ridge_classifier(model: Any, table: Table) -> Answers:
    """RidgeClassifier, RidgeClassifierCV: of several labels, each whose score is over 0."""
    several = model._label_binarizer.y_type_.startswith("multilabel")  # noqa: SLF001 - no public name holds it
    if not several:
        return linear_classifier(model, table)
    score = scores(model, table)
    chosen = op.cast(op.greater(score, constant(0.0)), to=np.int64)
    return Answers(predict=chosen, decision_function=score)


def sgd_classifier(model: Any, table: Table) -> Answers:
    """SGDClassifier: probabilities for two of its losses (`_stochastic_gradient.py`)."""
    score = scores(model, table)
    if model.loss not in SGD_PROBABILITIES:
        return _classes(model, score)
    positive = SGD_PROBABILITIES[model.loss](score)
    probability = both(positive) if _one_score(model) else one_against_rest(positive)
    return _classes(model, score, predict_proba=probability)


def _clipped(score: Var) -> Var:
    """(clip(score, -1, 1) + 1) / 2: the probability of the modified Huber loss."""
    inner = op.clip(score, constant(-1.0), constant(1.0))
    return op.div(op.add(inner, constant(1.0)), constant(2.0))


def one_against_rest(probability: Var) -> Var:
    """Each class's probability [rows, k] over their sum; the same for all where that is 0."""
    total = op.reduce_sum(probability, constant([1], np.int64), keepdims=1)
    none = op.equal(total, constant(0.0))
    even = op.where(none, constant(1.0), probability)
    return op.div(even, op.reduce_sum(even, constant([1], np.int64), keepdims=1))


def sgd_one_class_svm(model: Any, table: Table) -> Answers:
    """SGDOneClassSVM: X @ coef - offset, at least 0 for an inlier."""
    product = flat(op.matmul(table.matrix(), constant(np.asarray(model.coef_).reshape(-1, 1))))
    decision = op.sub(product, constant(float(np.ravel(model.offset_)[0])))
    inlier = op.greater_or_equal(decision, constant(0.0))
    return Answers(
        predict=op.where(inlier, constant(1, np.int64), constant(-1, np.int64)),
        decision_function=decision,
        score_samples=op.add(decision, constant(float(np.ravel(model.offset_)[0]))),
    )


def expit(score: Var) -> Var:
    """1 / (1 + exp(-x)), as `scipy.special.expit`.

    That keeps tiny values: exp(x) / (1 + exp(x)) for x < 0. onnxruntime's double Sigmoid does
    not promise it, so it is spelled out.
    """
    small = op.exp(op.neg(op.abs(score)))
    denominator = op.add(constant(1.0), small)
    return op.where(
        op.less(score, constant(0.0)),
        op.div(small, denominator),
        op.div(constant(1.0), denominator),
    )


SGD_PROBABILITIES = {"log_loss": expit, "modified_huber": _clipped}
"""From scores to probabilities, by the loss of SGDClassifier."""
