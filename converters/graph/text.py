"""Vectorizers of text: counts of terms, and what is weighed from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.errors import ConversionError
from converters.graph.answers import Answers
from converters.graph.murmur import hashed
from converters.graph.table import Table, constant
from converters.graph.term_counts import counted, is_by_operator
from converters.graph.terms import Found, char_terms, char_wb_terms, word_terms
from converters.graph.units import terms_of

ANALYZERS = {"word": word_terms, "char": char_terms, "char_wb": char_wb_terms}
"""What finds the terms of a vocabulary in rows of text."""


def count_vectorizer(model: Any, table: Table) -> Answers:
    """CountVectorizer: how often each term of the vocabulary occurs."""
    return Answers(transform=Table.of(counts(model, table), len(model.vocabulary_)))


def tfidf_vectorizer(model: Any, table: Table) -> Answers:
    """TfidfVectorizer: CountVectorizer, then TfidfTransformer."""
    if np.dtype(model.dtype) != np.float64:
        raise NotImplementedError(f"TfidfVectorizer(dtype={np.dtype(model.dtype)})")
    return Answers(transform=weighed(model._tfidf, counts(model, table), len(model.vocabulary_)))  # noqa: SLF001 - the fitted weights' only place


def tfidf_transformer(model: Any, table: Table) -> Answers:
    """TfidfTransformer: counts by frequency and rarity, each row scaled to length 1."""
    return Answers(transform=weighed(model, table.matrix(), table.width))


def counts(model: Any, table: Table) -> Var:
    """[rows, terms] float64: how often each term occurs, or whether it does (`binary`)."""
    _only_built_in(model)
    text = op.reshape(table.matrix(), constant([-1], np.int64))
    width = len(model.vocabulary_)
    terms = {str(term): int(column) for term, column in model.vocabulary_.items()}
    total = counted(model, text, terms)
    if total is None:
        total = summed(ANALYZERS[model.analyzer](model, text, terms), text, width)
    if not model.binary:
        return total
    return op.cast(op.greater(total, constant(0.0)), to=np.float64)


def _only_built_in(model: Any) -> None:
    for option in ("preprocessor", "tokenizer"):
        if getattr(model, option) is not None:
            raise NotImplementedError(f"{type(model).__name__}({option}=...), a Python function")
    for option in ("analyzer", "strip_accents"):
        if callable(getattr(model, option)):
            raise NotImplementedError(f"{type(model).__name__}({option}=...), a Python function")
    if model.input != "content":
        raise NotImplementedError(f"{type(model).__name__}(input={model.input!r})")


def summed(found: Found, text: Var, width: int) -> Var:
    """[rows, width]: how often each column was found in each row; column `width` is for none."""
    rows = op.shape(text)
    across = constant(width + 1, np.int64)
    zeros = op.constant_of_shape(op.mul(rows, across), value=np.zeros(1))
    places = op.add(op.mul(found.rows, across), found.columns)
    ones = op.expand(constant(1.0), op.shape(places))
    flat = op.scatter_elements(zeros, places, ones, axis=0, reduction="add")
    shaped = op.reshape(flat, constant([-1, width + 1], np.int64))
    zero, one = constant([0], np.int64), constant([1], np.int64)
    return op.slice(shaped, zero, constant([width], np.int64), one)


def weighed(model: Any, value: Var, width: int) -> Table:
    """`TfidfTransformer.transform`: what is 0 stays so, as it is not stored in a sparse matrix."""
    zero = op.equal(value, constant(0.0))
    if model.sublinear_tf:
        value = op.where(zero, constant(0.0), op.add(op.log(value), constant(1.0)))
    if hasattr(model, "idf_"):
        value = op.mul(value, constant(model.idf_))
        if not np.isfinite(model.idf_).all():  # a term of no document, without smoothing
            value = op.where(zero, constant(0.0), value)
    if model.norm is not None:
        value = _normalised(value, zero, model.norm)
    return Table.of(value, width)


def _normalised(value: Var, zero: Var, norm: str) -> Var:
    axis = constant([1], np.int64)
    if norm == "l1":
        size = op.reduce_sum(op.abs(value), axis, keepdims=1)
    else:
        size = op.sqrt(op.reduce_sum(op.mul(value, value), axis, keepdims=1))
    return op.where(
        zero, value, op.div(value, op.where(op.equal(size, constant(0.0)), constant(1.0), size))
    )


MOST_HASHED = 2**16
"""Columns of hashes: the graph's rows are dense, and a thousand rows of these take 0.5 GB."""


def hashing_vectorizer(model: Any, table: Table) -> Answers:
    """HashingVectorizer: how often terms occur whose hash falls on each column, with its sign."""
    _only_built_in(model)
    if is_by_operator():
        raise ConversionError(
            "PMML has no function for its hashes", mend="Use the ONNX of the bundle"
        )
    width = int(model.n_features)
    if width > MOST_HASHED:
        raise NotImplementedError(
            f"HashingVectorizer(n_features={width}), over {MOST_HASHED}: the graph's rows are dense"
        )
    if np.dtype(model.dtype) not in (np.float64, np.int64):
        raise NotImplementedError(f"HashingVectorizer(dtype={np.dtype(model.dtype)})")
    text = op.reshape(table.matrix(), constant([-1], np.int64))
    value = _by_hash(model, text, width)
    if model.norm is not None:
        value = _scaled(value, model.norm)
    return Answers(transform=Table.of(value, width))


def _by_hash(model: Any, text: Var, width: int) -> Var:
    """[rows, width]: the sum of the signs of the terms, or 1 where there is any (`binary`).

    The column is the rest of the hash, as an int32, without its sign; for -2**31 too.
    """
    terms = terms_of(model, text)
    found = hashed(terms.data, terms.first, terms.last)
    across = constant(width, np.int64)
    negative = op.greater_or_equal(found, constant(2**31, np.int64))
    size = op.where(negative, op.sub(constant(2**32, np.int64), found), found)
    places = op.add(op.mul(terms.rows, across), op.mod(size, across))
    zeros = op.constant_of_shape(op.mul(op.shape(text), across), value=np.zeros(1))
    ones = op.expand(constant(1.0), op.shape(places))
    if model.binary:  # also where the signs of several cancel out
        flat = op.scatter_elements(zeros, places, ones, axis=0)
    else:
        if model.alternate_sign:
            ones = op.where(negative, constant(-1.0), ones)
        flat = op.scatter_elements(zeros, places, ones, axis=0, reduction="add")
    return op.reshape(flat, constant([-1, width], np.int64))


def _scaled(value: Var, norm: str) -> Var:
    """Rows over their length; the sums are of whole numbers, so they are exact in any order."""
    axis = constant([1], np.int64)
    if norm == "l1":
        size = op.reduce_l1(value, axis, keepdims=1)
    else:
        size = op.sqrt(op.reduce_sum_square(value, axis, keepdims=1))
    return op.div(value, op.where(op.equal(size, constant(0.0)), constant(1.0), size))
