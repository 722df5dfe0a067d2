"""Meta-estimators: pipelines and column transformers."""

from __future__ import annotations

from typing import Any

from converters.graph.answers import Answers
from converters.graph.steps import answer, transform
from converters.graph.table import Table


def pipeline_transform(model: Any, table: Table) -> Table:
    """Pipeline: each step's output is the next one's input."""
    for name, step in model.steps:
        table = transform(step, table, where=name)
    return table


def pipeline_answer(model: Any, table: Table) -> Answers:
    """Pipeline that ends in a predictor."""
    for name, step in model.steps[:-1]:
        table = transform(step, table, where=name)
    name, last = model.steps[-1]
    return answer(last, table, where=name)


def column_transformer(model: Any, table: Table) -> Table:
    """ColumnTransformer: chosen columns through each transformer, joined in order."""
    parts = []
    for name, step, _ in model.transformers_:
        chosen = table.take(model._transformer_to_input_indices[name])  # noqa: SLF001 - no public name holds it
        if chosen.width and not (isinstance(step, str) and step == "drop"):
            parts.append(transform(step, chosen, where=name))
    return Table.join(parts)


def feature_union(model: Any, table: Table) -> Table:
    """FeatureUnion: the same columns through each transformer, joined in order."""
    kept = [(name, step) for name, step in model.transformer_list if step != "drop"]
    return Table.join(transform(step, table, where=name) for name, step in kept)
