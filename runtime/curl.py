"""A command to paste: the first golden row, sent with curl."""

from __future__ import annotations

import json
import shlex
from typing import Any


def curl(address: str, name: str, version: int, record: dict[str, Any]) -> str:
    """One line for a POSIX shell that asks a model for one answer."""
    body = shlex.quote(json.dumps(record, ensure_ascii=False))
    # The address is what the browser called this server, so it is quoted like any input.
    return f"curl -s {shlex.quote(f'{address}/models/{name}/versions/{version}/predict')} -d {body}"
