"""All the tables, one after another: every module of this package that has CASES."""

from __future__ import annotations

import pkgutil
import warnings
from importlib import import_module

from parity_tests import pipelines
from parity_tests.pipelines.case import Case

MODULES = sorted(each.name for each in pkgutil.iter_modules(pipelines.__path__))

OTHERS = {"case", "coverage", "datasets", "peer", "rows", "tables"}

with warnings.catch_warnings():
    # Classes that scikit-learn deprecates are converted until it removes them.
    warnings.simplefilter("ignore")
    CASES: list[Case] = [
        case
        for name in MODULES
        if name not in OTHERS
        for case in getattr(import_module(f"parity_tests.pipelines.{name}"), "CASES", [])
    ]
