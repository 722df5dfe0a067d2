"""Triton's binary tensors at SageMaker's address: the length of the JSON stands in the type.

Source: github.com/triton-inference-server/server, src/sagemaker_server.cc.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from bundle.arrays import Array
from runtime.door import Asked, Call, Reply
from runtime.doors import sagemaker
from runtime.doors.v2_inference import infer
from runtime.doors.v2_request import HEADER
from runtime.errors import MediaTypeError
from runtime.media_types import parsed
from runtime.repository import Ready

TYPE = "application/vnd.sagemaker-triton.binary+json"
LENGTH = "json-header-size"


def invoke(call: Call) -> Asked:
    """A V2 request with its tensors as bytes. Raises MediaTypeError, and what V2 raises."""
    _, parameters = parsed(call.header(b"content-type"))
    if parameters.keys() != {LENGTH}:
        raise MediaTypeError("the type has no length of the JSON", mend=f"Send {TYPE};{LENGTH}=N")
    found = sagemaker.target(call)
    call.params = {"name": found.name, "version": str(found.version)}
    call.headers[HEADER.lower().encode()] = parameters[LENGTH].encode()
    asked = infer(call)
    asked.reply = partial(_said, found, asked.reply)
    return asked


def _said(
    found: Ready, said: Callable[[dict[str, Array]], Reply], answers: dict[str, Array]
) -> Reply:
    reply = said(answers)
    length = dict(reply.headers).get(HEADER)
    if length is not None:
        reply.media_type = f"{TYPE};{LENGTH}={length}"
    reply.headers = sagemaker.headers(found)
    return reply
