"""V2's extensions beside inference: what is there, loading, counts, configuration.

Source: github.com/triton-inference-server/server, docs/protocol/extension_model_repository.md,
extension_statistics.md and extension_model_configuration.md.
"""

from __future__ import annotations

from typing import Any

import msgspec

from bundle.signature import Block, Output
from runtime.counts import Counts
from runtime.door import Call, Reply
from runtime.errors import MalformedError, UnsupportedError
from runtime.repository import NotReady, Ready
from runtime.tensors import Parameters

MAX_ROWS = 2**31 - 1  # a batch has no limit but the body's, and the field is an int32


class _Index(msgspec.Struct, forbid_unknown_fields=True):
    ready: bool = False


class _Control(msgspec.Struct, forbid_unknown_fields=True):
    parameters: Parameters = {}


_INDEX = msgspec.json.Decoder(_Index)
_CONTROL = msgspec.json.Decoder(_Control)


def index(call: Call) -> Reply:
    """Every version, its state and why it is not ready; `ready` keeps those that are."""
    asked = _decoded(_INDEX, call.body)
    found = [_state(each) for each in call.repository.all()]
    return reply([each for each in found if each["state"] == "READY" or not asked.ready])


def load(call: Call) -> Reply:
    """Load what is on disk, or load it again. Raises UnsupportedError: nothing comes with it."""
    asked = _decoded(_CONTROL, call.body)
    if any(name == "config" or name.startswith("file:") for name in asked.parameters):
        raise UnsupportedError(
            "a model that comes with the request is not proven, and is not served",
            mend="Convert it, put its bundle into artifacts/ and load it by its name",
        )
    _known(asked.parameters)
    call.repository.load(call.params["name"])
    return reply({})


def unload(call: Call) -> Reply:
    """Stop serving a model; nothing depends on another, so `unload_dependents` adds nothing."""
    asked = _decoded(_CONTROL, call.body)
    _known(asked.parameters)
    call.repository.unload(call.params["name"])
    return reply({})


def statistics(call: Call) -> Reply:
    """Counts of one version, of a model's versions, or of all; those that are ready.

    What every worker counted since the service started.
    """
    name, version = call.params.get("name"), call.params.get("version")
    if name is None:
        found = call.repository.all()
    elif version is None:
        found = call.repository.versions(name)
    else:
        found = [call.repository.ready(name, version)]
    pages = call.repository.book.read().pages
    told = [
        {"name": each.name, "version": str(each.version)}
        | pages.get((each.name, each.version), Counts()).told()
        for each in found
        if isinstance(each, Ready)
    ]
    return reply({"model_stats": told})


def configuration(call: Call) -> Reply:
    """The model as Triton's ModelConfig (triton-inference-server/common, model_config.proto).

    Shapes leave out the rows, as those of every model that takes batches do there: [-1, *dims].
    """
    found = call.ready()
    signature = found.bundle.signature
    return reply(
        {
            "name": found.name,
            "platform": "onnxruntime_onnx",
            "backend": "onnxruntime",
            "version_policy": {"all": {}},
            "max_batch_size": MAX_ROWS,
            "input": [_tensor(each, [len(each.columns)]) for each in signature.inputs],
            "output": [
                _tensor(each, [] if each.width is None else [each.width])
                for each in signature.outputs
            ],
            "default_model_filename": "model.onnx",
            "instance_group": [{"name": found.name, "kind": "KIND_CPU", "count": 1}],
            "model_transaction_policy": {"decoupled": False},
        }
    )


def unsupported(_: Call) -> Reply:
    """What Triton has and this server does not."""
    raise UnsupportedError("this extension of the protocol is not supported")


def reply(content: Any, status: int = 200) -> Reply:
    """A JSON answer."""
    return Reply(msgspec.json.encode(content), status)


def _decoded(decoder: msgspec.json.Decoder[Any], body: bytes) -> Any:
    try:
        return decoder.decode(body.strip() or b"{}")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise MalformedError(
            "the body is not what this address reads", mend="Send an object, or nothing"
        ) from error


def _known(parameters: Parameters) -> None:
    if not isinstance(parameters.get("unload_dependents", False), bool):
        raise MalformedError("unload_dependents is neither true nor false")


def _state(found: Ready | NotReady) -> dict[str, str]:
    ready = isinstance(found, Ready)
    return {
        "name": found.name,
        "version": str(found.version),
        "state": "READY" if ready else "UNAVAILABLE",
        "reason": found.reason if isinstance(found, NotReady) else "",
    }


def _tensor(described: Block | Output, dims: list[int]) -> dict[str, Any]:
    kind = "STRING" if described.datatype == "BYTES" else described.datatype
    return {"name": described.name, "data_type": f"TYPE_{kind}", "dims": dims}
