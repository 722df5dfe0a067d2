"""Counts of terms as one operator of a domain of its own, in graphs that are read and never run.

PMML has an element that counts a term in a text; from the many operators that it takes in ONNX
nothing could tell what they count.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import spox
from onnx import TensorProto, helper
from spox import Var

from converters.graph.replacing import Reading, reading
from converters.graph.terms import Terms

OPERATOR = "TermCounts"
DOMAIN = "isomorph"

_BY_OPERATOR: ContextVar[bool] = ContextVar("by_operator", default=False)


@contextmanager
def counted_by_operator() -> Iterator[None]:
    """Let graphs that are built meanwhile count terms by the one operator."""
    token = _BY_OPERATOR.set(True)
    try:
        yield
    finally:
        _BY_OPERATOR.reset(token)


def is_by_operator() -> bool:
    """Whether the graph that is being built is read and never run."""
    return _BY_OPERATOR.get()


def counted(model: Any, text: Var, terms: Terms) -> Var | None:
    """[rows, terms] float64 of `text` [rows], by the operator; None in a graph that is run."""
    if not is_by_operator():
        return None
    (found,) = spox.inline(_operator(reading(model, terms)))(text).values()
    return found


def _operator(how: Reading) -> Any:
    """A graph of the operator alone."""
    node = helper.make_node(
        OPERATOR,
        ["text"],
        ["counts"],
        domain=DOMAIN,
        patterns=[pattern for pattern, _ in how.replacements],
        replacements=[text for _, text in how.replacements],
        terms=how.terms,
    )
    text = helper.make_tensor_value_info("text", TensorProto.STRING, ["rows"])
    counts = helper.make_tensor_value_info("counts", TensorProto.DOUBLE, ["rows", len(how.terms)])
    graph = helper.make_graph([node], "counts", [text], [counts])
    domains = [helper.make_opsetid("", 21), helper.make_opsetid(DOMAIN, 1)]
    return helper.make_model(graph, opset_imports=domains, ir_version=10)
