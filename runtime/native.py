"""The native door: rows in by column name, answers out by output name. It only translates."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bundle.arrays import Arrays
from runtime.answers import check_finite, to_rows
from runtime.bodies import INLINE_BYTES, body_of
from runtime.query import from_query
from runtime.repository import NotReady, Ready, repository_of


async def predict(request: Request) -> Response:
    """One row by GET or as an object, many as an array."""
    found = repository_of(request).ready(
        request.path_params["name"], request.path_params.get("version")
    )
    request.scope["isomorph.version"] = found.version
    if request.method != "POST":
        rows = from_query(found.bundle.signature, request.scope["query_string"])
        return _reply(_answer(found, rows, single=True))
    body = await body_of(request)
    if len(body) > INLINE_BYTES:
        return _reply(await run_in_threadpool(_decoded_answer, found, body))
    return _reply(_decoded_answer(found, body))


async def models(request: Request) -> Response:
    """Every version of every model: its state, and why it does not answer."""
    return _reply(
        msgspec.json.encode({"models": [summary(each) for each in repository_of(request).all()]})
    )


async def model(request: Request) -> Response:
    """One version in full: signature, verdict, provenance."""
    found = repository_of(request).find(
        request.path_params["name"], request.path_params.get("version")
    )
    content = summary(found)
    if isinstance(found, Ready):
        manifest = found.bundle.manifest
        content |= {
            "task": manifest.task,
            "signature": manifest.signature,
            "verdict": manifest.verdict,
            "created": manifest.created,
            "versions": manifest.versions,
        }
    return _reply(msgspec.json.encode(content))


def summary(found: Ready | NotReady) -> dict[str, Any]:
    """Name, version and state, as every listing shows them."""
    head: dict[str, Any] = {"name": found.name, "version": found.version}
    if isinstance(found, NotReady):
        return head | {"state": "not ready", "reason": found.reason}
    verdicts = {each.target: each.status for each in found.bundle.manifest.verdict.targets}
    return head | {"state": "ready", "targets": verdicts, "example": found.example}


def _decoded_answer(found: Ready, body: bytes) -> bytes:
    rows, single = found.records.decode(body)
    return _answer(found, rows, single=single)


def _answer(found: Ready, rows: Arrays, *, single: bool) -> bytes:
    answers = found.engine.run(rows)
    check_finite(found.bundle.signature, answers)
    predictions = to_rows(found.bundle.signature, answers)
    head = {"model": found.name, "version": found.version}
    tail = predictions[0] if single else {"predictions": predictions}
    return msgspec.json.encode({**head, **tail})


def _reply(content: bytes) -> Response:
    return Response(content, media_type="application/json")


ROUTES = [
    Route("/models", models, methods=["GET"]),
    Route("/models/{name}", model, methods=["GET"]),
    Route("/models/{name}/versions/{version}", model, methods=["GET"]),
    Route("/models/{name}/predict", predict, methods=["GET", "POST"]),
    Route("/models/{name}/versions/{version}/predict", predict, methods=["GET", "POST"]),
]
