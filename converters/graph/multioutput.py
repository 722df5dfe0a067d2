"""Several targets, each by an estimator of one; chains, where each sees those before it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.arrays import Array
from converters.graph import stacked
from converters.graph.answers import Answers, classify, labels
from converters.graph.responses import asked, column, number, of_each, response, side_by_side
from converters.graph.steps import answer
from converters.graph.table import Table, constant


def multi_output_regressor(model: Any, table: Table) -> Answers:
    """MultiOutputRegressor: the predictions side by side."""
    said = stacked.predictions(model.estimators_, table)
    if said is None:
        parts = [column(asked(each, "predict")) for each in of_each(model, table)]
        said = side_by_side(parts)
    return Answers(predict=said)


def multi_output_classifier(model: Any, table: Table) -> Answers:
    """MultiOutputClassifier: the labels side by side; the probabilities of each target."""
    # NumPy joins the labels of several targets in the type that holds them all.
    kind = np.result_type(*(known.dtype for known in model.classes_))
    classes = [known.astype(kind) for known in model.classes_]
    if stacked.are_logistic(model.estimators_):
        score = stacked.class_scores(model.estimators_, table)
        if score is not None:
            return _logistic(score, classes)
    found = of_each(model, table)
    parts = [column(_label(each, known)) for each, known in zip(found, classes, strict=True)]
    proba = None
    if hasattr(model, "predict_proba"):
        proba = tuple(asked(each, "predict_proba") for each in found)
    return Answers(predict=side_by_side(parts), predict_proba=proba)


def _logistic(score: Var, classes: Sequence[Array]) -> Answers:
    """Of scores [rows, targets, classes]: unless alike, all targets' labels stand in one list."""
    index, first = op.arg_max(score, axis=2, keepdims=0), classes[0]
    if any(not np.array_equal(known, first) for known in classes):
        start = np.arange(len(classes)) * len(first)
        index, first = op.add(index, constant(start, np.int64)), np.concatenate(classes)
    proba = op.softmax(score, axis=2)
    return Answers(
        predict=classify(first, index).predict,
        predict_proba=tuple(
            op.gather(proba, constant(target, np.int64), axis=1) for target in range(len(classes))
        ),
    )


def _label(found: Answers, known: Array) -> Var:
    if found.index is None:
        return asked(found, "predict")
    return op.gather(labels(known), found.index, axis=0)


def regressor_chain(model: Any, table: Table) -> Answers:
    """RegressorChain: each estimator sees the rows and the predictions before its own."""
    return Answers(predict=_chained(model, table, "predict", ["predict"])["predict"])


def classifier_chain(model: Any, table: Table) -> Answers:
    """ClassifierChain: each estimator sees the rows and the answers before its own."""
    wanted = ["predict"]
    wanted += [m for m in ("predict_proba", "decision_function") if hasattr(model, m)]
    # scikit-learn 1.5 knows no chain_method: labels go down the chain.
    return Answers(**_chained(model, table, getattr(model, "chain_method_", "predict"), wanted))


def _chained(model: Any, table: Table, passed_on: str, wanted: list[str]) -> dict[str, Var]:
    """For each method wanted, [rows, targets] float64, in the order of the targets."""
    seen = table
    answers: dict[str, list[Var]] = {method: [] for method in wanted}
    for place, estimator in enumerate(model.estimators_):
        found = answer(estimator, seen, where=f"estimators_[{place}]")
        for method, parts in answers.items():
            parts.append(response(estimator, found, [method])[1])
        link = response(estimator, found, [passed_on])[1]
        seen = Table.join([seen, Table.of(number(link), 1)])
    back = np.argsort(model.order_).tolist()
    return {method: side_by_side([parts[i] for i in back]) for method, parts in answers.items()}
