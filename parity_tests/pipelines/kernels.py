"""Kernel methods, mixtures and their neighbours."""

from __future__ import annotations

from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import KernelPCA
from sklearn.gaussian_process.kernels import RBF, Matern, RationalQuadratic
from sklearn.kernel_approximation import (
    AdditiveChi2Sampler,
    Nystroem,
    PolynomialCountSketch,
    RBFSampler,
    SkewedChi2Sampler,
)
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.mixture import BayesianGaussianMixture, GaussianMixture
from sklearn.neural_network import BernoulliRBM
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import KernelCenterer, MinMaxScaler, StandardScaler

from parity_tests.pipelines.case import Case
from parity_tests.pipelines.svm import mixed

RIDGES = [
    Case(name="KernelRidge", model=KernelRidge(), on="diabetes"),
    Case(name="KernelRidge, rbf", model=KernelRidge(kernel="rbf"), on="diabetes"),
    Case(
        name="KernelRidge, rbf, gamma, two targets",
        model=KernelRidge(kernel="rbf", gamma=0.2),
        on="multi_regression",
    ),
    Case(name="KernelRidge, laplacian", model=KernelRidge(kernel="laplacian"), on="diabetes"),
    Case(
        name="KernelRidge, polynomial",
        model=make_pipeline(StandardScaler(), KernelRidge(kernel="polynomial", degree=2)),
        on="diabetes_array",
    ),
    Case(
        name="KernelRidge, poly, coef0",
        model=KernelRidge(kernel="poly", gamma=0.5, coef0=2),
        on="diabetes",
    ),
    Case(
        name="KernelRidge, sigmoid",
        model=KernelRidge(kernel="sigmoid", gamma=0.1, coef0=0.5),
        on="multi_regression",
    ),
    Case(name="KernelRidge, cosine", model=KernelRidge(kernel="cosine"), on="diabetes"),
    Case(name="KernelRidge, chi2", model=KernelRidge(kernel="chi2", gamma=0.02), on="positive"),
    Case(
        name="KernelRidge, additive_chi2",
        model=KernelRidge(kernel="additive_chi2", alpha=200),
        on="positive",
    ),
    Case(name="KernelRidge, precomputed", model=KernelRidge(kernel="precomputed"), on="gram"),
    Case(
        name="KernelRidge, kernel of a process",
        model=KernelRidge(kernel=RationalQuadratic(alpha=0.5)),
        on="multi_regression",
    ),
    Case(
        name="KernelRidge, mixed columns",
        model=mixed(KernelRidge(kernel="rbf")),
        on="penguins_mass",
    ),
]

APPROXIMATIONS = [
    Case(name="RBFSampler", model=RBFSampler(n_components=20, random_state=0), on="iris"),
    Case(
        name="RBFSampler, scale",
        model=RBFSampler(gamma="scale", n_components=12, random_state=0),
        on="diabetes_array",
    ),
    Case(
        name="RBFSampler, classes",
        model=make_pipeline(
            StandardScaler(), RBFSampler(gamma=0.1, random_state=0), LogisticRegression()
        ),
        on="iris",
    ),
    Case(
        name="SkewedChi2Sampler",
        model=SkewedChi2Sampler(skewedness=0.5, n_components=15, random_state=0),
        on="positive",
    ),
    Case(
        name="SkewedChi2Sampler, classes",
        model=make_pipeline(
            MinMaxScaler(clip=True),
            SkewedChi2Sampler(n_components=30, random_state=0),
            LogisticRegression(),
        ),
        on="iris",
    ),
    Case(name="AdditiveChi2Sampler", model=AdditiveChi2Sampler(), on="positive"),
    Case(
        name="AdditiveChi2Sampler, one step", model=AdditiveChi2Sampler(sample_steps=1), on="iris"
    ),
    Case(
        name="AdditiveChi2Sampler, three steps",
        model=AdditiveChi2Sampler(sample_steps=3),
        on="iris",
    ),
    Case(
        name="AdditiveChi2Sampler, interval",
        model=AdditiveChi2Sampler(sample_steps=4, sample_interval=0.3),
        on="positive",
    ),
    Case(
        name="AdditiveChi2Sampler, classes",
        model=make_pipeline(AdditiveChi2Sampler(), LogisticRegression()),
        on="positive",
    ),
    Case(
        name="PolynomialCountSketch, classes",
        model=make_pipeline(
            StandardScaler(),
            PolynomialCountSketch(n_components=16, coef0=1, random_state=0),
            LogisticRegression(),
        ),
        on="iris",
    ),
    Case(
        name="PolynomialCountSketch, degree 3, two classes",
        model=make_pipeline(
            StandardScaler(),
            PolynomialCountSketch(n_components=15, degree=3, gamma=0.2, random_state=0),
            LogisticRegression(),
        ),
        on="iris_binary",
    ),
    Case(
        name="PolynomialCountSketch, degree 1, regression",
        model=make_pipeline(
            PolynomialCountSketch(n_components=6, degree=1, gamma=0.5, random_state=0), Ridge()
        ),
        on="diabetes_array",
    ),
    *(
        Case(
            name=f"Nystroem, {kernel}",
            model=Nystroem(kernel=kernel, n_components=count, random_state=0, **options),
            on=on,
        )
        for kernel, count, options, on in (
            ("rbf", 6, {"gamma": 0.5}, "iris"),
            ("linear", 3, {}, "iris"),
            ("poly", 4, {"degree": 2, "coef0": 1, "gamma": 0.1}, "diabetes"),
            ("polynomial", 4, {"degree": 3, "coef0": 0, "gamma": 1}, "multi_regression"),
            ("sigmoid", 4, {"gamma": 0.1, "coef0": 0}, "multi_regression"),
            ("laplacian", 20, {}, "iris"),
            ("cosine", 4, {}, "multi_regression"),
            ("chi2", 20, {}, "positive"),
            ("additive_chi2", 8, {}, "positive"),
        )
    ),
    Case(
        name="Nystroem, kernel of a process",
        model=Nystroem(kernel=Matern(nu=0.5), n_components=10, random_state=0),
        on="iris_array",
    ),
    Case(
        name="Nystroem, classes",
        model=make_pipeline(
            StandardScaler(),
            Nystroem(gamma=1.0, n_components=15, random_state=0),
            LogisticRegression(),
        ),
        on="iris",
    ),
]

COMPONENTS = [
    *(
        Case(
            name=f"KernelPCA, {kernel}",
            model=KernelPCA(count, kernel=kernel, **options),
            on=on,
        )
        for kernel, count, options, on in (
            ("linear", 3, {}, "iris"),
            ("rbf", 4, {"gamma": 0.5}, "iris"),
            ("poly", 3, {"degree": 2, "gamma": 0.1, "coef0": 1}, "multi_regression"),
            ("sigmoid", 3, {"gamma": 0.05, "coef0": 0.2}, "multi_regression"),
            ("cosine", 3, {}, "multi_regression"),
            ("precomputed", 3, {}, "gram"),
        )
    ),
    Case(
        name="KernelPCA, kernel of a process",
        model=KernelPCA(3, kernel=RBF(2.0)),
        on="iris",
    ),
    Case(
        name="KernelPCA, regression",
        model=make_pipeline(StandardScaler(), KernelPCA(6, kernel="rbf", gamma=0.1), Ridge()),
        on="diabetes",
    ),
    Case(name="KernelCenterer", model=KernelCenterer(), on="gram"),
    Case(
        name="KernelCenterer, regression",
        model=make_pipeline(KernelCenterer(), KernelRidge(kernel="precomputed")),
        on="gram",
    ),
]

MIXTURES = [
    *(
        Case(
            name=f"{kind.__name__}, {form}",
            model=kind(n_components=3, covariance_type=form, random_state=0),
            on=on,
        )
        for kind, on in ((GaussianMixture, "iris"), (BayesianGaussianMixture, "blobs"))
        for form in ("full", "tied", "diag", "spherical")
    ),
    Case(
        name="GaussianMixture, one component",
        model=GaussianMixture(random_state=0),
        on="iris_array",
    ),
    Case(
        name="BayesianGaussianMixture, dirichlet_distribution",
        model=BayesianGaussianMixture(
            n_components=4, weight_concentration_prior_type="dirichlet_distribution", random_state=0
        ),
        on="iris",
    ),
    Case(
        name="GaussianMixture, scaled",
        model=make_pipeline(StandardScaler(), GaussianMixture(4, random_state=0)),
        on="diabetes",
    ),
    Case(
        name="GaussianMixture, mixed columns",
        model=mixed(GaussianMixture(3, covariance_type="diag", random_state=0)),
        on="penguins_mass",
    ),
]

OTHERS = [
    Case(name="EllipticEnvelope", model=EllipticEnvelope(random_state=0), on="blobs"),
    Case(
        name="EllipticEnvelope, contamination, centred",
        model=EllipticEnvelope(
            assume_centered=True, contamination=0.3, store_precision=False, random_state=0
        ),
        on="iris",
    ),
    Case(
        name="EllipticEnvelope, scaled",
        model=make_pipeline(StandardScaler(), EllipticEnvelope(random_state=0)),
        on="linnerud",
    ),
    Case(
        name="BernoulliRBM",
        model=BernoulliRBM(5, n_iter=3, random_state=0),
        on="positive",
        methods=("transform",),  # score_samples flips a random bit of each row
    ),
    Case(
        name="BernoulliRBM, classes",
        model=make_pipeline(
            MinMaxScaler(), BernoulliRBM(8, n_iter=5, random_state=0), LogisticRegression()
        ),
        on="iris",
    ),
]

CASES = [*RIDGES, *APPROXIMATIONS, *COMPONENTS, *MIXTURES, *OTHERS]
