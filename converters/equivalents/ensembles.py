"""Ensembles that JPMML's converter has, with what it asks of them."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier


def with_fitted_prototype(model: Any) -> Any:
    """The converter asks the estimator that was cloned for its types, and it must be fitted.

    No method of scikit-learn's reads it after training.
    """
    model.estimator_ = model.estimators_[0]
    return model


def votes(model: Any) -> Any:
    """The weights of the voters that were not dropped, and an order between the classes.

    Of classes with as many hard votes the first is taken, and JPMML has no order of its own
    between them: each class is given a share of a vote. The shares fall from class to class and
    are less than one vote together, so they decide between equal counts alone.
    """
    weights = model._weights_not_none  # noqa: SLF001 - predict reads it
    voters, model.weights = model.estimators_, weights
    if getattr(model, "voting", None) == "hard" and _whole(weights):
        classes = np.arange(len(model.classes_))
        voters = [*voters, *(_always(each, classes) for each in classes)]
        counts = weights or [1.0] * len(model.estimators_)
        model.weights = [*map(float, counts), *(0.5 ** (classes + 1.0)).tolist()]
    model.estimators_ = voters
    model.estimators = [(f"voter{place}", each) for place, each in enumerate(voters)]
    return model


def _whole(weights: Any) -> bool:
    return weights is None or all(float(weight).is_integer() for weight in weights)


def _always(value: Any, classes: Any) -> DummyClassifier:
    """A voter that always says the class at this place."""
    rows = np.zeros((len(classes), 1))
    voter = DummyClassifier(strategy="constant", constant=int(value)).fit(rows, classes)
    del voter.n_features_in_  # It takes whatever the other voters take.
    return voter
