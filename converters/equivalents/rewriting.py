"""The table applied to a model and to every fitted estimator inside it."""

from __future__ import annotations

from typing import Any

from sklearn.feature_selection import SelectorMixin

from converters.equivalents.table import TABLE
from converters.equivalents.wrappers import selected_columns
from converters.inner import INNER

_LISTS = ("steps", "transformers_", "transformer_list")
"""Where compositions keep (name, estimator, ...)."""
_ALSO = {
    "AdaBoostClassifier": ("estimators_",),
    "AdaBoostRegressor": ("estimators_",),
    "BaggingClassifier": ("estimators_",),
    "BaggingRegressor": ("estimators_",),
    "RANSACRegressor": ("estimator_",),
    "RFE": ("estimator_",),
    "RFECV": ("estimator_",),
    "StackingClassifier": ("final_estimator_",),
    "StackingRegressor": ("final_estimator_",),
}
"""Fitted estimators that are not asked about the same rows as the one around them."""


def rewritten(model: Any) -> Any:
    """An equal model made of what JPMML's converter takes; `model` is used up."""
    return _Rewriting().of(model, predicts=True)


class _Rewriting:
    """One pass over a model, in which an estimator that stands in two places is rewritten once."""

    def __init__(self) -> None:
        self._done: dict[tuple[int, bool], tuple[Any, Any]] = {}

    def of(self, model: Any, *, predicts: bool) -> Any:
        """Rewrite what is inside, then the model. `predicts`: whether it is there to predict."""
        place = (id(model), predicts)
        if place in self._done:
            return self._done[place][1]
        # The originals are kept: of what is thrown away, Python gives the id to another.
        self._done[place] = (model, model)
        self._inside(model, predicts=predicts)
        made = _by_table(model, predicts=predicts)
        if made is not model:
            made = self.of(made, predicts=predicts)
            self._done[place] = (model, made)
        return made

    def _inside(self, model: Any, *, predicts: bool) -> None:
        for name in _LISTS:
            entries = getattr(model, name, None) or []
            if entries:
                last = len(entries) - 1 if name == "steps" and predicts else -1
                made = [self._entry(e, predicts=i == last) for i, e in enumerate(entries)]
                setattr(model, name, made)
        kind = type(model).__name__
        for name in (*INNER.get(kind, ()), *_ALSO.get(kind, ())):
            held = getattr(model, name, None)
            if isinstance(held, list):
                setattr(model, name, [self.of(each, predicts=True) for each in held])
            elif held is not None:
                setattr(model, name, self.of(held, predicts=predicts))

    def _entry(self, entry: Any, *, predicts: bool) -> Any:
        name, held, *rest = entry
        return (name, self.of(held, predicts=predicts), *rest)


def _by_table(model: Any, *, predicts: bool) -> Any:
    make = TABLE.get(type(model).__name__)
    if isinstance(model, SelectorMixin) and not predicts:
        # Some keep an estimator too, which only a prediction asks.
        return selected_columns(model)
    return model if make is None else make(model)
