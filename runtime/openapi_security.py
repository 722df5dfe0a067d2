"""What the OpenAPI document says beside all else where keys are asked for."""

from __future__ import annotations

from typing import Any

from runtime.openapi_shared import faults

_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "header": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}
_OPEN = ("/livez", "/readyz")


def secured(document: dict[str, Any]) -> dict[str, Any]:
    """The document with its security: either header, everywhere but for the two probes."""
    document["components"]["securitySchemes"] = _SCHEMES
    document["security"] = [{name: []} for name in _SCHEMES]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method == "parameters":
                continue
            if path in _OPEN:
                operation["security"] = []
                continue
            operation["responses"] |= faults(("401",))
    return document
