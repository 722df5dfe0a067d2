"""What the operator decides, read from the environment: workers are processes of their own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec


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
