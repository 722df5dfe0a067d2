"""The native door: rows in by column name, answers out by output name. It only translates."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from bundle.arrays import Array
from runtime import bulk
from runtime.answers import check_finite, to_rows
from runtime.door import Asked, Call, Door, Reply, Route
from runtime.faults import Fault
from runtime.query import from_query
from runtime.repository import NotReady, Ready


def predict(call: Call) -> Asked:
    """One row by GET or as an object, many as an array."""
    found = call.ready()
    if call.scope["method"] == "POST":
        rows, single = found.records.decode(call.body)
    else:
        rows, single = from_query(found.bundle.signature, call.scope["query_string"]), True
    return Asked(found, rows, partial(_said, found, single))


def _said(found: Ready, single: bool, answers: dict[str, Array]) -> Reply:  # noqa: FBT001
    check_finite(found.bundle.signature, answers)
    predictions = to_rows(found.bundle.signature, answers)
    head = {"model": found.name, "version": found.version}
    tail = predictions[0] if single else {"predictions": predictions}
    return Reply(msgspec.json.encode({**head, **tail}))


def models(call: Call) -> Reply:
    """Every version of every model: its state, and why it does not answer."""
    return Reply(msgspec.json.encode({"models": [summary(each) for each in call.repository.all()]}))


def model(call: Call) -> Reply:
    """One version in full: signature, verdict, provenance."""
    found = call.repository.find(call.params["name"], call.params.get("version"))
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
    return Reply(msgspec.json.encode(content))


def summary(found: Ready | NotReady) -> dict[str, Any]:
    """Name, version and state, as every listing shows them."""
    head: dict[str, Any] = {"name": found.name, "version": found.version}
    if isinstance(found, NotReady):
        return head | {"state": "not ready", "reason": found.reason}
    verdicts = {each.target: each.status for each in found.bundle.manifest.verdict.targets}
    return head | {"state": "ready", "targets": verdicts, "example": found.example}


def problem(fault: Fault) -> Reply:
    """An RFC 9457 problem, with `row`, `column` and `mend` where they are known."""
    members = {
        "type": fault.kind,
        "title": fault.title,
        "status": fault.status,
        "detail": fault.detail,
        "row": fault.row,
        "column": fault.column,
        "mend": fault.mend or None,
    }
    kept = {name: value for name, value in members.items() if value is not None}
    body = msgspec.json.encode(kept)
    return Reply(body, fault.status, "application/problem+json", fault.headers)


DOOR = Door(
    name="native",
    routes=(
        Route(path="/models", handler=models),
        Route(path="/models/{name}", handler=model),
        Route(path="/models/{name}/versions/{version}", handler=model),
        *(
            Route(
                path=path,
                handler=predict,
                methods=("GET", "POST"),
                bulk=bulk.predict,
                bulk_types=bulk.TYPES,
            )
            for path in ("/models/{name}/predict", "/models/{name}/versions/{version}/predict")
        ),
    ),
    fault=problem,
)
