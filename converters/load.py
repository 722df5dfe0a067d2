"""Read a trained model from disk. What is read is trusted: unpickling runs code it contains."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from bundle.errors import SourceError

Format = Literal["joblib", "pickle", "skops", "mlflow", "memory"]


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A trained model, and where it came from; `path` and `sha256` are None for an object."""

    model: Any
    format: Format
    path: str | None = None
    sha256: str | None = None


def load(source: Any) -> Loaded:
    """Load a .joblib, .pkl, .skops file or an MLflow model directory; an estimator passes through.

    Raises SourceError naming the path.
    """
    if not isinstance(source, str | Path):
        return Loaded(model=source, format="memory")
    given = Path(source)
    if not given.exists():
        raise SourceError("there is no such file", where=str(given), mend="Check the path")
    path, kind = _mlflow_file(given) if given.is_dir() else (given, _format(given))
    try:
        model = READERS[kind](path)
    except Exception as error:  # a pickle may raise anything at all
        raise SourceError(
            f"the model cannot be read ({type(error).__name__}: {error})",
            where=str(path),
            mend="Install the packages it was saved with, in their versions",
        ) from error
    return Loaded(
        model=model,
        format="mlflow" if given.is_dir() else kind,
        path=str(source),
        sha256=digest(path),
    )


def digest(path: Path) -> str:
    """SHA-256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _format(path: Path) -> Format:
    try:
        return FORMATS[path.suffix]
    except KeyError:
        raise SourceError(
            f"the suffix {path.suffix!r} is not one of {', '.join(FORMATS)}",
            where=str(path),
            mend="Save the model with joblib.dump, or name an MLflow model directory",
        ) from None


def _mlflow_file(directory: Path) -> tuple[Path, Format]:
    """Find the model file that MLmodel names; MLflow, which may import code, is not asked."""
    import yaml  # noqa: PLC0415 - only MLflow directories need it

    described = directory / "MLmodel"
    if not described.is_file():
        raise SourceError(
            "the directory has no MLmodel file", where=str(directory), mend="Name a model file"
        )
    try:
        flavor = yaml.safe_load(described.read_text())["flavors"]["sklearn"]
        path = (directory / flavor["pickled_model"]).resolve()
        kind: Format = "skops" if flavor["serialization_format"] == "skops" else "pickle"
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise SourceError(
            "the MLmodel file has no sklearn flavor",
            where=str(described),
            mend="Save the model with mlflow.sklearn.save_model",
        ) from error
    if not path.is_relative_to(directory.resolve()):
        raise SourceError("MLmodel names a file outside its directory", where=str(described))
    return path, kind


def _joblib(path: Path) -> Any:
    import joblib  # noqa: PLC0415 - each format needs its own library only

    return joblib.load(path)


def _pickle(path: Path) -> Any:
    import pickle  # noqa: PLC0415

    with path.open("rb") as file:
        return pickle.load(file)


def _skops(path: Path) -> Any:
    import skops.io  # noqa: PLC0415

    # The user said that this file is trusted, as with the other formats.
    return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))


READERS: dict[str, Callable[[Path], Any]] = {"joblib": _joblib, "pickle": _pickle, "skops": _skops}
FORMATS: dict[str, Format] = {
    ".joblib": "joblib",
    ".pkl": "pickle",
    ".pickle": "pickle",
    ".skops": "skops",
}
