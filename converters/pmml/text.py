"""Counts of terms in text, by PMML's own element."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

import numpy as np

from bundle.arrays import Array
from converters.pmml.expressions import Node, Value

COUNT = "termFrequency"
Replacements = Sequence[tuple[str, str]]


def term_counts(inputs: list[Any], attributes: dict[str, Any]) -> list[Array]:
    """[1, terms]: how often each is found in the text that the replacements leave."""
    (text,) = np.ravel(inputs[0])
    pairs = tuple(zip(attributes["patterns"], attributes["replacements"], strict=True))
    found = np.empty((1, len(attributes["terms"])), dtype=object)
    found[0, :] = [_count(text, pairs, term) for term in attributes["terms"]]
    return [found]


def _count(text: Value, replacements: Replacements, term: str) -> Value:
    # Without a text there is no count; but then the original has no answer either.
    return Node(COUNT, (text, replacements, term), "number") if term else 0.0


def counting(name: str, replacements: Replacements) -> str:
    """A DefineFunction of a text and a term: how often it is found there.

    One for all terms of a vocabulary, so that an engine normalizes a text once; as rows of a table
    the replacements are gone through one by one, where functions of functions take a deep stack.
    """
    rows = "".join(
        f"<row><string>{escape(pattern)}</string><stem>{escape(text)}</stem>"
        "<regex>true</regex></row>"
        for pattern, text in replacements
    )
    return (
        f'<DefineFunction name="{name}" optype="continuous" dataType="double">'
        '<ParameterField name="text" optype="categorical" dataType="string"/>'
        '<ParameterField name="term" optype="categorical" dataType="string"/>'
        '<TextIndex textField="text" isCaseSensitive="true" wordSeparatorCharacterRE=" +">'
        f"<TextIndexNormalization><InlineTable>{rows}</InlineTable></TextIndexNormalization>"
        '<FieldRef field="term"/></TextIndex></DefineFunction>'
    )
