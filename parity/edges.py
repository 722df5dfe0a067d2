"""Rows at the numbers that steps compare with: edges of bins, quantiles, knots, thresholds.

What trees compare with is in `parity.splits`; here are the steps that see a column as it was sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from bundle.arrays import Array, Arrays, rows_of
from bundle.signature import Column
from converters.original import Original
from parity.columns import column, stack, take

MOST = 40
"""Edges of a column; of more, an even selection is tried."""


def edge_rows(original: Original, sample: Arrays) -> dict[str, Array] | None:
    """Rows with one column on each edge and on its two neighbours; None where no step has any."""
    columns = original.signature.columns
    parts = [
        _rows(original, sample, columns[position], np.asarray(edges, dtype=np.float64))
        for position, edges in _edges(original.model, list(range(len(columns))))
        if columns[position].kind == "number"
        and columns[position].dtype != "bool"
        and not columns[position].closed
    ]
    return stack(parts) if parts else None


def _rows(original: Original, sample: Arrays, described: Column, edges: Array) -> dict[str, Array]:
    at = np.unique(edges[np.isfinite(edges)])
    at = at[np.linspace(0, len(at) - 1, min(len(at), MOST)).astype(int)]
    values = np.concatenate([np.nextafter(at, -np.inf), at, np.nextafter(at, np.inf)])
    low = -np.inf if described.lowest is None else described.lowest
    high = np.inf if described.highest is None else described.highest
    values = values[(low <= values) & (values <= high)]
    rows = take(sample, np.arange(len(values)) % rows_of(sample))
    column(original.signature, rows, described.name)[:] = values
    return rows


def _edges(model: Any, positions: list[int]) -> Iterator[tuple[int, Array]]:
    """Each column that meets a step with edges, and these."""
    name = type(model).__name__
    if name == "Pipeline":
        steps = [step for _, step in model.steps if isinstance(step, BaseEstimator)]
        if steps:
            yield from _edges(steps[0], positions)
    elif name == "ColumnTransformer":
        for key, step, _ in model.transformers_:
            chosen = [positions[i] for i in model._transformer_to_input_indices[key]]  # noqa: SLF001 - no public name holds it
            yield from _edges(step, chosen)
    elif name == "FeatureUnion":
        for _, step in model.transformer_list:
            yield from _edges(step, positions)
    elif name in EDGES:
        yield from zip(positions, EDGES[name](model), strict=True)


EDGES: dict[str, Callable[[Any], list[Array]]] = {
    "Binarizer": lambda model: [np.array([model.threshold])] * model.n_features_in_,
    "KBinsDiscretizer": lambda model: list(model.bin_edges_),
    "QuantileTransformer": lambda model: list(model.quantiles_.T),
    "SplineTransformer": lambda model: [spline.t for spline in model.bsplines_],
}
"""The numbers that an estimator compares each of its columns with."""
