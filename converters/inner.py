"""The fitted estimators inside another that are asked about the same rows as it is."""

from __future__ import annotations

from typing import Any

INNER = {
    "CalibratedClassifierCV": ("calibrated_classifiers_",),
    "FixedThresholdClassifier": ("estimator_",),
    "FrozenEstimator": ("estimator",),
    "GridSearchCV": ("best_estimator_",),
    "HalvingGridSearchCV": ("best_estimator_",),
    "HalvingRandomSearchCV": ("best_estimator_",),
    "MultiOutputClassifier": ("estimators_",),
    "MultiOutputRegressor": ("estimators_",),
    "OneVsOneClassifier": ("estimators_",),
    "OneVsRestClassifier": ("estimators_",),
    "OutputCodeClassifier": ("estimators_",),
    "RandomizedSearchCV": ("best_estimator_",),
    "SelfTrainingClassifier": ("estimator_", "base_estimator_"),  # the second until 1.5
    "StackingClassifier": ("estimators_",),
    "StackingRegressor": ("estimators_",),
    "TransformedTargetRegressor": ("regressor_",),
    "TunedThresholdClassifierCV": ("estimator_",),
    "VotingClassifier": ("estimators_",),
    "VotingRegressor": ("estimators_",),
    "_CalibratedClassifier": ("estimator",),
}
"""Where each keeps them, by the name of the class: the first of these that it has."""


def inner_of(model: Any) -> list[Any]:
    """The estimators inside `model`, in order; none where it is not in the table."""
    for name in INNER.get(type(model).__name__, ()):
        found = getattr(model, name, None)
        if found is not None:
            return list(found) if isinstance(found, list | tuple) else [found]
    return []
