"""Neighbours, in classification, regression, imputing, clustering and embedding."""

from __future__ import annotations

import numpy as np
from sklearn.cluster import (
    AffinityPropagation,
    Birch,
    BisectingKMeans,
    FeatureAgglomeration,
    KMeans,
    MeanShift,
    MiniBatchKMeans,
)
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.impute import KNNImputer
from sklearn.manifold import Isomap, LocallyLinearEmbedding
from sklearn.neighbors import (
    KernelDensity,
    KNeighborsClassifier,
    KNeighborsRegressor,
    KNeighborsTransformer,
    LocalOutlierFactor,
    NeighborhoodComponentsAnalysis,
    RadiusNeighborsClassifier,
    RadiusNeighborsRegressor,
    RadiusNeighborsTransformer,
)
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.semi_supervised import LabelPropagation, LabelSpreading

from parity_tests.pipelines.case import Case, since

NUMBERS = make_column_selector(dtype_include="number")
TEXT = make_column_selector(dtype_exclude="number")
MIXED = ColumnTransformer(
    [
        ("numbers", make_pipeline(KNNImputer(n_neighbors=3), StandardScaler()), NUMBERS),
        ("text", OneHotEncoder(handle_unknown="ignore"), TEXT),
    ]
)
VARIANCES = np.array([0.7, 0.2, 3.0, 0.6])
BOOLEAN = ("jaccard", "dice", "rogerstanimoto", "russellrao", "sokalsneath", "hamming")
PLAIN = ("manhattan", "chebyshev", "canberra", "braycurtis")

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
    Case(name="KMeans", model=KMeans(4, random_state=0), on="blobs"),
    Case(name="KMeans, iris", model=KMeans(3, random_state=0), on="iris"),
    Case(name="MiniBatchKMeans", model=MiniBatchKMeans(5, random_state=0), on="diabetes_array"),
    Case(name="BisectingKMeans", model=BisectingKMeans(6, random_state=0), on="iris"),
    Case(name="BisectingKMeans, one", model=BisectingKMeans(1, random_state=0), on="blobs"),
    Case(
        name="BisectingKMeans, largest cluster",
        model=BisectingKMeans(5, random_state=0, bisecting_strategy="largest_cluster"),
        on="blobs",
    ),
    Case(name="MeanShift", model=MeanShift(bandwidth=2), on="blobs"),
    Case(name="AffinityPropagation", model=AffinityPropagation(random_state=0), on="blobs"),
    Case(name="Birch", model=Birch(n_clusters=4), on="blobs"),
    Case(name="Birch, subclusters", model=Birch(n_clusters=None, threshold=0.3), on="iris"),
    Case(name="FeatureAgglomeration", model=FeatureAgglomeration(4), on="diabetes"),
    Case(
        name="FeatureAgglomeration, max",
        model=FeatureAgglomeration(4, pooling_func=np.max),
        on="diabetes",
    ),
    Case(
        name="FeatureAgglomeration, median",
        model=FeatureAgglomeration(3, pooling_func=np.median),
        on="diabetes",
    ),
    Case(
        name="NeighborhoodComponentsAnalysis",
        model=NeighborhoodComponentsAnalysis(2, random_state=0, max_iter=10),
        on="iris",
    ),
    Case(name="LabelPropagation", model=LabelPropagation(gamma=0.5), on="partly_labelled"),
    Case(
        name="LabelPropagation, knn",
        model=LabelPropagation(kernel="knn", n_neighbors=5),
        on="partly_labelled",
    ),
    Case(name="LabelSpreading", model=LabelSpreading(gamma=0.5), on="partly_labelled"),
    Case(
        name="LabelSpreading, knn",
        model=LabelSpreading(kernel="knn", alpha=0.8),
        on="partly_labelled",
    ),
    Case(name="Isomap", model=Isomap(n_neighbors=5), on="diabetes_array"),
    Case(name="LocallyLinearEmbedding", model=LocallyLinearEmbedding(random_state=0), on="blobs"),
    Case(name="KNNImputer", model=KNNImputer(), on="iris_missing"),
    Case(name="KNNImputer, distance", model=KNNImputer(weights="distance"), on="diabetes_missing"),
    Case(
        name="KNNImputer, indicator",
        model=KNNImputer(add_indicator=True, n_neighbors=3),
        on="diabetes_missing",
    ),
    Case(
        name="RadiusNeighborsClassifier",
        model=RadiusNeighborsClassifier(1.0, outlier_label="most_frequent"),
        on="iris",
    ),
    Case(
        name="RadiusNeighborsClassifier, own outlier label",
        model=RadiusNeighborsClassifier(0.8, weights="distance", outlier_label=9),
        on="iris_array",
    ),
    Case(
        name="RadiusNeighborsClassifier, brute",
        model=RadiusNeighborsClassifier(0.8, algorithm="brute", outlier_label=1),
        on="iris_array",
    ),
    Case(name="RadiusNeighborsRegressor", model=RadiusNeighborsRegressor(0.2), on="diabetes"),
    Case(
        name="RadiusNeighborsRegressor, distance",
        model=RadiusNeighborsRegressor(60.0, weights="distance"),
        on="multi_regression",
    ),
    Case(name="RadiusNeighborsTransformer", model=RadiusNeighborsTransformer(radius=1), on="iris"),
    Case(
        name="RadiusNeighborsTransformer, connectivity",
        model=RadiusNeighborsTransformer(mode="connectivity", radius=1.5, leaf_size=5),
        on="blobs",
    ),
    *(
        Case(
            name=f"KernelDensity, {kernel}",
            model=KernelDensity(kernel=kernel, bandwidth=1.5, leaf_size=200),
            on="diabetes",
        )
        for kernel in ("gaussian", "tophat", "epanechnikov", "exponential", "linear", "cosine")
    ),
    *(
        Case(
            name=f"KNeighborsClassifier, {metric}, {algorithm}",
            model=KNeighborsClassifier(metric=metric, algorithm=algorithm, weights="distance"),
            on="iris_array",
        )
        for metric in PLAIN
        for algorithm in ("ball_tree", "brute")
    ),
    *(
        Case(
            name=f"KNeighborsClassifier, {metric}, kd_tree",
            model=KNeighborsClassifier(metric=metric, algorithm="kd_tree", leaf_size=4),
            on="iris_integers",
        )
        for metric in ("euclidean", "manhattan", "chebyshev")
    ),
    *(
        Case(
            name=f"KNeighborsRegressor, minkowski 3, {algorithm}",
            model=KNeighborsRegressor(p=3, algorithm=algorithm, leaf_size=10),
            on="diabetes",
        )
        for algorithm in ("kd_tree", "ball_tree", "brute")
    ),
    Case(
        name="KNeighborsRegressor, minkowski, weighed",
        model=KNeighborsRegressor(p=1.5, metric_params={"w": np.arange(1.0, 6.0)}),
        on="diabetes_array",
    ),
    *(
        Case(
            name=f"KNeighborsClassifier, {metric}, flags, {algorithm}",
            model=KNeighborsClassifier(4, metric=metric, algorithm=algorithm),
            on="flags",
        )
        for metric in BOOLEAN
        for algorithm in ("ball_tree", "brute")
    ),
    Case(
        name="KNeighborsClassifier, yule",
        model=KNeighborsClassifier(4, metric="yule", algorithm="brute"),
        on="flags",
    ),
    *(
        Case(
            name=f"KNeighborsClassifier, haversine, {algorithm}",
            model=KNeighborsClassifier(metric="haversine", algorithm=algorithm, weights="distance"),
            on="places",
        )
        for algorithm in ("ball_tree", "brute")
    ),
    *(
        Case(
            name=f"KNeighborsClassifier, seuclidean, {algorithm}",
            model=KNeighborsClassifier(
                metric="seuclidean", metric_params={"V": VARIANCES}, algorithm=algorithm
            ),
            on="iris",
        )
        for algorithm in ("ball_tree", "brute")
    ),
    *(
        Case(
            name=f"KNeighborsClassifier, mahalanobis, {algorithm}",
            model=KNeighborsClassifier(
                metric="mahalanobis",
                metric_params={"VI": np.diag(1 / VARIANCES) + 0.1},
                algorithm=algorithm,
            ),
            on="iris",
        )
        for algorithm in ("ball_tree", "brute")
    ),
    *(
        Case(
            name=f"KNeighborsRegressor, {metric}",
            model=KNeighborsRegressor(metric=metric, weights="distance"),
            on="diabetes_array",
        )
        for metric in ("cosine", "correlation", "sqeuclidean")
    ),
    Case(
        name="KNeighborsClassifier, nan_euclidean",
        model=since("1.6", lambda: KNeighborsClassifier(metric="nan_euclidean")),
        on="iris_missing",
    ),
    *(
        Case(
            name=f"KNeighborsClassifier, ties, {algorithm}",
            model=KNeighborsClassifier(k, algorithm=algorithm, leaf_size=3),
            on="grid",
        )
        for algorithm, k in (("kd_tree", 7), ("ball_tree", 4), ("brute", 6))
    ),
    Case(name="KNeighborsClassifier, one", model=KNeighborsClassifier(1), on="iris_bools"),
    Case(name="KNeighborsClassifier, floats", model=KNeighborsClassifier(15), on="iris_floats"),
    Case(name="KNeighborsClassifier, wide", model=KNeighborsClassifier(), on="wide"),
    Case(name="KNeighborsRegressor, wide", model=KNeighborsRegressor(), on="wide_targets"),
    Case(
        name="KNeighborsClassifier, every row",
        model=KNeighborsClassifier(150, weights="distance"),
        on="iris",
    ),
    Case(
        name="KNeighborsClassifier, integers, brute",
        model=KNeighborsClassifier(algorithm="brute"),
        on="iris_integers",
    ),
    Case(
        name="KNeighborsClassifier, imputed, scaled, encoded",
        model=make_pipeline(MIXED, KNeighborsClassifier(weights="distance")),
        on="penguins",
    ),
    Case(
        name="KNeighborsRegressor, scaled",
        model=make_pipeline(StandardScaler(), KNeighborsRegressor(4, weights="distance")),
        on="diabetes",
    ),
    Case(
        name="KNeighborsClassifier, labels together",
        model=make_pipeline(MinMaxScaler(), KNeighborsClassifier(6)),
        on="multilabel",
    ),
    Case(
        name="KNeighborsClassifier, after neighborhood components",
        model=make_pipeline(
            StandardScaler(),
            NeighborhoodComponentsAnalysis(2, random_state=0, max_iter=5),
            KNeighborsClassifier(3),
        ),
        on="iris",
    ),
    Case(
        name="KNeighborsTransformer, ball_tree",
        model=KNeighborsTransformer(n_neighbors=3, algorithm="ball_tree", leaf_size=6),
        on="blobs",
    ),
    Case(
        name="LocalOutlierFactor, scaled, brute",
        model=make_pipeline(
            StandardScaler(), LocalOutlierFactor(7, novelty=True, algorithm="brute")
        ),
        on="iris",
    ),
    Case(
        name="LocalOutlierFactor, manhattan",
        model=LocalOutlierFactor(10, novelty=True, metric="manhattan", contamination=0.1),
        on="diabetes_array",
    ),
    Case(
        name="RadiusNeighborsClassifier, two targets",
        model=RadiusNeighborsClassifier(0.9, outlier_label=[0, 1]),
        on="multioutput_classes",
    ),
    Case(
        name="RadiusNeighborsClassifier, most frequent of two targets",
        model=RadiusNeighborsClassifier(
            0.5, outlier_label="most_frequent", weights="distance", algorithm="ball_tree"
        ),
        on="multioutput_classes",
    ),
    Case(
        name="RadiusNeighborsClassifier, text",
        model=RadiusNeighborsClassifier(1.0, outlier_label="no", metric="manhattan"),
        on="iris_binary",
    ),
    Case(
        name="RadiusNeighborsClassifier, no outliers told",
        model=RadiusNeighborsClassifier(40.0, weights="distance"),
        on="iris",
    ),
    Case(
        name="RadiusNeighborsClassifier, brute, cosine",
        model=RadiusNeighborsClassifier(0.01, metric="cosine", outlier_label=7),
        on="iris_array",
    ),
    Case(
        name="RadiusNeighborsRegressor, brute, chebyshev",
        model=RadiusNeighborsRegressor(
            500.0, algorithm="brute", metric="chebyshev", weights="distance"
        ),
        on="diabetes_array",
    ),
    Case(
        name="KNNImputer, marked by a number",
        model=KNNImputer(missing_values=2, n_neighbors=4, weights="distance"),
        on="iris_integers",
    ),
    Case(
        name="KNNImputer, empty column kept",
        model=KNNImputer(keep_empty_features=True, add_indicator=True),
        on="empty_column",
    ),
    Case(name="KNNImputer, empty column", model=KNNImputer(n_neighbors=2), on="empty_column"),
    Case(
        name="KNNImputer, many neighbours",
        model=make_pipeline(KNNImputer(n_neighbors=400), KMeans(3, random_state=0)),
        on="iris_missing",
    ),
    Case(
        name="KMeans, scaled",
        model=make_pipeline(StandardScaler(), KMeans(3, random_state=0)),
        on="diabetes",
    ),
    Case(
        name="KMeans, beside its distances",
        model=FeatureUnion([("near", KMeans(3, random_state=0)), ("scaled", StandardScaler())]),
        on="iris",
    ),
    Case(name="MiniBatchKMeans, iris", model=MiniBatchKMeans(4, random_state=1), on="iris"),
    Case(
        name="BisectingKMeans, scaled",
        model=make_pipeline(StandardScaler(), BisectingKMeans(8, random_state=0)),
        on="diabetes",
    ),
    Case(name="MeanShift, binned", model=MeanShift(bin_seeding=True), on="iris"),
    Case(
        name="AffinityPropagation, damped",
        model=AffinityPropagation(damping=0.9, random_state=0, preference=-50),
        on="iris",
    ),
    Case(
        name="Birch, clusterer",
        model=Birch(n_clusters=KMeans(3, random_state=0), branching_factor=10),
        on="iris_array",
    ),
    Case(
        name="FeatureAgglomeration, min",
        model=FeatureAgglomeration(5, pooling_func=np.min, linkage="average"),
        on="positive",
    ),
    Case(
        name="FeatureAgglomeration, sum",
        model=make_pipeline(FeatureAgglomeration(2, pooling_func=np.sum), KNeighborsClassifier()),
        on="iris",
    ),
    Case(
        name="LabelPropagation, scaled, knn",
        model=make_pipeline(StandardScaler(), LabelPropagation("knn", n_neighbors=4)),
        on="partly_labelled",
    ),
    Case(
        name="Isomap, scaled",
        model=make_pipeline(StandardScaler(), Isomap(n_neighbors=7, n_components=3)),
        on="iris",
    ),
    Case(
        name="Isomap, radius",
        model=Isomap(n_neighbors=None, radius=30.0, n_components=2),
        on="blobs_near",
    ),
    *(
        Case(
            name=f"LocallyLinearEmbedding, {method}",
            model=LocallyLinearEmbedding(
                n_neighbors=12, method=method, random_state=0, eigen_solver="dense"
            ),
            on="diabetes_array",
        )
        for method in ("modified", "hessian", "ltsa")
    ),
    Case(
        name="LocallyLinearEmbedding, reg",
        model=LocallyLinearEmbedding(n_neighbors=8, reg=0.1, random_state=0, n_components=3),
        on="iris",
    ),
    *(
        Case(
            name=f"KernelDensity, {metric}, {algorithm}",
            model=KernelDensity(
                metric=metric, algorithm=algorithm, leaf_size=300, bandwidth="silverman"
            ),
            on="iris",
        )
        for metric, algorithm in (("manhattan", "kd_tree"), ("chebyshev", "ball_tree"))
    ),
    *(
        Case(
            name=f"KNeighborsClassifier, large grid, {algorithm}",
            model=KNeighborsClassifier(6, algorithm=algorithm),
            on="large_grid",
        )
        for algorithm in ("kd_tree", "brute")
    ),
    Case(name="KNeighborsTransformer, wide", model=KNeighborsTransformer(p=1), on="wide"),
]
