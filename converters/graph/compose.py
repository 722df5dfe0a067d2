"""Pipelines and column transformers."""

from __future__ import annotations

from typing import Any

import spox.opset.ai.onnx.v21 as op

from converters.graph.answers import Answers
from converters.graph.steps import answer, transform
from converters.graph.table import Table, constant


def pipeline(model: Any, table: Table) -> Answers:
    """Pipeline: each step's output is the next one's input; the last one answers."""
    for name, step in model.steps[:-1]:
        table = transform(step, table, where=name)
    name, last = model.steps[-1]
    if last is None or (isinstance(last, str) and last == "passthrough"):
        return Answers(transform=table)
    return answer(last, table, where=name)


def column_transformer(model: Any, table: Table) -> Answers:
    """ColumnTransformer: chosen columns through each transformer, weighed, joined in order."""
    parts = []
    for name, step, _ in model.transformers_:
        chosen = table.take(model._transformer_to_input_indices[name])  # noqa: SLF001 - no public name holds it
        if chosen.width and not _dropped(step):
            parts.append(_weighed(model, name, transform(step, chosen, where=name)))
    return Answers(transform=Table.join(parts))


def feature_union(model: Any, table: Table) -> Answers:
    """FeatureUnion: the same columns through each transformer, weighed, joined in order."""
    return Answers(
        transform=Table.join(
            _weighed(model, name, transform(step, table, where=name))
            for name, step in model.transformer_list
            if not _dropped(step)
        )
    )


def _dropped(step: Any) -> bool:
    return isinstance(step, str) and step == "drop"


def _weighed(model: Any, name: str, table: Table) -> Table:
    weight = (model.transformer_weights or {}).get(name)
    if weight is None:
        return table
    return table.with_stored(op.mul(table.stored(), constant(float(weight))))
