"""Which equal model stands for an estimator that JPMML's converter lacks or gets wrong.

What is written here stays scikit-learn: a rewritten model answers in Python as the original does,
so a rewriting is tested without any PMML. Whether its document is equal, the proof decides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from converters.equivalents.calibrated import calibrated
from converters.equivalents.ensembles import votes, with_fitted_prototype
from converters.equivalents.isotonic import nothing_out_of_bounds
from converters.equivalents.linear import (
    by_link,
    centred_linear_regression,
    linear_regression,
    logistic_regression,
)
from converters.equivalents.naive_bayes import bernoulli
from converters.equivalents.target import exponential, rescaled_target
from converters.equivalents.thresholds import fixed_threshold, tuned_threshold
from converters.equivalents.wrappers import (
    best_estimator,
    frozen_estimator,
    inner_estimator,
    selected_then_estimator,
)

TABLE: dict[str, Callable[[Any], Any]] = {
    "AdaBoostClassifier": with_fitted_prototype,
    "AdaBoostRegressor": with_fitted_prototype,
    "BaggingClassifier": with_fitted_prototype,
    "BaggingRegressor": with_fitted_prototype,
    "BernoulliNB": bernoulli,
    "CCA": centred_linear_regression,
    "CalibratedClassifierCV": calibrated,
    "FixedThresholdClassifier": fixed_threshold,
    "FrozenEstimator": frozen_estimator,
    "GridSearchCV": best_estimator,
    "HalvingGridSearchCV": best_estimator,
    "HalvingRandomSearchCV": best_estimator,
    "HistGradientBoostingRegressor": exponential,
    "IsotonicRegression": nothing_out_of_bounds,
    "LassoLarsIC": linear_regression,
    "LinearSVC": logistic_regression,
    "PLSCanonical": centred_linear_regression,
    "PassiveAggressiveClassifier": logistic_regression,
    "PassiveAggressiveRegressor": linear_regression,
    "Perceptron": logistic_regression,
    "RANSACRegressor": inner_estimator,
    "RFE": selected_then_estimator,
    "RFECV": selected_then_estimator,
    "RandomizedSearchCV": best_estimator,
    "RidgeClassifier": logistic_regression,
    "RidgeClassifierCV": logistic_regression,
    "SGDClassifier": logistic_regression,
    "SelfTrainingClassifier": inner_estimator,
    "TransformedTargetRegressor": rescaled_target,
    "TunedThresholdClassifierCV": tuned_threshold,
    "TweedieRegressor": by_link,
    "VotingClassifier": votes,
    "VotingRegressor": votes,
}
"""By the name of the class: what makes the equal model from the fitted one, which it may reuse."""
