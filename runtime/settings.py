"""What the operator decides, read from the environment: workers are processes of their own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path

import msgspec

from bundle.errors import IsomorphError
from runtime.platforms import is_sagemaker

LOCAL = ("127.0.0.1", 8080)
EVERYWHERE = "0.0.0.0"  # noqa: S104 - a platform that names the port reaches it from outside

# Which variables name the port, the first that is set counts: Vertex AI; SageMaker, where several
# containers share an endpoint; Cloud Run and Heroku.
_PORTS = ("AIP_HTTP_PORT", "SAGEMAKER_BIND_TO_PORT", "PORT")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`artifacts`: the directory of bundles. `model`: what addresses without a name mean."""

    artifacts: Path
    model: str | None = None
    max_body: int = 16 * 2**20
    """Bytes of a request's body, after decompression too."""
    max_bulk: int = 2**30
    """Bytes of a body that is read in batches (Arrow, Parquet); it is kept on disk."""


_PREFIX = "ISOMORPH_"


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from ISOMORPH_ARTIFACTS, ISOMORPH_MODEL, ... Raises msgspec.ValidationError."""
    found = {
        name: environment[_PREFIX + name.upper()]
        for name in Settings.__struct_fields__
        if _PREFIX + name.upper() in environment
    }
    return msgspec.convert(found, Settings, strict=False, dec_hook=lambda kind, text: kind(text))


def to_environment(settings: Settings) -> dict[str, str]:
    """What `from_environment` reads back."""
    return {
        _PREFIX + name.upper(): str(value)
        for name, value in msgspec.structs.asdict(settings).items()
        if value is not None
    }


def place(
    host: str | None, port: int | None, environment: Mapping[str, str] = os.environ
) -> tuple[str, int]:
    """Where to listen: what is given, else what the platform says, else LOCAL.

    A port from the environment means every address, unless a host is given. Raises IsomorphError.
    """
    if port is not None:
        return host or LOCAL[0], port
    for name in _PORTS:
        if environment.get(name):
            return host or EVERYWHERE, _port(name, environment[name])
    return host or (EVERYWHERE if is_sagemaker(environment) else LOCAL[0]), LOCAL[1]


def _port(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text[:6]) > 65535:
        raise IsomorphError(
            f"the environment's {name} is no port", mend="Set it to a number up to 65535"
        )
    return int(text)


def is_local(host: str) -> bool:
    """Whether only this machine reaches it."""
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
