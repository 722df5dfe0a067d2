"""Vectorizers of text."""

from __future__ import annotations

from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from parity_tests.pipelines.case import Case

CASES = [
    Case(name="CountVectorizer", model=CountVectorizer(), on="texts"),
    Case(name="CountVectorizer, binary", model=CountVectorizer(binary=True), on="texts"),
    Case(name="CountVectorizer, case kept", model=CountVectorizer(lowercase=False), on="texts"),
    Case(name="CountVectorizer, bigrams", model=CountVectorizer(ngram_range=(1, 2)), on="texts"),
    Case(
        name="CountVectorizer, trigrams alone",
        model=CountVectorizer(ngram_range=(3, 3), token_pattern=r"(?u)\b\w+\b"),
        on="texts",
    ),
    Case(
        name="CountVectorizer, English stop words",
        model=CountVectorizer(stop_words="english"),
        on="texts",
    ),
    Case(
        name="CountVectorizer, bigrams without stop words",
        model=CountVectorizer(stop_words=["the", "on", "la"], ngram_range=(1, 2)),
        on="texts",
    ),
    Case(
        name="CountVectorizer, letters of ASCII",
        model=CountVectorizer(token_pattern=r"[a-zA-Z]+", lowercase=False),
        on="texts",
    ),
    Case(
        name="CountVectorizer, bounded letters of ASCII",
        model=CountVectorizer(token_pattern=r"(?u)\b[a-z]{2,}\b", ngram_range=(1, 2)),
        on="texts",
    ),
    Case(
        name="CountVectorizer, what is not space",
        model=CountVectorizer(token_pattern=r"(\S+)"),
        on="texts",
    ),
    Case(
        name="CountVectorizer, some terms",
        model=CountVectorizer(min_df=2, max_df=0.5, max_features=6),
        on="texts",
    ),
    Case(
        name="CountVectorizer, a given vocabulary",
        model=CountVectorizer(vocabulary=["dog", "cat", "Dog", "the cat", "x", "café"]),
        on="texts",
    ),
    Case(
        name="CountVectorizer, accents to ASCII",
        model=CountVectorizer(strip_accents="ascii"),
        on="texts",
    ),
    Case(
        name="CountVectorizer, accents by Unicode",
        model=CountVectorizer(strip_accents="unicode"),
        on="texts",
    ),
    Case(
        name="CountVectorizer, accents by Unicode, case kept",
        model=CountVectorizer(strip_accents="unicode", lowercase=False, ngram_range=(1, 2)),
        on="texts",
    ),
    Case(name="CountVectorizer, characters", model=CountVectorizer(analyzer="char"), on="texts"),
    Case(
        name="CountVectorizer, runs of characters",
        model=CountVectorizer(analyzer="char", ngram_range=(2, 4), min_df=2),
        on="texts",
    ),
    Case(
        name="CountVectorizer, long runs of characters",
        model=CountVectorizer(analyzer="char", ngram_range=(12, 13), max_features=50),
        on="texts",
    ),
    Case(
        name="CountVectorizer, characters without accents",
        model=CountVectorizer(analyzer="char", strip_accents="unicode", ngram_range=(1, 2)),
        on="texts",
    ),
    Case(
        name="CountVectorizer, characters in words",
        model=CountVectorizer(analyzer="char_wb", ngram_range=(2, 3)),
        on="texts",
    ),
    Case(
        name="CountVectorizer, characters in short words",
        model=CountVectorizer(analyzer="char_wb", ngram_range=(5, 6)),
        on="texts",
    ),
    Case(
        name="CountVectorizer, characters in words, ASCII, case kept",
        model=CountVectorizer(
            analyzer="char_wb", ngram_range=(1, 4), strip_accents="ascii", lowercase=False
        ),
        on="texts",
    ),
    Case(name="TfidfVectorizer", model=TfidfVectorizer(), on="texts"),
    Case(name="TfidfVectorizer, norm l1", model=TfidfVectorizer(norm="l1"), on="texts"),
    Case(name="TfidfVectorizer, not scaled", model=TfidfVectorizer(norm=None), on="texts"),
    Case(name="TfidfVectorizer, frequency alone", model=TfidfVectorizer(use_idf=False), on="texts"),
    Case(
        name="TfidfVectorizer, not smoothed",
        model=TfidfVectorizer(smooth_idf=False, vocabulary=["dog", "cat", "never", "the"]),
        on="texts",
    ),
    Case(
        name="TfidfVectorizer, sublinear, bigrams",
        model=TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2)),
        on="texts",
    ),
    Case(
        name="TfidfVectorizer, binary, characters in words",
        model=TfidfVectorizer(binary=True, analyzer="char_wb", ngram_range=(3, 3), min_df=2),
        on="texts",
    ),
    Case(
        name="TfidfVectorizer before logistic regression",
        model=make_pipeline(TfidfVectorizer(), LogisticRegression()),
        on="texts",
    ),
    Case(
        name="TfidfVectorizer before SVD",
        model=make_pipeline(TfidfVectorizer(sublinear_tf=True), TruncatedSVD(3, random_state=0)),
        on="texts",
    ),
    Case(
        name="TfidfVectorizer of a column",
        model=make_pipeline(
            ColumnTransformer(
                [
                    ("text", TfidfVectorizer(), "text"),
                    ("numbers", StandardScaler(), ["length", "age"]),
                ]
            ),
            LogisticRegression(),
        ),
        on="texts_and_numbers",
    ),
    Case(
        name="TfidfVectorizer of words and of characters",
        model=make_pipeline(
            make_union(
                TfidfVectorizer(min_df=2), TfidfVectorizer(analyzer="char", ngram_range=(2, 2))
            ),
            LogisticRegression(),
        ),
        on="texts",
    ),
    Case(name="TfidfTransformer", model=TfidfTransformer(), on="positive"),
    Case(
        name="TfidfTransformer, sublinear, norm l1",
        model=TfidfTransformer(norm="l1", sublinear_tf=True, use_idf=False),
        on="positive",
    ),
    Case(
        name="TfidfTransformer of counts",
        model=make_pipeline(CountVectorizer(), TfidfTransformer(smooth_idf=False)),
        on="texts",
    ),
]
