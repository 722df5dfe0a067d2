"""Which kernel an estimator's `kernel` option means, and the rows it keeps."""

from __future__ import annotations

from functools import partial
from typing import Any

from sklearn.gaussian_process.kernels import Kernel
from spox import Var

from converters.graph.fitted import dense
from converters.graph.gaussian_kernels import covariance
from converters.graph.kernels import KERNELS, Parameters


def pairwise_kernel(metric: Any, rows: Var, kept: Any, parameters: Parameters) -> Var:
    """pairwise_kernels(rows, kept, metric, filter_params=True, **parameters).

    Raises NotImplementedError for a metric that is code of the user's own.
    """
    if isinstance(metric, str) and metric == "precomputed":
        return rows
    if isinstance(metric, Kernel):
        return covariance(metric, rows, dense(kept))
    if isinstance(metric, str):
        return KERNELS[metric](rows, dense(kept), parameters)
    raise NotImplementedError(f"kernel={metric!r}, which is code of its own")


def called_kernel(function: Any, rows: Var, kept: Any) -> Var:
    """`function(rows, kept)`, where it is one of `sklearn.metrics.pairwise` or a Gaussian process'.

    functools.partial may set its parameters.
    """
    if isinstance(function, Kernel):
        return covariance(function, rows, dense(kept))
    parameters: Parameters = {}
    if isinstance(function, partial) and not function.args:
        function, parameters = function.func, function.keywords
    name = getattr(function, "__name__", "").removesuffix("_kernel").removesuffix("_similarity")
    if getattr(function, "__module__", "") != "sklearn.metrics.pairwise" or name not in KERNELS:
        raise NotImplementedError(f"kernel={function!r}, which is code of its own")
    return KERNELS[name](rows, dense(kept), parameters)
