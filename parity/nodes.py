"""The splits of fitted estimators, whatever they are called, as arrays over nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from bundle.arrays import Array
from parity.inside import Columns, Path, places

LEAF = -1


@dataclass(frozen=True, kw_only=True, eq=False)
class Nodes:
    """A tree, the root first: left where x <= threshold, or where `sets[node]` holds the code x.

    `single`: x is rounded to float32 before it is compared. `by_set`: the row of `sets` of each
    node that splits by categories, else -1.
    """

    left: Array
    right: Array
    feature: Array
    threshold: Array
    missing_left: Array
    by_set: Array
    sets: Array
    single: bool

    def reached(self, matrix: Array) -> Array:
        """For each node the number of a row of `matrix` that reaches it, or -1."""
        found = np.full(len(self.left), -1)
        rows, at = np.arange(len(matrix)), np.zeros(len(matrix), dtype=np.int64)
        values = matrix.astype(np.float32) if self.single else matrix
        while len(rows):
            found[at] = rows
            inner = self.left[at] != LEAF
            rows, at = rows[inner], at[inner]
            goes_left = self._goes_left(at, values[rows, self.feature[at]])
            at = np.where(goes_left, self.left[at], self.right[at])
        return found

    def _goes_left(self, at: Array, values: Array) -> Array:
        missing = np.isnan(values)
        left = np.where(missing, self.missing_left[at], values <= self.threshold[at])
        coded = (self.by_set[at] >= 0) & ~missing
        if coded.any():
            left[coded] = self.sets[self.by_set[at[coded]], values[coded].astype(np.int64)]
        return np.asarray(left)


def trees_of(model: Any) -> dict[Path, list[Nodes]]:
    """The trees inside `model`, by the steps that the rows went through before they were asked."""
    found: dict[Path, list[Nodes]] = {}
    for path, estimator in places(model):
        for steps, nodes in SPLITTERS.get(type(estimator).__name__, _none)(estimator):
            whole, tree = _before_columns((*path, *steps), nodes)
            found.setdefault(whole, []).append(tree)
    return found


def _before_columns(path: Path, nodes: Nodes) -> tuple[Path, Nodes]:
    """The same tree before a last choice of columns, so that trees of many choices go together."""
    if not path or not isinstance(path[-1], Columns):
        return path, nodes
    chosen = np.array(path[-1].positions)[np.maximum(nodes.feature, 0)]
    return path[:-1], replace(nodes, feature=chosen)


def _none(_: Any) -> Iterator[tuple[Path, Nodes]]:
    return iter(())


def _tree(model: Any) -> Iterator[tuple[Path, Nodes]]:
    tree = model.tree_
    yield (
        (),
        _numeric(
            tree.children_left,
            tree.children_right,
            tree.feature,
            tree.threshold,
            tree.missing_go_to_left.astype(np.bool_),
            single=True,
        ),
    )


def _numeric(
    left: Array, right: Array, feature: Array, threshold: Array, missing: Array, *, single: bool
) -> Nodes:
    return Nodes(
        left=left,
        right=right,
        feature=feature,
        threshold=threshold,
        missing_left=missing,
        by_set=np.full(len(left), -1),
        sets=np.zeros((0, 256), dtype=np.bool_),
        single=single,
    )


def _histograms(model: Any) -> Iterator[tuple[Path, Nodes]]:
    encoder = model._preprocessor  # noqa: SLF001 - no public name holds it
    steps = () if encoder is None else (encoder.transform,)
    for predictor in (each for stage in model._predictors for each in stage):  # noqa: SLF001 - likewise
        nodes = predictor.nodes
        leaf = nodes["is_leaf"].astype(np.bool_)
        categorical = nodes["is_categorical"].astype(np.bool_) & ~leaf
        yield (
            steps,
            Nodes(
                left=np.where(leaf, LEAF, nodes["left"].astype(np.int64)),
                right=np.where(leaf, LEAF, nodes["right"].astype(np.int64)),
                feature=np.where(leaf, 0, nodes["feature_idx"]).astype(np.int64),
                threshold=nodes["num_threshold"],
                missing_left=nodes["missing_go_to_left"].astype(np.bool_),
                by_set=np.where(categorical, nodes["bitset_idx"].astype(np.int64), -1),
                sets=_bits(predictor.raw_left_cat_bitsets),
                single=False,
            ),
        )


def _bits(words: Array) -> Array:
    """[sets, 256] bool, from eight words of 32 bits each, the lowest bit first."""
    octets = np.ascontiguousarray(words, dtype="<u4").view(np.uint8)
    return np.unpackbits(octets, axis=1, bitorder="little").astype(np.bool_)


def _bins(model: Any) -> Iterator[tuple[Path, Nodes]]:
    for feature, edges in enumerate(model.bin_edges_):
        for edge in edges[1:-1]:
            yield (), _stump(feature, edge)


def _binarizer(model: Any) -> Iterator[tuple[Path, Nodes]]:
    for feature in range(model.n_features_in_):
        yield (), _stump(feature, model.threshold)


def _stump(feature: int, threshold: float) -> Nodes:
    return _numeric(
        np.array([1, LEAF, LEAF]),
        np.array([2, LEAF, LEAF]),
        np.array([feature, 0, 0]),
        np.array([float(threshold), 0.0, 0.0]),
        np.zeros(3, dtype=np.bool_),
        single=False,
    )


SPLITTERS: dict[str, Callable[[Any], Iterator[tuple[Path, Nodes]]]] = {
    "Binarizer": _binarizer,
    "DecisionTreeClassifier": _tree,
    "DecisionTreeRegressor": _tree,
    "ExtraTreeClassifier": _tree,
    "ExtraTreeRegressor": _tree,
    "HistGradientBoostingClassifier": _histograms,
    "HistGradientBoostingRegressor": _histograms,
    "KBinsDiscretizer": _bins,
}
"""(fitted estimator) -> its trees, each with what it does to the rows before they are compared."""
