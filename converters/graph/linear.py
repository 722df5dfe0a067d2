"""Linear models: X @ coef.T + intercept (scikit-learn `linear_model._base`)."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph.answers import Answers, arg_max, both, classify, flat, regress
from converters.graph.fitted import dense
from converters.graph.steps import answer
from converters.graph.table import Table, constant


def coefficients(model: Any) -> Array:
    """[k, features] float64; `sparsify()` may have made them a sparse matrix."""
    return np.atleast_2d(dense(model.coef_))


def scores(model: Any, table: Table) -> Var:
    """[rows, k]: LinearModel._decision_function, LinearClassifierMixin.decision_function."""
    coef, intercept = weights(model)
    return table.affine(coef.T, intercept)


def weights(model: Any) -> tuple[Array, Array]:
    """[k, features], and the intercepts, [k]."""
    coef = coefficients(model)
    return coef, np.broadcast_to(model.intercept_, len(coef))


def class_weights(model: Any) -> tuple[Array, Array]:
    """The same of each class; of two classes, zeros before those that there are."""
    coef, intercept = weights(model)
    if len(coef) == 1:
        return np.concatenate([np.zeros_like(coef), coef]), np.append(0.0, intercept)
    return coef, intercept


def affine(value: Var, weights: Array, shift: Array) -> Var:
    """[rows, k]: value @ weights + shift, in one operator."""
    return op.gemm(value, constant(weights), constant(shift))


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


def class_scores(model: Any, table: Table) -> Var:
    """[rows, k]: the score of each class; of two classes, 0 and the one score that there is.

    So both cases are one: argmax, the first where several are largest, chooses the second class
    where score > 0; and softmax gives (1 - expit(score), expit(score)).
    """
    coef, intercept = class_weights(model)
    return table.affine(coef.T, intercept)


def linear_classifier(model: Any, table: Table) -> Answers:
    """Perceptron, LinearSVC and their like: LinearClassifierMixin.predict."""
    return _classes(model, class_scores(model, table))


def _classes(
    model: Any,
    score: Var,
    *,
    predict_proba: Var | None = None,
    transform: Table | None = None,
) -> Answers:
    return classify(
        model.classes_,
        arg_max(score),
        predict_proba=predict_proba,
        decision_function=_second(score) if _is_one_score(model) else score,
        transform=transform,
    )


def _second(score: Var) -> Var:
    """[rows]: the second column."""
    return op.gather(score, constant(1, np.int64), axis=1)


def _is_one_score(model: Any) -> bool:
    return np.ndim(model.coef_) == 1 or model.coef_.shape[0] == 1


def logistic_regression(model: Any, table: Table) -> Answers:
    """LogisticRegression: softmax, which for two classes is expit of the one score.

    Up to scikit-learn 1.7, `multi_class` could ask for one model against the rest for each
    class, and for softmax of (-score, score) for two.
    """
    score = class_scores(model, table)
    if is_softmax(model):
        probability = op.softmax(score, axis=1)
    elif len(model.classes_) <= 2:
        probability = op.softmax(op.mul(score, constant(2.0)), axis=1)
    else:
        probability = one_against_rest(expit(score), len(model.classes_))
    return _classes(model, score, predict_proba=probability)


def is_softmax(model: Any) -> bool:
    """Whether probabilities are the softmax of `class_scores`."""
    option = getattr(model, "multi_class", "deprecated")
    if len(model.classes_) <= 2:
        return bool(option != "multinomial")
    return option == "multinomial" or (
        option != "ovr" and getattr(model, "solver", "") != "liblinear"
    )


def linear_discriminant_analysis(model: Any, table: Table) -> Answers:
    """LinearDiscriminantAnalysis: a linear classifier, and the projection that parts classes."""
    score = class_scores(model, table)
    return _classes(
        model,
        score,
        predict_proba=op.softmax(score, axis=1),
        transform=None if model.solver == "lsqr" else _parted(model, table),
    )


def _parted(model: Any, table: Table) -> Table:
    """LinearDiscriminantAnalysis.transform; the solver "lsqr" has no such directions."""
    value = table.matrix()
    if model.solver == "svd":
        value = op.sub(value, constant(model.xbar_))
    directions = np.asarray(model.scalings_)[:, : model._max_components]  # noqa: SLF001 - no public name holds it
    return Table.of(op.matmul(value, constant(directions)), directions.shape[1])


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
    score = class_scores(model, table)
    probability = None
    if model.loss == "log_loss" and _is_one_score(model):
        probability = op.softmax(score, axis=1)
    elif model.loss == "modified_huber" and _is_one_score(model):
        probability = both(_clipped(op.gather(score, constant([1], np.int64), axis=1)))
    elif model.loss == "log_loss":
        probability = one_against_rest(expit(score), len(model.classes_))
    elif model.loss == "modified_huber":
        probability = one_against_rest(_clipped(score), len(model.classes_))
    return _classes(model, score, predict_proba=probability)


def _clipped(score: Var) -> Var:
    """(clip(score, -1, 1) + 1) / 2: the probability of the modified Huber loss."""
    inner = op.clip(score, constant(-1.0), constant(1.0))
    return op.div(op.add(inner, constant(1.0)), constant(2.0))


def one_against_rest(probability: Var, count: int) -> Var:
    """The probability of each of `count` classes over their sum; where that is 0, 1 / count.

    0 / 0 is NaN, and nothing else that comes here is.
    """
    total = op.reduce_sum(probability, constant([1], np.int64), keepdims=1)
    shared = op.div(probability, total)
    return op.where(op.isnan(shared), constant(1.0 / count), shared)


def sgd_one_class_svm(model: Any, table: Table) -> Answers:
    """SGDOneClassSVM: X @ coef - offset, at least 0 for an inlier."""
    product = flat(table.product(np.asarray(model.coef_).reshape(-1, 1)))
    decision = op.sub(product, constant(float(np.ravel(model.offset_)[0])))
    inlier = op.greater_or_equal(decision, constant(0.0))
    return Answers(
        predict=op.where(inlier, constant(1, np.int64), constant(-1, np.int64)),
        decision_function=decision,
        score_samples=op.add(decision, constant(float(np.ravel(model.offset_)[0]))),
    )


def expit(score: Var) -> Var:
    """1 / (1 + exp(-x)), which is how `scipy.special.expit` computes it, bit by bit.

    onnxruntime's double Sigmoid has another formula, that loses tiny values.
    """
    one = constant(1.0)
    return op.div(one, op.add(one, op.exp(op.neg(score))))
