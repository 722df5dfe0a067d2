"""Where a container platform keeps the model and expects the port: it says `serve` and no more."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a platform reaches its container from outside
MULTI_MODEL = "SAGEMAKER_MULTI_MODEL"


class Place(NamedTuple):
    """What `serve` takes where it is not told otherwise."""

    artifacts: Path = Path("artifacts")
    host: str = "127.0.0.1"
    port: int = 8080


def place(environment: Mapping[str, str] = os.environ, root: Path = Path("/")) -> Place:
    """The place of the first platform that is recognised, else this directory and machine."""
    return next((found for look in _PLATFORMS if (found := look(environment, root))), Place())


def is_multi_model(environment: Mapping[str, str]) -> bool:
    """Whether SageMaker loads and unloads models while the service runs."""
    return environment.get(MULTI_MODEL, "").lower() == "true"


def _sagemaker(environment: Mapping[str, str], root: Path) -> Place | None:
    """SageMaker unpacks the model archive, which holds what artifacts/ holds, at /opt/ml/model."""
    port = int(environment.get("SAGEMAKER_BIND_TO_PORT", Place().port))
    if is_multi_model(environment):
        artifacts = Path(tempfile.gettempdir()) / "isomorph-models"  # none is there at the start
        artifacts.mkdir(exist_ok=True)
        return Place(artifacts, EVERYWHERE, port)
    model = root / "opt" / "ml" / "model"
    return Place(model, EVERYWHERE, port) if model.is_dir() else None


_PLATFORMS: tuple[Callable[[Mapping[str, str], Path], Place | None], ...] = (_sagemaker,)
