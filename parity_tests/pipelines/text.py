"""Vectorizers of text."""

from __future__ import annotations

from sklearn.compose import ColumnTransformer
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import Binarizer, MaxAbsScaler, Normalizer, StandardScaler
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

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
    Case(name="HashingVectorizer", model=HashingVectorizer(n_features=256), on="texts"),
    Case(
        name="HashingVectorizer, bigrams, not scaled",
        model=HashingVectorizer(n_features=128, ngram_range=(1, 2), norm=None),
        on="texts",
    ),
    Case(
        name="HashingVectorizer, trigrams alone, norm l1, without signs",
        model=HashingVectorizer(
            n_features=100, ngram_range=(3, 3), norm="l1", alternate_sign=False
        ),
        on="texts",
    ),
    Case(
        name="HashingVectorizer, binary, few columns",
        model=HashingVectorizer(n_features=7, binary=True, norm=None),
        on="texts",
    ),
    Case(
        name="HashingVectorizer, English stop words, bigrams",
        model=HashingVectorizer(n_features=1024, stop_words="english", ngram_range=(1, 2)),
        on="texts",
    ),
    Case(
        name="HashingVectorizer, accents by Unicode",
        model=HashingVectorizer(n_features=512, strip_accents="unicode", norm=None),
        on="texts",
    ),
    Case(
        name="HashingVectorizer, accents to ASCII, case kept",
        model=HashingVectorizer(n_features=512, strip_accents="ascii", lowercase=False),
        on="texts",
    ),
    Case(
        name="HashingVectorizer, letters and spaces",
        model=HashingVectorizer(n_features=64, token_pattern=r"[a-zA-Z ]+", lowercase=False),
        on="texts",
    ),
    Case(
        name="HashingVectorizer, bounded letters of ASCII",
        model=HashingVectorizer(
            n_features=512, token_pattern=r"(?u)\b[a-z]{2,}\b", ngram_range=(1, 2)
        ),
        on="texts",
    ),
    Case(
        name="HashingVectorizer, runs of characters",
        model=HashingVectorizer(n_features=1000, analyzer="char", ngram_range=(1, 4)),
        on="texts",
    ),
    Case(
        name="HashingVectorizer, long runs of characters, without signs",
        model=HashingVectorizer(
            n_features=1024, analyzer="char", ngram_range=(12, 13), alternate_sign=False, norm=None
        ),
        on="texts",
    ),
    Case(
        name="HashingVectorizer, characters in words",
        model=HashingVectorizer(n_features=512, analyzer="char_wb", ngram_range=(2, 3), norm="l1"),
        on="texts",
    ),
    Case(
        name="HashingVectorizer, characters in short words, without accents",
        model=HashingVectorizer(
            n_features=512,
            analyzer="char_wb",
            ngram_range=(5, 6),
            strip_accents="unicode",
            binary=True,
        ),
        on="texts",
    ),
    Case(
        name="HashingVectorizer before logistic regression",
        model=make_pipeline(HashingVectorizer(n_features=2**12), LogisticRegression()),
        on="texts",
    ),
    Case(
        name="HashingVectorizer before TfidfTransformer",
        model=make_pipeline(
            HashingVectorizer(n_features=256, alternate_sign=False, norm=None), TfidfTransformer()
        ),
        on="texts",
    ),
    Case(
        name="HashingVectorizer of a column",
        model=make_pipeline(
            ColumnTransformer(
                [
                    ("text", HashingVectorizer(n_features=64), "text"),
                    ("numbers", StandardScaler(), ["length", "age"]),
                ]
            ),
            LogisticRegression(),
        ),
        on="texts_and_numbers",
    ),
    *(
        Case(
            name=f"HashingVectorizer by default before {before}",
            model=make_pipeline(HashingVectorizer(), *steps),
            on="texts",
        )
        for before, steps in (
            ("logistic regression", [LogisticRegression()]),
            ("TfidfTransformer and SGD", [TfidfTransformer(), SGDClassifier(random_state=0)]),
            ("MaxAbsScaler and ridge", [MaxAbsScaler(), RidgeClassifier(alpha=3)]),
            ("StandardScaler", [StandardScaler(with_mean=False), LogisticRegression()]),
            ("naive Bayes of what is there", [BernoulliNB()]),
            ("Binarizer and a linear SVM", [Binarizer(), LinearSVC(dual=True, random_state=0)]),
            ("SVD", [TruncatedSVD(3, random_state=0)]),
            ("chosen columns and a tree", [SelectKBest(k=9), DecisionTreeClassifier()]),
        )
    ),
    *(
        Case(
            name=f"HashingVectorizer of 2**20 columns, {more}",
            model=make_pipeline(vectorizer, *steps),
            on="texts",
        )
        for more, vectorizer, steps in (
            (
                "without signs, before naive Bayes",
                HashingVectorizer(alternate_sign=False, norm=None),
                [MultinomialNB()],
            ),
            (
                "binary, characters in words, before complement naive Bayes",
                HashingVectorizer(binary=True, norm="l1", analyzer="char_wb", ngram_range=(2, 3)),
                [ComplementNB()],
            ),
            (
                "bigrams, sublinear, scaled to their largest",
                HashingVectorizer(alternate_sign=False, norm=None, ngram_range=(1, 2)),
                [
                    TfidfTransformer(sublinear_tf=True, norm="l1"),
                    Normalizer("max"),
                    LogisticRegression(),
                ],
            ),
        )
    ),
    Case(
        name="HashingVectorizer by default of a column",
        model=make_pipeline(
            ColumnTransformer(
                [
                    ("text", HashingVectorizer(), "text"),
                    ("numbers", StandardScaler(), ["length", "age"]),
                ],
                transformer_weights={"text": 3},
            ),
            LogisticRegression(),
        ),
        on="texts_and_numbers",
    ),
    Case(
        name="HashingVectorizer by default, of words and of characters",
        model=make_pipeline(
            make_union(HashingVectorizer(), TfidfVectorizer(analyzer="char", ngram_range=(2, 2))),
            LogisticRegression(),
        ),
        on="texts",
    ),
]
