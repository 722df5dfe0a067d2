"""ai.onnx.ml 5 TreeEnsemble as choices between the leaves."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np

from bundle.arrays import Array
from converters.pmml import expressions as e
from converters.pmml import numbers as n

LEQ, LT, GTE, GT, EQ, NEQ, MEMBER = range(7)
AVERAGE = 0  # aggregate_function; 1 is the sum
_FAR = sys.float_info.max


def tree_ensemble(inputs: list[Any], attributes: dict[str, Any]) -> list[Array]:
    """[1, targets]: for each target, the sum or mean of the leaves that the row reaches."""
    (row,) = np.asarray(inputs[0], dtype=object)
    width = attributes["n_targets"]
    terms: list[list[e.Value]] = [[] for _ in range(width)]
    reader = _Reader(row, attributes)
    for root in attributes["tree_roots"]:
        for target, value in reader.tree(root):
            terms[target].append(value)
    count = float(len(attributes["tree_roots"]))
    divisor = count if attributes["aggregate_function"] == AVERAGE else 1.0
    found = np.empty((1, width), dtype=object)
    found[0, :] = [e.divide(n.total(each), divisor) for each in terms]
    return [found]


class _Reader:
    """One ensemble's nodes, read for one row."""

    def __init__(self, row: Array, attributes: dict[str, Any]) -> None:
        self._row = row
        self._nodes = attributes
        self._sets = _members(attributes)
        self._sides: dict[tuple[int, bool], e.Value] = {}
        missing = attributes.get("nodes_missing_value_tracks_true")
        self._missing_true = missing or [0] * len(attributes["nodes_splits"])

    def tree(self, root: int) -> list[tuple[int, e.Value]]:
        """For each target that has leaves in the tree: the choice between them."""
        return [
            (target, self._below(root, leaf=False, target=target))
            for target in sorted(self._targets(root))
        ]

    def _targets(self, root: int) -> set[int]:
        found, waiting = set(), [(root, False)]
        while waiting:
            place, leaf = waiting.pop()
            if leaf:
                found.add(self._nodes["leaf_targetids"][place])
            else:
                waiting += self._children(place)
        return found

    def _children(self, node: int) -> list[tuple[int, bool]]:
        return [
            (self._nodes[f"nodes_{way}nodeids"][node], bool(self._nodes[f"nodes_{way}leafs"][node]))
            for way in ("true", "false")
        ]

    def _below(self, place: int, *, leaf: bool, target: int) -> e.Value:
        if leaf:
            own = self._nodes["leaf_targetids"][place] == target
            return float(self._nodes["leaf_weights"][place]) if own else 0.0
        then, otherwise = (
            self._below(child, leaf=end, target=target) for child, end in self._children(place)
        )
        return e.choose(self._condition(place), then, otherwise)

    def _condition(self, node: int) -> e.Value:
        mode = int(self._nodes["nodes_modes"][node])
        split = float(self._nodes["nodes_splits"][node])
        feature = self._nodes["nodes_featureids"][node]
        if mode == LEQ and split < _FAR:
            return e.less_or_equal(self._side(feature, bool(self._missing_true[node])), split)
        x = self._row[feature]
        if mode == LEQ:  # of infinity: it parts the missing from the present
            return True if self._missing_true[node] else e.present(x)
        if mode == MEMBER:
            found: e.Value = False
            for member in self._sets[node]:
                found = e.either(found, e.equal(x, member))
        elif mode in (EQ, NEQ):
            found = e.equal(x, split) if mode == EQ else e.negate(e.equal(x, split))
        else:
            found = {LT: e.less, GT: e.greater, GTE: e.greater_or_equal}[mode](x, split)
        return e.choose(e.present(x), found, bool(self._missing_true[node]))

    def _side(self, feature: int, missing_true: bool) -> e.Value:  # noqa: FBT001
        """The value, far on one side where it is missing; one field for all the splits."""
        key = (feature, missing_true)
        if key not in self._sides:
            x = self._row[feature]
            self._sides[key] = e.choose(e.present(x), x, -_FAR if missing_true else _FAR)
        found = self._sides[key]
        if isinstance(found, e.Node):
            found.missing = False
        return found


def _members(attributes: dict[str, Any]) -> dict[int, list[float]]:
    """The set of each node that asks for membership; in the attribute each ends with NaN."""
    values = attributes.get("membership_values")
    if values is None:
        return {}
    sets: list[list[float]] = [[]]
    for value in np.ravel(values).tolist():
        if value == value:  # noqa: PLR0124
            sets[-1].append(value)
        else:
            sets.append([])
    asking = [node for node, mode in enumerate(attributes["nodes_modes"]) if mode == MEMBER]
    return dict(zip(asking, sets, strict=False))
