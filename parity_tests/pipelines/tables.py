"""All the tables, one after another: every module of this package that has CASES."""

from __future__ import annotations

import pkgutil
import warnings
from collections.abc import Iterable
from importlib import import_module
from typing import Any

from parity_tests import pipelines
from parity_tests.pipelines.case import Case

MODULES = sorted(each.name for each in pkgutil.iter_modules(pipelines.__path__))

OTHERS = {"case", "coverage", "datasets", "peer", "peer_pmml", "pmml", "rows", "tables"}

with warnings.catch_warnings():
    # Classes that scikit-learn deprecates are converted until it removes them.
    warnings.simplefilter("ignore")
    CASES: list[Case] = [
        case
        for name in MODULES
        if name not in OTHERS
        for case in getattr(import_module(f"parity_tests.pipelines.{name}"), "CASES", [])
        if case.model is not None
    ]


def subject(model: Any) -> str:
    """The class that a case is about: the last step of a pipeline, else the model's own."""
    while type(model).__name__ == "Pipeline":
        model = model.steps[-1][1]
    return type(model).__name__


def firsts(cases: Iterable[Case]) -> list[Case]:
    """The first case about each estimator."""
    found: dict[str, Case] = {}
    for case in cases:
        found.setdefault(subject(case.model), case)
    return list(found.values())
