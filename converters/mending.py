"""What JPMML's converter writes otherwise than scikit-learn answers, mended in its document."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

import numpy as np

from converters import jvm
from converters.equivalents.fitted import last_of


def mend(java: jvm.Jars, document: Any, model: Any, label: str) -> None:
    """Mend a Java PMML object made of `model` in place. `label`: what the signature calls it."""
    # When it was written is in the manifest; here it would change the bytes of every run.
    document.getHeader().setTimestamp(None)
    _widen_integers(java, document)
    _discretize_at_the_edges(java, document)
    _answer_the_decision(document, label)
    _miss_unknown_categories(java, document, model)


def _widen_integers(java: jvm.Jars, document: Any) -> None:
    """Read integer inputs as doubles, so that 2.5 and 3e9 are unknown values, not errors."""
    types = java("org.dmg.pmml.DataType")
    for field in list(document.getDataDictionary().getDataFields())[1:]:
        if field.getDataType() == types.INTEGER:
            field.setDataType(types.DOUBLE)


def _discretize_at_the_edges(java: jvm.Jars, document: Any) -> None:
    """Bins begin at their edges: scikit-learn no longer adds a millionth to what it bins."""
    dictionary = document.getTransformationDictionary()
    for function in [] if dictionary is None else dictionary.getDefineFunctions() or []:
        if str(function.getName()) == "add_eps":
            parameter = function.getParameterFields()[0].getName()
            function.setExpression(java("org.dmg.pmml.FieldRef")(parameter))
    for expression in _expressions(document):
        discretizes = hasattr(expression, "getDiscretizeBins")
        bins = list(expression.getDiscretizeBins()) if discretizes else []
        if len(bins) == 1:
            # JPMML finds no value in an interval without margins, the only bin of a column.
            bins[0].getInterval().setLeftMargin(java("java.lang.Double")(-sys.float_info.max))


def _expressions(document: Any) -> Iterator[Any]:
    """Those of the derived fields, of the document and of every model in it."""
    places, models = [document.getTransformationDictionary()], list(document.getModels())
    while models:
        model = models.pop()
        places.append(model.getLocalTransformations())
        if hasattr(model, "getSegmentation"):
            models += [segment.getModel() for segment in model.getSegmentation().getSegments()]
    for place in places:
        if place is not None and place.hasDerivedFields():
            yield from (field.getExpression() for field in place.getDerivedFields())


def _answer_the_decision(document: Any, label: str) -> None:
    """A label decided at a threshold is the label; the target is what the model says without it."""
    model = document.getModels()[0]
    while model.getOutput() is None and hasattr(model, "getSegmentation"):
        model = list(model.getSegmentation().getSegments())[-1].getModel()
    for field in [] if model.getOutput() is None else model.getOutput().getOutputFields():
        if str(field.getName()).startswith("thresholded("):
            field.setName(label)


def _miss_unknown_categories(java: jvm.Jars, document: Any, model: Any) -> None:
    """Histogram boosting sends an unknown category where it sends a missing value."""
    last = last_of(model)
    last = getattr(last, "regressor_", last)
    if not np.any(getattr(last, "is_categorical_", None)):
        return
    treatments = java("org.dmg.pmml.InvalidValueTreatmentMethod")
    for field in document.getModels()[0].getMiningSchema().getMiningFields():
        if field.getInvalidValueTreatment() == treatments.AS_IS:
            field.setInvalidValueTreatment(treatments.AS_MISSING)
