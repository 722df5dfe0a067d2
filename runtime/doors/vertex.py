"""Vertex AI: the contract of a custom container. It only translates.

Source: cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements. The platform says
the addresses in the environment; they come after every other door, so that a route which
another contract knows (`/v1/models/churn:predict`) stays what it is there.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from starlette.types import Scope

from bundle.arrays import Array
from runtime.door import Asked, Call, Door, Reply, Route
from runtime.doors.v1 import error
from runtime.envelope import known, members
from runtime.errors import MalformedError
from runtime.instances import chosen, encoded, from_instances, said
from runtime.repository import Ready

_DEPLOYED = "/v1/endpoints/{endpoint}/deployedModels/{deployed}"
_REDIRECT = b"x-vertex-ai-triton-redirect"


def predict(call: Call) -> Asked:
    """`instances`, and `parameters` that choose outputs, are answered with `predictions`."""
    found = call.ready()
    asked = members(call.body, "instances")
    known(asked, "instances", "parameters")
    if "instances" not in asked:
        raise MalformedError("there are no instances", mend="Send an array of rows")
    rows = from_instances(found, asked["instances"])
    outputs = chosen(found.bundle.signature, asked.get("parameters"))
    return Asked(found, rows, partial(_predicted, found), outputs)


def _predicted(found: Ready, answers: dict[str, Array]) -> Reply:
    return Reply(encoded({"predictions": said(found.bundle.signature, answers)}))


def health(call: Call) -> Reply:
    """200 when every model answers; else 503."""
    ready = call.repository.all_ready() and call.repository.names
    return Reply(b"{}", 200 if ready else 503)


def door(environment: Mapping[str, str]) -> Door:
    """The door at the routes that the platform sets, and at those it has by default."""
    healths = (environment.get("AIP_HEALTH_ROUTE"), _DEPLOYED)
    predicts = (environment.get("AIP_PREDICT_ROUTE"), f"{_DEPLOYED}:predict")
    return Door(
        name="vertex",
        routes=(
            *(Route(path=path, handler=predict, methods=("POST",)) for path in predicts if path),
            *(Route(path=path, handler=health, scope="open") for path in healths if path),
        ),
        fault=error,
        prefix="/v1/endpoints",
    )


def forwarded(scope: Scope) -> Scope:
    """What the platform passes on under another address, at its own.

    `/invoke/foo` is `/foo` (invokeRoutePrefix), and a redirect header names a V2 address.
    """
    path: str = scope["path"]
    redirect: bytes = dict(scope["headers"]).get(_REDIRECT, b"")
    if redirect.startswith(b"v2/"):
        path = f"/{redirect.decode('latin-1')}"
    elif path.startswith("/invoke/"):
        path = path.removeprefix("/invoke")
    return {**scope, "path": path, "raw_path": path.encode()}
