"""The Open Inference Protocol V2 door. It only translates.

Source: github.com/kserve/open-inference-protocol, inference_rest.md; where real clients need
more than it says (`/v2` beside `/v2/`, both `live` and `ready`), the comment beside it tells.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bundle.arrays import Array
from bundle.errors import InputError
from bundle.signature import Signature
from runtime import strict
from runtime.answers import check_finite
from runtime.bodies import INLINE_BYTES, body_of
from runtime.errors import MalformedError
from runtime.repository import NotReady, Ready, repository_of
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


async def server(_: Request) -> Response:
    """What serves."""
    try:
        number = version("isomorph")
    except PackageNotFoundError:  # run from a checkout
        number = "0"
    return _reply({"name": "isomorph", "version": number, "extensions": []})


async def live(_: Request) -> Response:
    """The process answers. Clients read `live` or `ready`, and the specification slips: both."""
    return _reply({"live": True, "ready": True})


async def server_ready(request: Request) -> Response:
    """Ready when every model's default version answers."""
    repository = repository_of(request)
    ready = all(isinstance(repository.find(name), Ready) for name in repository.names)
    return _reply({"live": True, "ready": ready}, 200 if ready else 503)


async def model_ready(request: Request) -> Response:
    """Whether one version answers."""
    found = repository_of(request).find(*_asked(request))
    ready = isinstance(found, Ready)
    content: dict[str, Any] = {"name": found.name, "ready": ready}
    if isinstance(found, NotReady):
        content["error"] = found.reason
    return _reply(content, 200 if ready else 503)


async def metadata(request: Request) -> Response:
    """Names, datatypes and shapes."""
    repository = repository_of(request)
    found = repository.ready(*_asked(request))
    signature = found.bundle.signature
    return _reply(
        {
            "name": found.name,
            "versions": [str(each.version) for each in repository.versions(found.name)],
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


async def infer(request: Request) -> Response:
    """Tensors in, tensors out."""
    found = repository_of(request).ready(*_asked(request))
    request.scope["isomorph.version"] = found.version
    body = await body_of(request)
    if len(body) > INLINE_BYTES:
        return _reply(await run_in_threadpool(_inferred, found, body))
    return _reply(_inferred(found, body))


def _inferred(found: Ready, body: bytes) -> dict[str, Any]:
    asked = _parsed(body)
    signature = found.bundle.signature
    rows = _blocks(signature, asked.inputs)
    names = None if asked.outputs is None else [each.name for each in asked.outputs]
    answers = found.engine.run(rows, names or None)
    check_finite(signature, answers)
    head = {"model_name": found.name, "model_version": str(found.version)}
    if asked.id is not None:
        head["id"] = asked.id
    outputs = [to_json(signature.output(name), values) for name, values in answers.items()]
    return {**head, "outputs": outputs}


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
    for bulk in (bytes(asked.expected), *(bytes(tensor.data) for tensor in asked.inputs)):
        if bulk[:1] in (b"[", b"{"):
            body = body.replace(bulk, b"0", 1)
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


def _asked(request: Request) -> tuple[str, str | None]:
    return request.path_params["name"], request.path_params.get("version")


def _reply(content: Any, status: int = 200) -> Response:
    return Response(msgspec.json.encode(content), status_code=status, media_type="application/json")


_MODEL = ("/v2/models/{name}", "/v2/models/{name}/versions/{version}")

ROUTES = [
    # Clients ask for /v2, the specification's YAML for /v2/, and a redirect suits neither.
    *(Route(path, server, methods=["GET"]) for path in ("/v2", "/v2/")),
    Route("/v2/health/live", live, methods=["GET"]),
    Route("/v2/health/ready", server_ready, methods=["GET"]),
    *(Route(path, metadata, methods=["GET"]) for path in _MODEL),
    *(Route(f"{path}/ready", model_ready, methods=["GET"]) for path in _MODEL),
    *(Route(f"{path}/infer", infer, methods=["POST"]) for path in _MODEL),
]
