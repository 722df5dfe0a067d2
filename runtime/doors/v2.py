"""The Open Inference Protocol V2 door. It only translates.

Source: github.com/kserve/open-inference-protocol, inference_rest.md; where real clients need
more than it says (`/v2` beside `/v2/`, both `live` and `ready`), the comment beside it tells.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from runtime import bulk
from runtime.door import Call, Door, Reply, Route
from runtime.doors.v2_inference import infer
from runtime.doors.v2_repository import (
    configuration,
    index,
    load,
    reply,
    statistics,
    unload,
    unsupported,
)
from runtime.faults import Fault
from runtime.repository import NotReady, Ready

PLATFORM = "onnx_onnxv1"
EXTENSIONS = (
    "binary_tensor_data",
    "classification",
    "model_configuration",
    "model_repository",
    "model_repository(unload_dependents)",
    "parameters",
    "statistics",
)
"""Those of Triton that are answered. Not: sequence, schedule_policy, shared memory, trace, logging,
and generate, which say 501 or, as parameters, change nothing."""


def server(_: Call) -> Reply:
    """What serves."""
    try:
        number = version("isomorph")
    except PackageNotFoundError:  # run from a checkout
        number = "0"
    return reply({"name": "isomorph", "version": number, "extensions": EXTENSIONS})


def live(_: Call) -> Reply:
    """The process answers. Clients read `live` or `ready`, and the specification slips: both."""
    return reply({"live": True, "ready": True})


def server_ready(call: Call) -> Reply:
    """Ready when every model's default version answers."""
    ready = call.repository.all_ready()
    return reply({"live": True, "ready": ready}, 200 if ready else 503)


def model_ready(call: Call) -> Reply:
    """Whether one version answers."""
    found = call.repository.find(*_asked(call))
    ready = isinstance(found, Ready)
    content: dict[str, Any] = {"name": found.name, "ready": ready}
    if isinstance(found, NotReady):
        content["error"] = found.reason
    return reply(content, 200 if ready else 503)


def metadata(call: Call) -> Reply:
    """Names, datatypes and shapes."""
    found = call.ready()
    signature = found.bundle.signature
    return reply(
        {
            "name": found.name,
            "versions": [str(each.version) for each in call.repository.versions(found.name)],
            "platform": PLATFORM,
            "inputs": [
                {"name": each.name, "datatype": each.datatype, "shape": [-1, len(each.columns)]}
                for each in signature.inputs
            ],
            "outputs": [
                {
                    "name": each.name,
                    "datatype": each.datatype,
                    "shape": [-1] if each.width is None else [-1, each.width],
                }
                for each in signature.outputs
            ],
        }
    )


def _asked(call: Call) -> tuple[str, str | None]:
    return call.params["name"], call.params.get("version")


def error(fault: Fault) -> Reply:
    """A V2 error. The protocol knows 404, 501, 503, 504, 500, and 400 for everything else.

    What HTTP itself says to clients and proxies (405, 406, 413, 415) stays what it is.
    """
    status = fault.status if fault.status in _STATUSES else 400
    body = msgspec.json.encode({"error": fault.sentence})
    return Reply(body, status, headers=fault.headers)


_STATUSES = (401, 403, 404, 405, 406, 413, 415, 500, 501, 503, 504)
_MODEL = ("/v2/models/{name}", "/v2/models/{name}/versions/{version}")
_ANY = ("GET", "POST")
_MEMORY = (
    f"/v2/{kind}sharedmemory{region}/{action}"
    for kind in ("system", "cuda")
    for region in ("", "/region/{region}")
    for action in ("status", "register", "unregister")
)
_UNSUPPORTED = (
    "/v2/logging",
    "/v2/trace/setting",
    "/v2/models/{name}/trace/setting",
    *(f"{path}/{action}" for path in _MODEL for action in ("generate", "generate_stream")),
    *_MEMORY,
)

DOOR = Door(
    name="v2",
    routes=(
        # Clients ask for /v2, the specification's YAML for /v2/, and a redirect suits neither.
        *(Route(path=path, handler=server) for path in ("/v2", "/v2/")),
        Route(path="/v2/health/live", handler=live, scope="open"),
        Route(path="/v2/health/ready", handler=server_ready, scope="open"),
        *(
            Route(
                path=f"{path}/infer",
                handler=infer,
                methods=("POST",),
                bulk=bulk.predict,
                bulk_types=bulk.TYPES,
            )
            for path in _MODEL
        ),
        Route(
            path="/v2/models/stats", handler=statistics, threaded=True
        ),  # a model called stats has no metadata
        *(Route(path=path, handler=metadata) for path in _MODEL),
        *(Route(path=f"{path}/ready", handler=model_ready) for path in _MODEL),
        *(Route(path=f"{path}/config", handler=configuration) for path in _MODEL),
        *(Route(path=f"{path}/stats", handler=statistics, threaded=True) for path in _MODEL),
        Route(path="/v2/repository/index", handler=index, methods=("POST",), scope="admin"),
        *(
            Route(
                path=f"/v2/repository/models/{{name}}/{handler.__name__}",
                handler=handler,
                methods=("POST",),
                scope="admin",
                threaded=True,
            )
            for handler in (load, unload)
        ),
        *(Route(path=path, handler=unsupported, methods=_ANY) for path in _UNSUPPORTED),
    ),
    fault=error,
    prefix="/v2",
)
