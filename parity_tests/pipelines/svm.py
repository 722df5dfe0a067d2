"""Support vector machines."""

from __future__ import annotations

from functools import partial

from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.gaussian_process.kernels import RBF, Matern
from sklearn.metrics.pairwise import chi2_kernel, laplacian_kernel
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, StandardScaler
from sklearn.svm import SVC, SVR, NuSVC, NuSVR, OneClassSVM

from parity_tests.pipelines.case import Case

NUMBERS = make_column_selector(dtype_include="number")
TEXT = make_column_selector(dtype_exclude="number")


def mixed(model: object) -> object:
    """Scaled numbers and one-hot text before `model`."""
    return make_pipeline(
        ColumnTransformer(
            [
                ("numbers", StandardScaler(), NUMBERS),
                ("text", OneHotEncoder(handle_unknown="ignore"), TEXT),
            ]
        ),
        model,
    )


def likely(model: SVC | NuSVC) -> SVC | NuSVC:
    """With probabilities."""
    return model.set_params(probability=True, random_state=0)


CASES = [
    Case(name="SVC, rbf, text labels", model=SVC(), on="iris"),
    Case(name="SVC, rbf, integer labels", model=SVC(), on="iris_array"),
    Case(name="SVC, rbf, float labels", model=SVC(gamma="auto"), on="iris_floats"),
    Case(name="SVC, rbf, bool labels", model=SVC(gamma=0.3), on="iris_bools"),
    Case(name="SVC, rbf, two classes", model=SVC(C=10), on="iris_binary"),
    Case(name="SVC, linear", model=SVC(kernel="linear"), on="iris"),
    Case(name="SVC, linear, two classes", model=SVC(kernel="linear"), on="iris_bools"),
    Case(name="SVC, poly", model=SVC(kernel="poly"), on="iris"),
    Case(
        name="SVC, poly, degree 2, coef0",
        model=SVC(kernel="poly", degree=2, coef0=1.5, gamma=0.5),
        on="iris_array",
    ),
    Case(
        name="SVC, poly, degree 5, scaled",
        model=make_pipeline(StandardScaler(), SVC(kernel="poly", degree=5, coef0=1)),
        on="iris",
    ),
    Case(name="SVC, sigmoid", model=SVC(kernel="sigmoid", gamma=0.01, coef0=-0.5), on="iris"),
    Case(
        name="SVC, sigmoid, scaled",
        model=make_pipeline(StandardScaler(), SVC(kernel="sigmoid")),
        on="iris_binary",
    ),
    Case(name="SVC, ovo", model=SVC(decision_function_shape="ovo"), on="iris"),
    Case(
        name="SVC, ovo, linear",
        model=SVC(decision_function_shape="ovo", kernel="linear"),
        on="blobs",
    ),
    Case(name="SVC, break_ties", model=SVC(break_ties=True), on="iris"),
    Case(name="SVC, break_ties, four classes", model=SVC(break_ties=True), on="blobs"),
    Case(name="SVC, break_ties, two classes", model=SVC(break_ties=True), on="iris_binary"),
    Case(name="SVC, balanced", model=SVC(class_weight="balanced"), on="iris_binary"),
    Case(
        name="SVC, class weights",
        model=SVC(class_weight={"setosa": 1, "versicolor": 5, "virginica": 0.5}),
        on="iris",
    ),
    Case(name="SVC, four classes", model=SVC(), on="blobs"),
    Case(name="SVC, probabilities", model=likely(SVC()), on="iris"),
    Case(name="SVC, probabilities, two classes", model=likely(SVC()), on="iris_binary"),
    Case(name="SVC, probabilities, bools", model=likely(SVC(kernel="linear")), on="iris_bools"),
    Case(name="SVC, probabilities, four classes", model=likely(SVC()), on="blobs"),
    Case(
        name="SVC, probabilities, ovo, poly",
        model=likely(SVC(kernel="poly", decision_function_shape="ovo")),
        on="iris_floats",
    ),
    Case(
        name="SVC, probabilities, break_ties",
        model=make_pipeline(StandardScaler(), likely(SVC(break_ties=True))),
        on="iris",
    ),
    Case(name="SVC, ten classes", model=likely(SVC()), on="digits"),
    Case(name="SVC, mixed columns", model=mixed(SVC()), on="penguins_sex"),
    Case(name="SVC, mixed columns, linear", model=mixed(SVC(kernel="linear")), on="penguins_sex"),
    Case(
        name="SVC, sparse",
        model=make_pipeline(OneHotEncoder(handle_unknown="ignore"), likely(SVC())),
        on="penguins_text",
    ),
    Case(name="SVC, rbf, C=1000", model=SVC(C=1000, gamma=1.0), on="iris"),
    Case(name="SVC, rbf, wide", model=SVC(C=3, gamma=0.002), on="digits"),
    Case(name="SVC, laplacian_kernel", model=SVC(kernel=laplacian_kernel), on="iris"),
    Case(
        name="SVC, chi2_kernel",
        model=SVC(kernel=partial(chi2_kernel, gamma=0.05)),
        on="positive",
    ),
    Case(name="SVC, kernel of a process", model=SVC(kernel=2.0 * RBF([1, 2, 1, 3])), on="iris"),
    Case(
        name="SVC, kernel of a process, probabilities",
        model=likely(SVC(kernel=Matern(nu=1.5))),
        on="iris_array",
    ),
    Case(name="SVC, precomputed", model=SVC(kernel="precomputed"), on="gram"),
    Case(
        name="SVC, precomputed, probabilities",
        model=likely(SVC(kernel="precomputed")),
        on="gram",
    ),
    Case(name="NuSVC", model=NuSVC(nu=0.3), on="iris"),
    Case(name="NuSVC, two classes", model=NuSVC(nu=0.4, gamma="auto"), on="iris_binary"),
    Case(
        name="NuSVC, linear, ovo",
        model=NuSVC(nu=0.2, kernel="linear", decision_function_shape="ovo"),
        on="blobs",
    ),
    Case(name="NuSVC, poly", model=NuSVC(nu=0.2, kernel="poly", degree=2), on="iris_array"),
    Case(
        name="NuSVC, sigmoid, scaled",
        model=make_pipeline(StandardScaler(), NuSVC(nu=0.3, kernel="sigmoid")),
        on="iris",
    ),
    Case(name="NuSVC, probabilities", model=likely(NuSVC(nu=0.3)), on="iris"),
    Case(
        name="NuSVC, probabilities, break_ties, balanced",
        model=likely(NuSVC(nu=0.2, break_ties=True, class_weight="balanced")),
        on="iris_floats",
    ),
    Case(name="SVR, rbf", model=SVR(C=50), on="diabetes_array"),
    Case(name="SVR, rbf, C=10000", model=SVR(C=10_000), on="diabetes_array"),
    Case(name="SVR, rbf, no support vectors", model=SVR(epsilon=1e6), on="diabetes_array"),
    Case(name="SVR, linear", model=SVR(kernel="linear", epsilon=5), on="diabetes_array"),
    Case(
        name="SVR, poly",
        model=make_pipeline(StandardScaler(), SVR(kernel="poly", degree=2, coef0=1, C=10)),
        on="diabetes",
    ),
    Case(
        name="SVR, sigmoid",
        model=make_pipeline(StandardScaler(), SVR(kernel="sigmoid", gamma=0.05)),
        on="diabetes",
    ),
    Case(name="SVR, frame", model=SVR(gamma="auto"), on="diabetes"),
    Case(name="SVR, mixed columns", model=mixed(SVR(C=100)), on="penguins_mass"),
    Case(name="SVR, precomputed", model=SVR(kernel="precomputed"), on="gram"),
    Case(
        name="SVR, laplacian_kernel",
        model=make_pipeline(MinMaxScaler(), SVR(kernel=laplacian_kernel, C=100)),
        on="diabetes",
    ),
    Case(name="NuSVR, rbf", model=NuSVR(C=50), on="diabetes_array"),
    Case(name="NuSVR, linear", model=NuSVR(kernel="linear", nu=0.3), on="diabetes"),
    Case(
        name="NuSVR, poly",
        model=make_pipeline(StandardScaler(), NuSVR(kernel="poly", C=5)),
        on="diabetes_array",
    ),
    Case(name="OneClassSVM", model=OneClassSVM(nu=0.1), on="iris"),
    Case(name="OneClassSVM, linear", model=OneClassSVM(kernel="linear", nu=0.3), on="iris_array"),
    Case(
        name="OneClassSVM, poly, scaled",
        model=make_pipeline(StandardScaler(), OneClassSVM(kernel="poly", degree=2, coef0=1)),
        on="iris",
    ),
    Case(
        name="OneClassSVM, sigmoid",
        model=make_pipeline(MinMaxScaler(), OneClassSVM(kernel="sigmoid", gamma="auto")),
        on="diabetes",
    ),
    Case(name="OneClassSVM, mixed columns", model=mixed(OneClassSVM(nu=0.2)), on="penguins_mass"),
]
