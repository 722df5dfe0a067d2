"""Texts that programs read in different ways: words of the sample, cut and joined anew."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from bundle.arrays import MISSING_TEXT, Array, Arrays
from bundle.signature import Column
from converters.original import Original
from parity.columns import column, repeat

COUNT = 400
"""Rows."""
CHARACTERS: tuple[str, ...] = (
    *" \t\n\r\x0b\x0c\x1c\x1f\x85\xa0\u2003\u2028\u200b\ufeff",  # white space to some
    *"\x01\x7f.,;'\"_-+$\\|*^?()[]{}<>&/@#%\u2019\xb7\u2423",  # signs, with or without a meaning
    *"aZ0\u0130\u0131\u017f\u212a\u03a3\u03c3\u03c2\xdf\u1e9e\u01c5\u10a0\uab70",  # letters by case
    *"\xb2\xbd\u0663\u2167\u2122\ufb01\u2460\xaa",  # numbers and signs that are letters to some
    *"\xe9e\u0301\u0345\xad\u0e33\u093f\uac00\u1100\uff21\u4e16",  # marks, and what holds them
    *"\ue000\uf8ff\ud7ff\ufffd\U00010400\U0001d400\U0001f427\U000e0001\U0010fffd",
)
MANNERS: tuple[Callable[[str], str], ...] = (str, str, str.upper, str.lower, str.title)


def text_rows(
    original: Original, sample: Arrays, rng: np.random.Generator
) -> dict[str, Array] | None:
    """Rows whose free texts are such; None where no column is free text."""
    free = [each for each in original.signature.columns if _is_free(each)]
    if not free:
        return None
    rows = repeat(sample, COUNT)
    for described in free:
        values = column(original.signature, rows, described.name)
        words = _words(column(original.signature, sample, described.name).tolist())
        values[:] = [_text(words, rng) for _ in range(COUNT)]
    return rows


def _is_free(described: Column) -> bool:
    return described.kind == "text" and not described.closed and not described.categories


def _words(texts: Sequence[str]) -> list[str]:
    found = (re.findall(r"\w+|[^\w\s]+", text) for text in texts if text != MISSING_TEXT)
    return list(dict.fromkeys(word for words in found for word in words))


def _text(words: Sequence[str], rng: np.random.Generator) -> str:
    parts = [_part(words, rng) for _ in range(rng.integers(1, 9))]
    return ("", " ")[int(rng.integers(0, 2))].join(parts)


def _part(words: Sequence[str], rng: np.random.Generator) -> str:
    if not words or rng.random() < 0.4:
        return CHARACTERS[int(rng.integers(0, len(CHARACTERS)))]
    word = words[int(rng.integers(0, len(words)))]
    manner = MANNERS[int(rng.integers(0, len(MANNERS)))]
    return manner(word)
