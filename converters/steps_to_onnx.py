"""The graph of a model with the answers of every step as its outputs, to find where it is wrong."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import spox
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.signature import Signature
from converters.graph.answers import Answers
from converters.graph.steps import Built, answer, watched
from converters.sklearn_to_onnx import inputs_of, table_of

METHODS = ("transform", "predict", "predict_proba", "decision_function", "score_samples")


@dataclass(frozen=True, kw_only=True)
class Tap:
    """An output of the graph: which columns of what a method of a step answers."""

    built: Built
    method: str
    columns: tuple[int, ...] | None
    text: bool = False


def steps_to_onnx(model: Any, signature: Signature) -> tuple[bytes, dict[str, Tap]]:
    """The graph, and what each of its outputs is, in the order of building."""
    arguments = inputs_of(signature)
    with warnings.catch_warnings(), watched() as built:
        warnings.simplefilter("ignore")
        answer(model, table_of(signature, arguments), where="model")
        taps = [tap for each in built for tap in _taps(each)]
        outputs = {str(i): op.identity(var) for i, (_, var) in enumerate(taps)}
        graph = spox.build(arguments, outputs)
    return graph.SerializeToString(), {str(i): tap for i, (tap, _) in enumerate(taps)}


def _taps(built: Built) -> Iterator[tuple[Tap, Var]]:
    for method in METHODS:
        found = getattr(built.answers, method)
        if isinstance(found, Var):
            yield Tap(built=built, method=method, columns=None), found
    yield from _columns(built, built.answers)


def _columns(built: Built, answers: Answers) -> Iterator[tuple[Tap, Var]]:
    """Numbers and text apart, for a tensor is of one type."""
    table = answers.transform
    for text in (False, True) if table is not None else ():
        places = tuple(i for i, each in enumerate(table.text if table else ()) if each == text)
        if table is not None and places:
            tap = Tap(built=built, method="transform", columns=places, text=text)
            yield tap, table.take(places).matrix()
