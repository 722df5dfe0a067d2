"""Neighbours, in classification, regression, imputing, clustering and embedding."""

from __future__ import annotations

from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
)

from parity_tests.pipelines.case import Case

CASES = [
    Case(name="KNeighborsClassifier", model=KNeighborsClassifier(), on="iris"),
    Case(
        name="KNeighborsClassifier, kd_tree, small leaves",
        model=KNeighborsClassifier(algorithm="kd_tree", leaf_size=3),
        on="iris",
    ),
    Case(
        name="KNeighborsClassifier, ball_tree",
        model=KNeighborsClassifier(algorithm="ball_tree", leaf_size=5),
        on="iris",
    ),
    Case(
        name="KNeighborsClassifier, brute",
        model=KNeighborsClassifier(algorithm="brute"),
        on="iris",
    ),
    Case(
        name="KNeighborsClassifier, distance",
        model=KNeighborsClassifier(weights="distance"),
        on="iris",
    ),
    Case(
        name="KNeighborsClassifier, two targets",
        model=KNeighborsClassifier(weights="distance", n_neighbors=4),
        on="multioutput_classes",
    ),
    Case(name="KNeighborsRegressor", model=KNeighborsRegressor(), on="diabetes"),
    Case(
        name="KNeighborsRegressor, distance",
        model=KNeighborsRegressor(weights="distance"),
        on="diabetes_array",
    ),
    Case(name="KNeighborsRegressor, targets", model=KNeighborsRegressor(3), on="multi_regression"),
    Case(name="KNeighborsTransformer", model=KNeighborsTransformer(), on="iris"),
    Case(
        name="KNeighborsTransformer, connectivity",
        model=KNeighborsTransformer(mode="connectivity"),
        on="iris",
    ),
    Case(
        name="LocalOutlierFactor",
        model=LocalOutlierFactor(novelty=True),
        on="blobs",
    ),
]
