"""Which outputs a request means that asks by scikit-learn's method, or not at all."""

from __future__ import annotations

import re

from bundle.errors import InputError
from bundle.signature import Signature

_METHODS = {
    "predict": ("label", "prediction", "cluster"),
    "transform": ("features", "text_features"),
    "score_samples": ("sample_score",),
    "predict_proba": ("probabilities",),
    "decision_function": ("score",),
}
_TARGET = re.compile(r"_[0-9]+$")  # of several targets: probabilities_2


def by_method(signature: Signature, method: str) -> list[str]:
    """The outputs that a method of scikit-learn gives. Raises InputError."""
    found = _found(signature, method)
    if not found:
        raise InputError(
            "the model does not answer this method",
            mend=f"Ask for: {', '.join(each for each in _METHODS if _found(signature, each))}",
        )
    return found


def by_default(signature: Signature) -> list[str]:
    """What the model's main method gives: `predict` where there is one."""
    return next(found for method in _METHODS if (found := _found(signature, method)))


def _found(signature: Signature, method: str) -> list[str]:
    names = _METHODS.get(method, ())
    return [each.name for each in signature.outputs if _TARGET.sub("", each.name) in names]
