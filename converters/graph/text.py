"""Vectorizers of text: counts of terms, and what is weighed from them."""

from __future__ import annotations

from typing import Any

import numpy as np
import spox.opset.ai.onnx.v21 as op
from spox import Var

from bundle.errors import ConversionError
from converters.graph.answers import Answers
from converters.graph.murmur import hashed
from converters.graph.scaling import binarized, row_norm
from converters.graph.sparse import Sparse
from converters.graph.table import Table, constant
from converters.graph.term_counts import counted, is_by_operator
from converters.graph.terms import Found, char_terms, char_wb_terms, word_terms
from converters.graph.units import terms_of

ANALYZERS = {"word": word_terms, "char": char_terms, "char_wb": char_wb_terms}
"""What finds the terms of a vocabulary in rows of text."""


def count_vectorizer(model: Any, table: Table) -> Answers:
    """CountVectorizer: how often each term of the vocabulary occurs."""
    return Answers(transform=counts(model, table))


def tfidf_vectorizer(model: Any, table: Table) -> Answers:
    """TfidfVectorizer: CountVectorizer, then TfidfTransformer."""
    if np.dtype(model.dtype) != np.float64:
        raise NotImplementedError(f"TfidfVectorizer(dtype={np.dtype(model.dtype)})")
    return Answers(transform=weighed(model._tfidf, counts(model, table)))  # noqa: SLF001 - the fitted weights' only place


def tfidf_transformer(model: Any, table: Table) -> Answers:
    """TfidfTransformer: counts by frequency and rarity, each row scaled to length 1."""
    return Answers(transform=weighed(model, table))


MOST_DENSE = 2**12
"""Terms of a vocabulary; of more, only the counts that are not 0 are made."""


def counts(model: Any, table: Table) -> Table:
    """How often each term occurs, or whether it does (`binary`)."""
    _only_built_in(model)
    text = op.reshape(table.matrix(), constant([-1], np.int64))
    width = len(model.vocabulary_)
    terms = {str(term): int(column) for term, column in model.vocabulary_.items()}
    by_operator = counted(model, text, terms)
    if by_operator is not None:
        total = Table.of(by_operator, width)
    else:
        found = ANALYZERS[model.analyzer](model, text, terms)
        total = _stored(found, text, width) if width > MOST_DENSE else summed(found, text, width)
    return binarized(total, 0.0) if model.binary else total


def _only_built_in(model: Any) -> None:
    for option in ("preprocessor", "tokenizer"):
        if getattr(model, option) is not None:
            raise NotImplementedError(f"{type(model).__name__}({option}=...), a Python function")
    for option in ("analyzer", "strip_accents"):
        if callable(getattr(model, option)):
            raise NotImplementedError(f"{type(model).__name__}({option}=...), a Python function")
    if model.input != "content":
        raise NotImplementedError(f"{type(model).__name__}(input={model.input!r})")


def _stored(found: Found, text: Var, width: int) -> Table:
    known = op.less(found.columns, constant(width, np.int64))
    row, column = op.compress(found.rows, known), op.compress(found.columns, known)
    ones = op.expand(constant(1.0), op.shape(row))
    return Sparse.summed(row, column, ones, count=op.shape(text), width=width)


def summed(found: Found, text: Var, width: int) -> Table:
    """How often each of the columns was found in each row; column `width` is for none."""
    rows = op.shape(text)
    across = constant(width + 1, np.int64)
    zeros = op.constant_of_shape(op.mul(rows, across), value=np.zeros(1))
    places = op.add(op.mul(found.rows, across), found.columns)
    ones = op.expand(constant(1.0), op.shape(places))
    flat = op.scatter_elements(zeros, places, ones, axis=0, reduction="add")
    shaped = op.reshape(flat, constant([-1, width + 1], np.int64))
    zero, one = constant([0], np.int64), constant([1], np.int64)
    return Table.of(op.slice(shaped, zero, constant([width], np.int64), one), width)


def weighed(model: Any, table: Table) -> Table:
    """`TfidfTransformer.transform`: what is 0 stays so, as it is not stored in a sparse matrix.

    What is stored there though it is 0, as hashed terms of opposite signs are, becomes log(0).
    """
    value = table.stored()
    zero = None if isinstance(table, Sparse) else op.equal(value, constant(0.0))
    if model.sublinear_tf:
        value = _kept(zero, constant(0.0), op.add(op.log(value), constant(1.0)))
    if hasattr(model, "idf_"):
        value = op.mul(value, table.beside(model.idf_))
        if not np.isfinite(model.idf_).all():  # a term of no document, without smoothing
            value = _kept(zero, constant(0.0), value)
    if model.norm is not None:
        value = _kept(zero, value, _normalised(table.with_stored(value), model.norm))
    return table.with_stored(value)


def _kept(zero: Var | None, there: Var, value: Var) -> Var:
    return value if zero is None else op.where(zero, there, value)


def _normalised(table: Table, norm: str) -> Var:
    """Rows over their norm, if that is not 0."""
    size = row_norm(table, norm)
    size = op.where(op.equal(size, constant(0.0)), constant(1.0), size)
    return op.div(table.stored(), size)


MOST_HASHED = 2**16
"""Columns of hashes that are still made a matrix: a thousand rows of these take 0.5 GB."""


def hashing_vectorizer(model: Any, table: Table) -> Answers:
    """HashingVectorizer: how often terms occur whose hash falls on each column, with its sign."""
    _only_built_in(model)
    if is_by_operator():
        raise ConversionError(
            "PMML has no function for its hashes", mend="Use the ONNX of the bundle"
        )
    if np.dtype(model.dtype) not in (np.float64, np.int64):
        raise NotImplementedError(f"HashingVectorizer(dtype={np.dtype(model.dtype)})")
    text = op.reshape(table.matrix(), constant([-1], np.int64))
    found = _by_hash(model, text)
    if model.norm is not None:
        found = found.with_stored(_normalised(found, model.norm))
    return Answers(transform=found)


def _by_hash(model: Any, text: Var) -> Table:
    """The sum of the signs of the terms, or 1 where there is any (`binary`).

    The column is the rest of the hash, as an int32, without its sign; for -2**31 too.
    """
    terms, width = terms_of(model, text), int(model.n_features)
    found = hashed(terms.data, terms.first, terms.last)
    negative = op.greater_or_equal(found, constant(2**31, np.int64))
    size = op.where(negative, op.sub(constant(2**32, np.int64), found), found)
    ones = op.expand(constant(1.0), op.shape(found))
    if model.alternate_sign and not model.binary:
        ones = op.where(negative, constant(-1.0), ones)
    column = op.mod(size, constant(width, np.int64))
    total = Sparse.summed(
        terms.rows, column, ones, count=op.shape(text), width=width, most=MOST_HASHED
    )
    return binarized(total, 0.0) if model.binary else total
