"""The Open Inference Protocol V2 door. It only translates.

Source: github.com/kserve/open-inference-protocol, inference_rest.md; where real clients need
more than it says (`/v2` beside `/v2/`, both `live` and `ready`), the comment beside it tells.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec

from bundle.arrays import Array
from bundle.errors import InputError
from bundle.signature import Signature
from runtime import bulk, strict
from runtime.answers import check_finite
from runtime.door import Asked, Call, Door, Reply, Route
from runtime.errors import MalformedError
from runtime.faults import Fault
from runtime.repository import NotReady, Ready
from runtime.tensors import InputTensor, Parameters, to_block, to_json

PLATFORM = "onnx_onnxv1"


class RequestedOutput(msgspec.Struct, forbid_unknown_fields=True):
    """An output by name."""

    name: str
    parameters: Parameters | None = None


class InferenceRequest(msgspec.Struct, forbid_unknown_fields=True):
    """A V2 request; `expected` is golden.json's own member, so that the file posts as it is."""

    inputs: list[InputTensor]
    outputs: list[RequestedOutput] | None = None
    id: str | None = None
    parameters: Parameters | None = None
    expected: msgspec.Raw = msgspec.Raw()


_REQUESTS = msgspec.json.Decoder(InferenceRequest)


def server(_: Call) -> Reply:
    """What serves."""
    try:
        number = version("isomorph")
    except PackageNotFoundError:  # run from a checkout
        number = "0"
    return _reply({"name": "isomorph", "version": number, "extensions": []})


def live(_: Call) -> Reply:
    """The process answers. Clients read `live` or `ready`, and the specification slips: both."""
    return _reply({"live": True, "ready": True})


def server_ready(call: Call) -> Reply:
    """Ready when every model's default version answers."""
    repository = call.repository
    ready = all(isinstance(repository.find(name), Ready) for name in repository.names)
    return _reply({"live": True, "ready": ready}, 200 if ready else 503)


def model_ready(call: Call) -> Reply:
    """Whether one version answers."""
    found = call.repository.find(*_asked(call))
    ready = isinstance(found, Ready)
    content: dict[str, Any] = {"name": found.name, "ready": ready}
    if isinstance(found, NotReady):
        content["error"] = found.reason
    return _reply(content, 200 if ready else 503)


def metadata(call: Call) -> Reply:
    """Names, datatypes and shapes."""
    found = call.ready()
    signature = found.bundle.signature
    return _reply(
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


def infer(call: Call) -> Asked:
    """Tensors in, tensors out."""
    found = call.ready()
    asked = _parsed(call.body)
    rows = _blocks(found.bundle.signature, asked.inputs)
    outputs = [each.name for each in asked.outputs or ()]
    return Asked(found, rows, partial(_inferred, found, asked.id), outputs or None)


def _inferred(found: Ready, identity: str | None, answers: dict[str, Array]) -> Reply:
    signature = found.bundle.signature
    check_finite(signature, answers)
    head = {"model_name": found.name, "model_version": str(found.version)}
    if identity is not None:
        head["id"] = identity
    outputs = [to_json(signature.output(name), values) for name, values in answers.items()]
    return _reply({**head, "outputs": outputs})


def _parsed(body: bytes) -> InferenceRequest:
    try:
        asked = _REQUESTS.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        strict.loads(body)  # says where, when it is not JSON at all
        raise MalformedError(
            "the body is not a V2 inference request",
            mend="Send inputs of name, shape, datatype and data, and no member that V2 lacks",
        ) from error
    _no_repeats(strict.loads(_envelope(body, asked)))
    return asked


def _envelope(body: bytes, asked: InferenceRequest) -> bytes:
    """The body without its bulk: small, so that the slow parser can look for repeated members."""
    for large in (bytes(asked.expected), *(bytes(tensor.data) for tensor in asked.inputs)):
        if large[:1] in (b"[", b"{"):
            body = body.replace(large, b"0", 1)
    return body


def _no_repeats(value: Any) -> None:
    if isinstance(value, strict.Record) and value.repeated is not None:
        raise MalformedError("a member of the request stands twice", mend="Send it once")
    if isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            _no_repeats(each)


def _blocks(signature: Signature, tensors: list[InputTensor]) -> dict[str, Array]:
    blocks = {block.name: block for block in signature.inputs}
    names = [tensor.name for tensor in tensors]
    if sorted(names) != sorted(blocks):
        raise InputError(
            "the inputs are not the model's", mend=f"Send each once: {', '.join(blocks)}"
        )
    return {tensor.name: to_block(tensor, blocks[tensor.name], signature) for tensor in tensors}


def _asked(call: Call) -> tuple[str, str | None]:
    return call.params["name"], call.params.get("version")


def _reply(content: Any, status: int = 200) -> Reply:
    return Reply(msgspec.json.encode(content), status)


def error(fault: Fault) -> Reply:
    """A V2 error. The protocol knows 404, 501, 503, 500, and 400 for everything else."""
    status = 400 if fault.status == HTTPStatus.UNPROCESSABLE_ENTITY else fault.status
    body = msgspec.json.encode({"error": fault.sentence})
    return Reply(body, status, headers=fault.headers)


_MODEL = ("/v2/models/{name}", "/v2/models/{name}/versions/{version}")

DOOR = Door(
    name="v2",
    routes=(
        # Clients ask for /v2, the specification's YAML for /v2/, and a redirect suits neither.
        *(Route(path=path, handler=server) for path in ("/v2", "/v2/")),
        Route(path="/v2/health/live", handler=live),
        Route(path="/v2/health/ready", handler=server_ready),
        *(Route(path=path, handler=metadata) for path in _MODEL),
        *(Route(path=f"{path}/ready", handler=model_ready) for path in _MODEL),
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
    ),
    fault=error,
    prefix="/v2",
)
