"""What the operator decides, read from the environment: workers are processes of their own."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from bundle.errors import IsomorphError


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """`artifacts`: the directory of bundles. `model`: what addresses without a name mean."""

    artifacts: Path
    model: str | None = None
    max_body: int = 16 * 2**20
    """Bytes of a request's body, after decompression too."""
    max_bulk: int = 2**30
    """Bytes of a body that is read in batches (Arrow, Parquet), or of its answer; both lie on disk,
    in TMPDIR."""
    max_bulk_rows: int = 2**26
    """Rows of such a body: a few bytes of it can stand for any number of rows."""
    bulk_jobs: int = 2
    """How many such bodies are answered at a time."""
    bulk_waiting: int = 6
    """How many more may be on their way in or out; the next is told to come later."""
    look_seconds: float = 1.0
    """Seconds between two looks at `artifacts`: soon enough for people, and a look at 1,000 models
    takes milliseconds."""
    drain_seconds: float = 0.0
    """Seconds from SIGTERM, in which readiness says no and all else is answered, until connections
    are refused: as long as a load balancer needs to notice (Kubernetes: 5). At most 20."""
    trial_seconds: float = 60.0
    """Seconds in which a new bundle must load and replay its golden rows, in a process of its own;
    0 tries it in the process that serves, which a bad graph can then end."""
    trial_memory: int = 2**30
    """Bytes of address space that this process may take beside eight times the bundle's size."""
    hung_seconds: float = 30.0
    """Seconds in which a worker's event loop must move, else it is replaced; no small request
    takes nearly as long."""


_PREFIX = "ISOMORPH_"


def from_environment(
    environment: Mapping[str, str] = os.environ, given: Mapping[str, str | None] | None = None
) -> Settings:
    """What is given, else ISOMORPH_ARTIFACTS, ISOMORPH_MODEL, ... Raises IsomorphError."""
    found = {
        name: environment[_PREFIX + name.upper()]
        for name in Settings.__struct_fields__
        if _PREFIX + name.upper() in environment
    }
    found |= {name: value for name, value in (given or {}).items() if value is not None}
    try:
        return msgspec.convert(
            found, Settings, strict=False, dec_hook=lambda kind, text: kind(text)
        )
    except msgspec.ValidationError as error:
        raise IsomorphError(
            f"a setting of the environment is not what it should be: {error}",
            mend=f"See the variables that begin with {_PREFIX}",
        ) from error


def to_environment(settings: Settings) -> dict[str, str]:
    """What `from_environment` reads back."""
    return {
        _PREFIX + name.upper(): str(value)
        for name, value in msgspec.structs.asdict(settings).items()
        if value is not None
    }
