"""The members of an ensemble kept apart, where JPMML's converter mixes what they read and write.

It gives every field of a document one type and one name. Members that scale the same column each
in its own way, or of which some compare in float32, need fields of their own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

from sklearn.compose import ColumnTransformer
from sklearn.pipeline import FeatureUnion, Pipeline

_ENSEMBLES = (
    "AdaBoostClassifier",
    "AdaBoostRegressor",
    "BaggingClassifier",
    "BaggingRegressor",
    "OneVsRestClassifier",
    "StackingClassifier",
    "StackingRegressor",
    "VotingClassifier",
    "VotingRegressor",
)
_IN_FLOAT32 = tuple(
    f"{name}{kind}"
    for name in ("DecisionTree", "ExtraTree", "ExtraTrees", "GradientBoosting", "RandomForest")
    for kind in ("Classifier", "Regressor")
)
"""Trees round what they read to float32: here in a field of their own, not in the column."""
_NAMED = (
    "IncrementalPCA",
    "MaxAbsScaler",
    "MinMaxScaler",
    "PCA",
    "PowerTransformer",
    "QuantileTransformer",
    "RobustScaler",
    "StandardScaler",
    "TruncatedSVD",
)
"""Transformers of which every column becomes a field, named after the class and the column."""


def keep_members_apart(steps: list[Any]) -> None:
    """Give the members of the ensembles among `steps` fields of their own, in place."""
    numbers = itertools.count(1)
    for ensemble in steps:
        for place, member in enumerate(_members(ensemble), start=1):
            last = member
            if isinstance(member, Pipeline):
                _name(member, numbers)
                last = member.steps[-1][1]
                if hasattr(ensemble, "stack_method_") and member is not ensemble.final_estimator_:
                    # Else its probabilities have the names of the ensemble's own.
                    last.pmml_segment_id_ = place
            for part in getattr(last, "calibrated_classifiers_", ()):
                part.pmml_segment_id_ = place
            if type(last).__name__ in _IN_FLOAT32:
                last.pmml_options_ = {**getattr(last, "pmml_options_", {}), "input_float": False}


def _members(ensemble: Any) -> list[Any]:
    if type(ensemble).__name__ not in _ENSEMBLES or not hasattr(ensemble, "estimators_"):
        return []
    final = getattr(ensemble, "final_estimator_", None)
    return [*ensemble.estimators_, *([] if final is None else [final])]


def _name(holder: Any, numbers: Iterator[int]) -> None:
    """Wrap the transformers inside, so that their fields have names that no other has."""
    from sklearn2pmml.decoration import MultiAlias  # noqa: PLC0415 - belongs to the extra

    for attribute in ("steps", "transformers_", "transformer_list"):
        entries = getattr(holder, attribute, None) or []
        for place, (name, step, *rest) in enumerate(entries):
            if isinstance(step, Pipeline | ColumnTransformer | FeatureUnion):
                _name(step, numbers)
            elif type(step).__name__ in _NAMED:
                number, kind = next(numbers), type(step).__name__
                columns = [f"{kind}({number}, {each})" for each in step.get_feature_names_out()]
                entries[place] = (name, MultiAlias(step, columns), *rest)
