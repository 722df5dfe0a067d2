"""Estimators that vote, and estimators stacked on others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph import stacked
from converters.graph.answers import Answers, arg_max, classify, flat
from converters.graph.responses import asked, column, number, pick, place, side_by_side
from converters.graph.steps import answer
from converters.graph.table import Table, constant


def voting_classifier(model: Any, table: Table) -> Answers:
    """VotingClassifier: the class with the largest mean probability, or with the most votes."""
    found = _kept(model, table)
    if model.voting == "soft":
        return _soft(model, [asked(each, "predict_proba") for each in found])
    width, count = len(found), len(model.classes_)
    votes = side_by_side([column(place(each)) for each in found])
    cast = op.equal(op.unsqueeze(votes, constant([2], np.int64)), _range(count))
    ballots = op.reshape(op.cast(cast, to=np.float64), constant([-1, width * count], np.int64))
    total = op.matmul(ballots, constant(np.kron(_weights(model), np.eye(count))))
    return classify(model.classes_, arg_max(total), transform=Table.of(number(votes), width))


def _kept(model: Any, table: Table) -> list[Answers]:
    """The answers of the estimators that are not dropped."""
    names = [name for name, each in model.estimators if not _is_dropped(each)]
    return [
        answer(each, table, where=name) for name, each in zip(names, model.estimators_, strict=True)
    ]


def _is_dropped(estimator: Any) -> bool:
    return isinstance(estimator, str) and estimator == "drop"


def _range(count: int) -> Var:
    return constant(np.arange(count), np.int64)


def _weights(model: Any) -> Array:
    """[estimators, 1]: the weights of those that are not dropped."""
    if model.weights is None:
        return np.ones((len(model.estimators_), 1))
    kept = [
        weight
        for (_, each), weight in zip(model.estimators, model.weights, strict=True)
        if not _is_dropped(each)
    ]
    return np.asarray(kept, dtype=np.float64)[:, None]


def _soft(model: Any, probabilities: list[Var]) -> Answers:
    count = len(model.classes_)
    joined = side_by_side(probabilities)
    mean = _average(model, probabilities, joined, count)
    table = Table.of(joined, count * len(probabilities))
    return classify(
        model.classes_,
        arg_max(mean),
        predict_proba=mean,
        # Otherwise the original's first axis is the estimators, not the rows.
        transform=table if model.flatten_transform else None,
    )


def _average(model: Any, parts: list[Var], joined: Var, count: int) -> Var:
    """np.average over the estimators, each [rows, count] and a part of `joined`, if known apart."""
    if model.weights is None and parts:
        return op.div(op.sum(parts), constant(float(len(parts))))
    weights = _weights(model)
    if model.weights is not None:
        joined = op.mul(joined, constant(np.repeat(weights.ravel(), count)))
    # A product with ones and zeros adds in the order of the estimators, as the original does.
    total = op.gemm(joined, constant(np.tile(np.eye(count), (len(weights), 1))))
    return op.div(total, constant(float(weights.sum())))


def voting_regressor(model: Any, table: Table) -> Answers:
    """VotingRegressor: the weighted mean of the predictions."""
    parts: list[Var] = []
    joined = stacked.predictions(model.estimators_, table)
    if joined is None:
        parts = [column(asked(each, "predict")) for each in _kept(model, table)]
        joined = side_by_side(parts)
    return Answers(
        predict=flat(_average(model, parts, joined, 1)),
        transform=Table.of(joined, len(model.estimators_)),
    )


def stacking_regressor(model: Any, table: Table) -> Answers:
    """StackingRegressor: the final estimator on the others' answers."""
    features = _stacked(model, table)
    found = answer(model.final_estimator_, features, where="final_estimator")
    return Answers(predict=asked(found, "predict"), transform=features)


def stacking_classifier(model: Any, table: Table) -> Answers:
    """StackingClassifier: likewise; the final estimator is fitted on the labels' places."""
    features = _stacked(model, table)
    found = answer(model.final_estimator_, features, where="final_estimator")
    if isinstance(model.classes_, list):
        return _several_labels(model, found, features)
    proba, score = found.predict_proba, found.decision_function
    if isinstance(proba, tuple):
        raise NotImplementedError("a final estimator of several targets")
    return classify(
        model.classes_,
        place(found),
        predict_proba=proba,
        decision_function=score,
        transform=features,
    )


def _several_labels(model: Any, found: Answers, features: Table) -> Answers:
    """Of an indicator matrix: the probability that is given is that of each label's absence."""
    if not all(np.array_equal(known, [0, 1]) for known in model.classes_):
        raise NotImplementedError("StackingClassifier of labels that are all present or absent")
    proba = found.predict_proba
    first = [pick(each, [0]) for each in proba] if isinstance(proba, tuple) else None
    return Answers(
        predict=found.predict,
        predict_proba=None if first is None else side_by_side(first),
        decision_function=found.decision_function,
        transform=features,
    )


def _stacked(model: Any, table: Table) -> Table:
    """The first layer's answers side by side, and the rows themselves where `passthrough`."""
    widths = iter(model._n_feature_outs)  # noqa: SLF001 - no public name says how wide each answer is
    parts = [
        part
        for found, method in zip(_kept(model, table), model.stack_method_, strict=True)
        for part in _features(model, found, method, widths)
    ]
    return Table.join([*parts, table] if model.passthrough else parts)


def _features(model: Any, found: Answers, method: str, widths: Iterator[int]) -> Iterator[Table]:
    """The answer as columns; of each target's probabilities, all but the first."""
    value = getattr(found, method)
    if isinstance(value, tuple):
        for each in value:
            width = next(widths)
            yield Table.of(pick(each, range(1, width + 1)), width)
        return
    width = next(widths)
    value = asked(found, method)
    if method == "predict_proba" and len(getattr(model, "classes_", ())) == 2:
        yield Table.of(pick(value, range(1, width + 1)), width)
        return
    if width == 1:
        value = column(value)
    text = value.unwrap_tensor().dtype == np.str_
    yield Table.of(value if text else number(value), width, text=text)
