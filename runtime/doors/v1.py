"""V1: the REST contract of TensorFlow Serving, and KServe's of the same name. It only translates.

Sources: tensorflow/serving, g3doc/api_rest.md, model_servers/http_rest_api_handler.cc and
util/json_tensor.cc; kserve, protocol/rest/v1_endpoints.py. Where the two say different things
(the status of a model) the answer holds the members of both.
"""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import Any

from bundle.arrays import Array
from bundle.errors import InputError
from bundle.signature import Block, Output, Signature
from runtime import strict
from runtime.door import Asked, Call, Door, Handler, Reply, Route
from runtime.envelope import known, members
from runtime.errors import MalformedError, UnsupportedError
from runtime.faults import Fault
from runtime.instances import chosen, encoded, from_inputs, from_instances, said
from runtime.models import UNLOADED, NotReady, Ready

DEFAULT = "serving_default"
_DTYPES = {
    "FP64": "DT_DOUBLE",
    "FP32": "DT_FLOAT",
    "INT64": "DT_INT64",
    "BOOL": "DT_BOOL",
    "BYTES": "DT_STRING",
}


def predict(call: Call) -> Asked:
    """`instances` are answered with `predictions`, `inputs` with `outputs`."""
    found = call.ready()
    asked = members(call.body, "instances", "inputs")
    known(asked, "instances", "inputs", "signature_name", "parameters")
    if ("instances" in asked) == ("inputs" in asked):
        raise MalformedError(
            "the body has both of instances and inputs, or neither", mend="Send one of the two"
        )
    by_row = "instances" in asked
    rows = (from_instances if by_row else from_inputs)(
        found, asked["instances" if by_row else "inputs"]
    )
    return Asked(found, rows, partial(_predicted, found, by_row), _outputs(found, asked))


def _predicted(found: Ready, by_row: bool, answers: dict[str, Array]) -> Reply:  # noqa: FBT001
    values = said(found.bundle.signature, answers, by_row=by_row)
    return _reply({"predictions" if by_row else "outputs": values})


def _outputs(found: Ready, asked: dict[str, Any]) -> list[str]:
    """Each output is a signature of its own; the default one answers as the parameters say."""
    signature, name = found.bundle.signature, asked.get("signature_name", DEFAULT)
    if name in ("", DEFAULT):
        return chosen(signature, asked.get("parameters"))
    if asked.get("parameters"):
        raise MalformedError("there are both a signature_name and parameters", mend="Send one")
    if name not in list(_signatures(signature)):  # it may be anything
        raise InputError(
            "the model has no signature of this name",
            mend=f"It has: {', '.join(_signatures(signature))}",
        )
    return [name]


def classify(call: Call) -> Asked:
    """`examples` are answered with pairs of class and probability, in the order of the classes."""
    found = call.ready()
    output = _only(found, "probabilities", "the model is no classifier of one target")
    return Asked(
        found,
        _examples(found, call.body, output),
        partial(_classified, found, output),
        [output.name],
    )


def _classified(found: Ready, output: Output, answers: dict[str, Array]) -> Reply:
    names = [str(name) for name in output.names or ()]
    rows = said(found.bundle.signature, answers)
    return _reply({"results": [list(zip(names, row, strict=True)) for row in rows]})


def regress(call: Call) -> Asked:
    """`examples` are answered with one number each."""
    found = call.ready()
    output = _only(found, "prediction", "the model is no regression of one target")
    return Asked(
        found, _examples(found, call.body, output), partial(_regressed, found), [output.name]
    )


def _regressed(found: Ready, answers: dict[str, Array]) -> Reply:
    return _reply({"results": said(found.bundle.signature, answers)})


def explain(call: Call) -> Reply:
    """No explanations."""
    call.ready()
    raise UnsupportedError("this server does not explain", mend="Ask :predict")


def _only(found: Ready, name: str, fault: str) -> Output:
    for output in found.bundle.signature.outputs:
        if output.name == name and (output.width is None) == (name == "prediction"):
            return output
    raise InputError(fault, mend="Ask :predict")


def _examples(found: Ready, body: bytes, output: Output) -> Any:
    """Rows of `examples`; a member of `context` stands for all of them."""
    asked = members(body, "examples", "context")
    known(asked, "examples", "context", "signature_name")
    if asked.get("signature_name", DEFAULT) not in ("", DEFAULT, output.name):
        raise InputError("the model has no such signature here", mend="Leave signature_name out")
    if "examples" not in asked:
        raise MalformedError("there are no examples", mend="Send an array of objects")
    examples, context = (
        strict.loads(each) if isinstance(each, bytes) else each
        for each in (asked["examples"], asked.get("context", strict.Record()))
    )
    if not isinstance(context, strict.Record) or not isinstance(examples, list):
        raise MalformedError("the examples are not an array of objects, or context is no object")
    return from_instances(
        found, [_example(each, context, row) for row, each in enumerate(examples)]
    )


def _example(example: Any, context: strict.Record, row: int) -> strict.Record:
    """A feature is a value, or a list of one."""
    if not isinstance(example, strict.Record):
        raise InputError("the example is not an object", row=row, mend="Name each feature")
    if not example.keys().isdisjoint(context):
        raise InputError("a feature stands in context too", row=row, mend="Send it once")
    whole = strict.Record(
        (name, value[0] if isinstance(value, list) and len(value) == 1 else value)
        for name, value in [*example.items(), *context.items()]
    )
    whole.repeated = example.repeated or context.repeated
    return whole


def models(call: Call) -> Reply:
    """KServe's list of names."""
    return _reply({"models": call.repository.names})


def status(call: Call) -> Reply:
    """Both contracts' status: KServe reads `ready`, or the HTTP status; TensorFlow the versions."""
    version, label = call.params.get("version"), call.params.get("label")
    now = call.repository.now()
    asked = now.find(call.params["name"], version, label)
    every = [asked] if version or label else now.versions(asked.name)[::-1]
    ready = isinstance(asked, Ready)
    content = {
        "name": asked.name,
        "ready": ready,
        "model_version_status": [_version_status(each) for each in every],
    }
    return _reply(content, 200 if ready else 503)


def _version_status(found: Ready | NotReady) -> dict[str, Any]:
    fault = "" if isinstance(found, Ready) or found.reason == UNLOADED else found.reason
    return {
        "version": str(found.version),
        "state": "AVAILABLE" if isinstance(found, Ready) else "END",
        "status": {
            "error_code": "FAILED_PRECONDITION" if fault else "OK",
            "error_message": fault,
        },
    }


def metadata(call: Call) -> Reply:
    """The signature as TensorFlow Serving writes a SignatureDef."""
    found = call.ready()
    spec = {"name": found.name, "signature_name": "", "version": str(found.version)}
    signatures = {"signature_def": _signatures(found.bundle.signature)}
    return _reply({"model_spec": spec, "metadata": {"signature_def": signatures}})


def _signatures(signature: Signature) -> dict[str, Any]:
    """One for each output, by its name, and the default, which is the first."""
    inputs = _columns(signature) if signature.named else _blocks(signature)
    by_name = {
        output.name: {
            "inputs": inputs,
            "outputs": {output.name: _tensor(output.name, output.datatype, output.width)},
            "method_name": "tensorflow/serving/predict",
        }
        for output in signature.outputs
    }
    return {DEFAULT: by_name[signature.outputs[0].name], **by_name}


def _columns(signature: Signature) -> dict[str, Any]:
    blocks: dict[str, Block] = {name: each for each in signature.inputs for name in each.columns}
    return {name: _tensor(name, blocks[name].datatype, None) for name in signature.by_name}


def _blocks(signature: Signature) -> dict[str, Any]:
    return {
        each.name: _tensor(each.name, each.datatype, len(each.columns)) for each in signature.inputs
    }


def _tensor(name: str, datatype: str, width: int | None) -> dict[str, Any]:
    sizes = ["-1"] if width is None else ["-1", str(width)]
    shape = {"dim": [{"size": size, "name": ""} for size in sizes], "unknown_rank": False}
    return {"dtype": _DTYPES[datatype], "tensor_shape": shape, "name": name}


def _reply(content: Any, status: int = 200) -> Reply:
    return Reply(encoded(content), status)


def error(fault: Fault) -> Reply:
    """An error of V1: rows that are not accepted are 400, as both servers have it."""
    status = 400 if fault.status == HTTPStatus.UNPROCESSABLE_ENTITY else fault.status
    return Reply(encoded({"error": fault.sentence}), status, headers=fault.headers)


_MODEL = "/v1/models/{name}"
_PLACES = (_MODEL, f"{_MODEL}/versions/{{version}}", f"{_MODEL}/labels/{{label}}")
_VERBS: dict[str, Handler] = {
    "predict": predict,
    "classify": classify,
    "regress": regress,
    "explain": explain,
}

DOOR = Door(
    name="v1",
    routes=(
        Route(path="/v1/models", handler=models),
        # A colon may stand in a variable of a path: the verbs are tried first.
        *(
            Route(path=f"{place}:{verb}", handler=handler, methods=("POST",))
            for place in _PLACES
            for verb, handler in _VERBS.items()
        ),
        *(Route(path=f"{place}/metadata", handler=metadata) for place in _PLACES),
        *(Route(path=place, handler=status) for place in _PLACES),
    ),
    fault=error,
    prefix="/v1/models",
)
