"""`converter`: how a class of your own is converted."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from bundle.errors import SourceError

Function = TypeVar("Function", bound=Callable[[Any, Any], Any])


def converter(kind: type) -> Callable[[Function], Function]:
    """Decorate `f(model, X)`, which says in NumPy code what a fitted `kind` answers to X.

    `X` behaves as the NumPy array of the rows; columns of a DataFrame also go by name: `X["age"]`,
    `X[["age", "bmi"]]`. Text columns go by name only, where there are numbers beside them.

    Return what `transform` answers; for a regressor, what `predict` answers; for a classifier its
    scores: `predict_proba`, [rows, classes], where the class has that method, else
    `decision_function`, [rows] for two classes. Its label follows from them. Or return a dict of
    answers by method: `predict`, `predict_proba`, `decision_function`, `score_samples`,
    `transform`.

    It holds for exactly this class, not for those that inherit from it. The result is proven
    against the original, as every conversion is.
    """

    def register(function: Function) -> Function:
        from converters import own  # noqa: PLC0415 - `import isomorph` stays light

        own.register(kind, function)
        return function

    return register


def use(path: Path) -> None:
    """Import the file of a user's converters; modules beside it can be imported, too."""
    import importlib.util  # noqa: PLC0415 - only where it is asked for
    import sys  # noqa: PLC0415

    spec = importlib.util.spec_from_file_location(path.stem, path)
    if spec is None or spec.loader is None:
        raise SourceError("not a Python file", where=str(path), mend="Name a .py file")
    module = importlib.util.module_from_spec(spec)
    sys.path.insert(0, str(path.resolve().parent))
    sys.modules[path.stem] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        del sys.modules[path.stem]
        raise SourceError(
            f"the converters cannot be imported ({type(error).__name__}: {error})", where=str(path)
        ) from error
