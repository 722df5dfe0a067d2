"""Where a container platform keeps the models and expects the port: it says `serve` and no more."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import NamedTuple

from bundle.errors import IsomorphError

EVERYWHERE = "0.0.0.0"  # noqa: S104 - a platform reaches its container from outside
MULTI_MODEL = "SAGEMAKER_MULTI_MODEL"

# Which variables name the port, the first that is set counts: Vertex AI; Cloud Run and Heroku.
_PORTS = ("AIP_HTTP_PORT", "PORT")


class Place(NamedTuple):
    """Which bundles `serve` takes, and where it listens."""

    artifacts: Path = Path("artifacts")
    host: str = "127.0.0.1"
    port: int = 8080


def place(
    artifacts: Path | str | None = None,
    host: str | None = None,
    port: int | None = None,
    *,
    environment: Mapping[str, str] = os.environ,
    root: Path = Path("/"),
) -> Place:
    """What is given; else what the first platform that is recognised says, else the defaults.

    A port that is given listens on this machine alone, unless a host is. Raises IsomorphError.
    """
    found = next((each for look in _PLATFORMS if (each := look(environment, root))), Place())
    return Place(
        found.artifacts if artifacts is None else Path(artifacts),
        host or (found.host if port is None else Place().host),
        found.port if port is None else port,
    )


def is_local(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"


def is_multi_model(environment: Mapping[str, str]) -> bool:
    """Whether SageMaker loads and unloads models while the service runs."""
    return environment.get(MULTI_MODEL, "").lower() == "true"


def _sagemaker(environment: Mapping[str, str], root: Path) -> Place | None:
    """SageMaker unpacks the model archive, which holds what artifacts/ holds, at /opt/ml/model."""
    port = _port(environment, "SAGEMAKER_BIND_TO_PORT") or Place().port
    if is_multi_model(environment):
        artifacts = Path(tempfile.gettempdir()) / "isomorph-models"  # none is there at the start
        artifacts.mkdir(exist_ok=True)
        return Place(artifacts, EVERYWHERE, port)
    model = root / "opt" / "ml" / "model"
    return Place(model, EVERYWHERE, port) if model.is_dir() else None


def _named_port(environment: Mapping[str, str], _: Path) -> Place | None:
    for name in _PORTS:
        port = _port(environment, name)
        if port is not None:
            return Place(host=EVERYWHERE, port=port)
    return None


def _port(environment: Mapping[str, str], name: str) -> int | None:
    text = environment.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or int(text[:6]) > 65535:
        raise IsomorphError(
            f"the environment's {name} is no port", mend="Set it to a number up to 65535"
        )
    return int(text)


_PLATFORMS: tuple[Callable[[Mapping[str, str], Path], Place | None], ...] = (
    _sagemaker,
    _named_port,
)
