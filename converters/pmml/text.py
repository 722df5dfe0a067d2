"""Counts of terms in text, by PMML's own element."""

from __future__ import annotations

from typing import Any

import numpy as np

from bundle.arrays import Array
from converters.pmml.expressions import Node, Value

COUNT = "termFrequency"
FUNCTION = (
    f'<DefineFunction name="{COUNT}" optype="continuous" dataType="double">'
    '<ParameterField name="text" optype="categorical" dataType="string"/>'
    '<ParameterField name="term" optype="categorical" dataType="string"/>'
    '<TextIndex textField="text" isCaseSensitive="true" wordSeparatorCharacterRE=" +">'
    '<FieldRef field="term"/></TextIndex></DefineFunction>'
)
"""One for all terms, so that an engine cuts a text into tokens once."""


def term_counts(inputs: list[Any], attributes: dict[str, Any]) -> list[Array]:
    """[1, terms]: how often each is found in the text that the replacements leave."""
    (text,) = np.ravel(inputs[0])
    for pair in zip(attributes["patterns"], attributes["replacements"], strict=True):
        text = Node("replace", (text, *pair), "text", missing=True)
    counts = [_count(text, term) for term in attributes["terms"]]
    found = np.empty((1, len(counts)), dtype=object)
    found[0, :] = counts
    return [found]


def _count(text: Value, term: str) -> Value:
    # Without a text there is no count; but then the original has no answer either.
    return Node(COUNT, (text, term), "number") if term else 0.0
