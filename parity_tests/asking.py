"""What every way to ask a door shares."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import numpy as np

from bundle.arrays import DTYPES, MISSING_TEXT, Array, Arrays
from bundle.signature import Output
from isomorph import Bundle

Ask = Callable[[httpx.Client, Bundle, Arrays], Arrays]
"""Rows of a bundle in, its answers out."""


def posted(client: httpx.Client, path: str, **content: Any) -> httpx.Response:
    """The answer to a POST that is right."""
    answer = client.post(path, **content)
    assert answer.status_code == 200, answer.text
    return answer


def as_array(output: Output, values: list[Any]) -> Array:
    """Answers to an output as the array that `bundle.predict` gives."""
    found = np.array(values, dtype=DTYPES[output.datatype])
    if output.datatype == "BYTES":
        found[found == None] = MISSING_TEXT  # noqa: E711 - element by element
    return found
