"""Where SageMaker keeps what is served: it says `serve` and no more."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path

ROOT = Path("/")


def artifacts(environment: Mapping[str, str] = os.environ, root: Path = ROOT) -> Path:
    """The directory of bundles where none is named."""
    if is_multi_model(environment):
        found = Path(tempfile.gettempdir()) / "isomorph-models"  # none is there at the start
        found.mkdir(exist_ok=True)
        return found
    return _model(root) if is_sagemaker(environment, root) else Path("artifacts")


def is_sagemaker(environment: Mapping[str, str] = os.environ, root: Path = ROOT) -> bool:
    """Whether SageMaker runs this container: it unpacks the archive of the model at one place.

    Its variables are no sign: notebooks have them, too.
    """
    return is_multi_model(environment) or _model(root).is_dir()


def is_multi_model(environment: Mapping[str, str]) -> bool:
    """Whether SageMaker loads and unloads models while the service runs."""
    return environment.get("SAGEMAKER_MULTI_MODEL", "").lower() == "true"


def _model(root: Path) -> Path:
    return root / "opt" / "ml" / "model"
