"""Vectorizers of text in PMML, evaluated by the real JPMML."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.pipeline import make_pipeline, make_union
from sklearn.preprocessing import StandardScaler

from bundle.errors import ConversionError
from converters.describe import describe
from converters.graph.term_counts import counted_by_operator
from converters.onnx_to_pmml import onnx_to_pmml
from converters.sklearn_to_onnx import sklearn_to_onnx
from isomorph.proving import draft, make_pmml
from parity.jpmml import pmml_backend

for extra in ("jpype", "jpmml_evaluator"):
    pytest.importorskip(extra)

TEXTS = np.array(
    [
        "The quick brown fox jumps over the lazy dog",
        "the cat, the CAT and a dog; a quick quick quick cat",
        "Le café est déjà fermé; l'été, on va à la plage",
        "ΟΔΥΣΣΕΥΣ ΚΑΙ ΣΙΣΥΦΟΣ, Σ Σ. Σίσυφος ὁ σοφός",
        "İstanbul'da IŞIK ve ışık, İzmir i̇zmir",
        "日本語の文章 と 漢字 漢字 中文文本",
        "under_score __init__ $1 \\1 a+b 3rd 2nd x² ½",
        "ﬁne ｆｕｌｌ ＷＩＤＴＨ Kelvin \u212a \u2122 TM 𝐀𝐁 𝐚𝐛 𐐀𐐨",
        "room 101,  room 202\n\nroom\t303\u00a0room\u2028room\x1froom",
        "\ue000 \ue001\ue002 \uf8ff",
    ],
    dtype=object,
)
HOSTILE = (
    *"aAbBsS \t\n\r\u00a0\u2003\u2028\x1c.,_'-$\\|+^[](){}?*",
    *"ΣσςάΆ·\u00ad\u0301\u0345İıſK\u2122ﬁ½²éÉßẞǅ",
    *"日漢の\ue000\ue001\ue002\ue003\uf8ff𝐀𝐚𐐀𐐨🐧\U000e0001\U0010fffd\ud7ff\ufffd\x01\x7f",
    *("the", "cat", "dog", "a", "room", "quick", "  ", " "),
)
"""Characters and words that are read in some way of their own."""
VECTORIZERS = {
    "words": CountVectorizer(),
    "sequences of words": CountVectorizer(ngram_range=(1, 3)),
    "without stop words": CountVectorizer(stop_words="english", ngram_range=(1, 2)),
    "stop words of a vocabulary": CountVectorizer(stop_words=["the"], vocabulary=["the", "cat"]),
    "short words": CountVectorizer(vocabulary=["a", "cat", "quick quick", "a dog", "cat a"]),
    "case kept": CountVectorizer(lowercase=False, ngram_range=(1, 2)),
    "what is no space": CountVectorizer(token_pattern=r"\S+", ngram_range=(1, 2)),
    "letters of ASCII alone": CountVectorizer(token_pattern=r"(?u)\b[a-z]+\b", ngram_range=(1, 2)),
    "parts of words": CountVectorizer(token_pattern=r"[a-z]{2,}", ngram_range=(1, 2)),
    "accents to ASCII": CountVectorizer(strip_accents="ascii", ngram_range=(1, 2)),
    "accents by Unicode": TfidfVectorizer(strip_accents="unicode"),
    "characters": CountVectorizer(analyzer="char", ngram_range=(1, 2)),
    "characters without accents": TfidfVectorizer(analyzer="char", strip_accents="unicode"),
    "characters in words": CountVectorizer(analyzer="char_wb", ngram_range=(1, 3)),
    "characters in short words": CountVectorizer(analyzer="char_wb", ngram_range=(5, 6)),
    "weights": TfidfVectorizer(sublinear_tf=True, norm="l1"),
    "whether": TfidfVectorizer(binary=True),
}


def in_pmml(model: Any, X: Any) -> tuple[str, Any, Any]:
    """The document, what it answers, and what the original does."""
    original, _, _ = describe(model, X)
    with counted_by_operator():
        graph = sklearn_to_onnx(model, original.signature, name="text")
    document = onnx_to_pmml(graph, original.signature)
    return document.decode(), pmml_backend(document, original.signature), original


def assert_same(model: Any, X: Any, rows: Any) -> None:
    """JPMML answers `rows`, a block for each input, as the model does."""
    _, answers, original = in_pmml(model, X)
    got = answers(rows)
    for name, expected in original(rows).items():
        if expected.dtype.kind == "f":
            np.testing.assert_allclose(got[name], expected, rtol=1e-12, atol=1e-300)
        else:
            assert got[name].tolist() == expected.tolist()


def hostile(count: int) -> list[str]:
    """Texts of HOSTILE at random, one after the other or with a space between."""
    rng = np.random.default_rng(0)
    drawn = (rng.choice(HOSTILE, rng.integers(0, 12)) for _ in range(count))
    return [(" " if rng.random() < 0.3 else "").join(each) for each in drawn]


@pytest.mark.parametrize("vectorizer", VECTORIZERS.values(), ids=list(VECTORIZERS))
def test_terms_are_counted_as_the_vectorizer_does(vectorizer: Any) -> None:
    rows = np.array([[*TEXTS, *hostile(150)]], dtype=object).T

    assert_same(vectorizer.fit(TEXTS), TEXTS, {"X": rows})


def test_any_model_may_follow() -> None:
    y = np.arange(len(TEXTS)) % 2
    words, runs = TfidfVectorizer(), TfidfVectorizer(analyzer="char", ngram_range=(2, 2))
    rows = {"X": np.array([hostile(50)], dtype=object).T}

    for model in (LogisticRegression(), Ridge(), RandomForestClassifier(5, random_state=0)):
        assert_same(make_pipeline(make_union(words, runs), model).fit(TEXTS, y), TEXTS, rows)


def test_text_stands_beside_numbers() -> None:
    X = pd.DataFrame({"text": TEXTS, "size": np.linspace(-1, 1, len(TEXTS))})
    columns = [("t", TfidfVectorizer(), "text"), ("n", StandardScaler(), ["size"])]
    model = make_pipeline(ColumnTransformer(columns), LogisticRegression())
    rows = {
        "text": np.array([hostile(50)], dtype=object).T,
        "numbers": np.linspace(-9, 9, 50)[:, None],
    }

    assert_same(model.fit(X, np.arange(len(X)) % 2), X, rows)


def test_a_text_is_cut_into_tokens_once() -> None:
    document, _, _ = in_pmml(CountVectorizer().fit(TEXTS), TEXTS)

    assert document.count("<TextIndex ") == 1


def test_hashes_are_refused() -> None:
    with pytest.raises(ConversionError, match="PMML has no function for its hashes"):
        in_pmml(HashingVectorizer(n_features=16).fit(TEXTS), TEXTS)


def test_more_replacements_than_a_stack_is_deep() -> None:
    syllables = "".join(map(chr, range(0xAC00, 0xD7A4, 4)))  # each of two or three letters
    texts = [syllables[at : at + 9] for at in range(0, len(syllables), 9)]
    model = CountVectorizer(strip_accents="unicode").fit(texts)

    document, _, _ = in_pmml(model, texts)

    assert document.count("<regex>") > 2000
    assert_same(model, texts, {"X": np.array([texts[:3]], dtype=object).T})


def test_words_of_another_program_are_no_proof() -> None:
    texts = np.array(["the cat sat on the mat", "a dog and a cat", "a good mat"] * 4, dtype=object)
    model = make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, [0, 1, 1] * 4)

    made = make_pmml(draft(model, texts, say=lambda _: None))

    # JPMML's converter takes ASCII alone for letters, which no row of the sample tells.
    assert made.verdicts[-1].status == "pass"
    assert b"<TextIndexNormalization>" in made.files["model.pmml"]
