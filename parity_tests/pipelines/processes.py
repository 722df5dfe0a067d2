"""Gaussian processes."""

from __future__ import annotations

from sklearn.gaussian_process import GaussianProcessClassifier, GaussianProcessRegressor
from sklearn.gaussian_process.kernels import (
    RBF,
    ConstantKernel,
    DotProduct,
    ExpSineSquared,
    Matern,
    PairwiseKernel,
    RationalQuadratic,
    WhiteKernel,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from parity_tests.pipelines.case import Case
from parity_tests.pipelines.svm import mixed


def process(kernel: object, **options: object) -> object:
    """A regressor on scaled columns, noise enough for its equations to be well conditioned."""
    options = {"alpha": 0.5, "optimizer": None} | options
    return make_pipeline(StandardScaler(), GaussianProcessRegressor(kernel, **options))


CASES = [
    *(
        Case(name=f"GaussianProcessRegressor, {name}", model=process(kernel), on="diabetes_array")
        for name, kernel in (
            ("default", None),
            ("RBF", RBF(2.0)),
            ("RBF, anisotropic", RBF([1.0, 2.0, 1.5, 3.0, 2.5])),
            ("Matern 0.5", Matern(2.0, nu=0.5)),
            ("Matern 1.5", Matern(2.0, nu=1.5)),
            ("Matern 2.5, anisotropic", Matern([1.0, 2.0, 1.5, 3.0, 2.5], nu=2.5)),
            ("Matern inf", Matern(2.0, nu=float("inf"))),
            ("RationalQuadratic", RationalQuadratic(1.5, alpha=0.7)),
            ("sum and product", ConstantKernel(4.0) * RBF(2.0) + WhiteKernel(0.2) + DotProduct()),
            ("DotProduct, near", DotProduct(1.3) + WhiteKernel(20.0)),
            ("exponentiation", (RBF(3.0) + DotProduct(0.5)) ** 2 + WhiteKernel(20.0)),
            ("constant", ConstantKernel(2.0)),
            ("PairwiseKernel", PairwiseKernel(metric="laplacian", gamma=0.2)),
            (
                "PairwiseKernel, poly",
                PairwiseKernel(metric="poly", gamma=0.2, pairwise_kernels_kwargs={"degree": 2}),
            ),
        )
    ),
    *(
        Case(
            name=f"GaussianProcessRegressor, Matern {nu}",
            model=process(Matern(2.0, nu=nu)),
            on="linnerud",
        )
        for nu in (0.2, 0.7, 1.0, 3.5, 6.3)
    ),
    Case(
        name="GaussianProcessRegressor, ExpSineSquared",
        model=process(ExpSineSquared(1.5, periodicity=6.0), alpha=60.0),
        on="diabetes_array",
    ),
    Case(
        name="GaussianProcessRegressor, DotProduct",
        model=process(DotProduct(1.3)),
        on="diabetes_array",
        tolerance=1e-10,
        because="at 1e8 and beyond the weights cancel: the original asked row by row differs from "
        "itself in a batch by 8e-12",
    ),
    Case(
        name="GaussianProcessRegressor, fitted kernel",
        model=make_pipeline(
            StandardScaler(),
            GaussianProcessRegressor(RBF(2.0) + WhiteKernel(1.0), normalize_y=True),
        ),
        on="diabetes",
    ),
    Case(
        name="GaussianProcessRegressor, two targets",
        model=process(RBF(2.0)),
        on="multi_regression",
    ),
    Case(
        name="GaussianProcessRegressor, two targets, normalize_y",
        model=process(Matern(2.0), normalize_y=True),
        on="multi_regression",
    ),
    Case(
        name="GaussianProcessRegressor, mixed columns",
        model=mixed(
            GaussianProcessRegressor(RBF(2.0), alpha=0.3, normalize_y=True, optimizer=None)
        ),
        on="penguins_mass",
    ),
    Case(name="GaussianProcessClassifier", model=GaussianProcessClassifier(), on="iris_binary"),
    Case(
        name="GaussianProcessClassifier, bools, fitted kernel",
        model=GaussianProcessClassifier(1.0 * RBF(2.0)),
        on="iris_bools",
    ),
    Case(
        name="GaussianProcessClassifier, one_vs_rest", model=GaussianProcessClassifier(), on="iris"
    ),
    Case(
        name="GaussianProcessClassifier, one_vs_rest, four classes",
        model=make_pipeline(
            StandardScaler(), GaussianProcessClassifier(4.0 * Matern(nu=1.5), optimizer=None)
        ),
        on="blobs",
    ),
    Case(
        name="GaussianProcessClassifier, one_vs_one",
        model=GaussianProcessClassifier(multi_class="one_vs_one"),
        on="iris",
        methods=("predict",),
    ),
    Case(
        name="GaussianProcessClassifier, one_vs_one, floats",
        model=GaussianProcessClassifier(
            RationalQuadratic(), multi_class="one_vs_one", optimizer=None
        ),
        on="iris_floats",
        methods=("predict",),
    ),
    Case(
        name="GaussianProcessClassifier, ExpSineSquared and noise",
        model=GaussianProcessClassifier(
            2.0 * ExpSineSquared(2.0, 5.0) + WhiteKernel(50.0), optimizer=None
        ),
        on="iris_binary",
    ),
    Case(
        name="GaussianProcessClassifier, PairwiseKernel",
        model=GaussianProcessClassifier(
            PairwiseKernel(metric="laplacian", gamma=0.5) ** 2, optimizer=None
        ),
        on="iris_binary",
    ),
]
