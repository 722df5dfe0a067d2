"""Naive Bayes."""

from __future__ import annotations

from sklearn import naive_bayes as nb
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler

from parity_tests.pipelines.case import Case
from parity_tests.pipelines.linear import ENCODED

CASES = [
    Case(name="BernoulliNB", model=nb.BernoulliNB(), on="positive"),
    Case(name="BernoulliNB, binarize", model=nb.BernoulliNB(binarize=2.5, alpha=0.1), on="iris"),
    Case(
        name="BernoulliNB, two classes, uniform prior",
        model=nb.BernoulliNB(binarize=3.0, fit_prior=False),
        on="iris_bools",
    ),
    Case(
        name="BernoulliNB, no binarize",
        model=make_pipeline(OneHotEncoder(handle_unknown="ignore"), nb.BernoulliNB(binarize=None)),
        on="penguins_text",
    ),
    Case(
        name="BernoulliNB, mixed",
        model=make_pipeline(ENCODED, nb.BernoulliNB()),
        on="penguins_complete",
    ),
    Case(name="CategoricalNB", model=nb.CategoricalNB(), on="codes"),
    Case(
        name="CategoricalNB, more categories",
        model=nb.CategoricalNB(min_categories=12, alpha=0.5, fit_prior=False),
        on="codes",
    ),
    Case(
        name="CategoricalNB, floats",
        model=nb.CategoricalNB(class_prior=[0.2, 0.3, 0.5]),
        on="iris_array",
    ),
    Case(
        name="CategoricalNB, ordinal text",
        model=make_pipeline(OrdinalEncoder(encoded_missing_value=4), nb.CategoricalNB()),
        on="penguins_text",
    ),
    Case(name="ComplementNB", model=nb.ComplementNB(), on="positive"),
    Case(name="ComplementNB, norm", model=nb.ComplementNB(norm=True, alpha=0.3), on="iris"),
    Case(
        name="ComplementNB, two classes",
        model=make_pipeline(MinMaxScaler(clip=True), nb.ComplementNB()),
        on="iris_binary",
    ),
    Case(name="GaussianNB", model=nb.GaussianNB(), on="iris"),
    Case(
        name="GaussianNB, priors, two classes",
        model=nb.GaussianNB(priors=[0.2, 0.8]),
        on="iris_bools",
    ),
    Case(
        name="GaussianNB, smoothed, scaled",
        model=make_pipeline(StandardScaler(), nb.GaussianNB(var_smoothing=0.1)),
        on="blobs",
    ),
    Case(name="GaussianNB, float32", model=nb.GaussianNB(), on="iris_float32"),
    Case(
        name="GaussianNB, imputed",
        model=make_pipeline(SimpleImputer(), nb.GaussianNB(var_smoothing=0.01)),
        on="iris_missing",
    ),
    Case(name="MultinomialNB", model=nb.MultinomialNB(), on="positive"),
    Case(
        name="MultinomialNB, two classes, prior",
        model=nb.MultinomialNB(class_prior=[0.3, 0.7], alpha=0.1),
        on="iris_binary",
    ),
    Case(
        name="MultinomialNB, scaled and one-hot",
        model=make_pipeline(
            ColumnTransformer(
                [
                    ("numbers", MinMaxScaler(), [2, 3, 4]),
                    ("text", OneHotEncoder(handle_unknown="ignore"), [0, 1]),
                ]
            ),
            nb.MultinomialNB(fit_prior=False),
        ),
        on="penguins_complete",
    ),
    Case(name="BernoulliNB, no smoothing", model=nb.BernoulliNB(alpha=0.0), on="rare"),
    Case(name="CategoricalNB, no smoothing", model=nb.CategoricalNB(alpha=0.0), on="codes"),
    Case(name="ComplementNB, no smoothing", model=nb.ComplementNB(alpha=0.0), on="rare"),
    Case(
        name="MultinomialNB, no smoothing",
        model=nb.MultinomialNB(alpha=0.0),
        on="rare",
    ),
    Case(name="GaussianNB, no spread", model=nb.GaussianNB(var_smoothing=0.0), on="rare"),
]
