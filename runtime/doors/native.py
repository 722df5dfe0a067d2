"""The native door: rows in by column name, answers out by output name. It only translates."""

from __future__ import annotations

from functools import partial
from typing import Any

import msgspec

from bundle.arrays import Array
from runtime import bulk
from runtime.door import Asked, Call, Door, Reply, Route
from runtime.errors import NotReadyError
from runtime.faults import Fault
from runtime.media import check_accept, check_json
from runtime.models import Model, NotReady, Ready, Version
from runtime.openapi import Document, describe_secured
from runtime.query import from_query, only_outputs


def predict(call: Call) -> Asked:
    """One row by GET or as an object; many as an array, as columns or as a table."""
    check_accept(call)
    found = call.ready()
    query = call.scope["query_string"]
    if call.scope["method"] != "POST":
        rows, outputs = from_query(found.bundle.signature, query)
        return Asked(found, rows, partial(_said, found, outputs, single=True), outputs)
    check_json(call)
    rows, single, outputs = found.forms.decode(call.body)
    if query:
        # The address is what a caller in a hurry adds, so it counts where both choose.
        outputs = only_outputs(found.bundle.signature, query) or outputs
    return Asked(found, rows, partial(_said, found, outputs, single=single), outputs)


def _said(
    found: Ready, outputs: list[str] | None, answers: dict[str, Array], *, single: bool
) -> Reply:
    return Reply(found.predictions.write(answers, outputs, single=single))


def live(call: Call) -> Reply:
    """The process answers."""
    check_accept(call)
    return Reply(b'{"status":"ok"}')


def ready(call: Call) -> Reply:
    """Whether the default of every model answers. Raises NotReadyError."""
    check_accept(call)
    if not call.repository.all_ready():
        raise NotReadyError("a model does not answer", mend="See /models for the reason")
    return Reply(b'{"status":"ok"}')


def document(call: Call) -> Reply:
    """OpenAPI of what is served now."""
    check_accept(call)
    document = _DOCUMENT if call.settings.keys is None else _SECURED
    return Reply(document.of(call.repository.now()))


def models(call: Call) -> Reply:
    """Every version of every model: its state, and why it does not answer."""
    check_accept(call)
    found = [
        standing(model, each)
        for model in call.repository.models()
        for each in model.versions.values()
    ]
    return Reply(msgspec.json.encode({"models": found}))


def model(call: Call) -> Reply:
    """One version in full: signature, verdict, provenance."""
    check_accept(call)
    models, name = call.repository.now(), call.params["name"]
    found = models.find(name, call.params.get("version"), call.params.get("label"))
    content = standing(models.model(name), found)
    if isinstance(found, Ready):
        manifest = found.bundle.manifest
        content |= {
            "task": manifest.task,
            "signature": manifest.signature,
            "verdict": manifest.verdict,
            "created": manifest.created,
            "versions": manifest.versions,
            "decided": found.engine.decided,
        }
    return Reply(msgspec.json.encode(content))


def standing(model: Model, found: Version) -> dict[str, Any]:
    """`summary`, and what the version is to its model: the default, what its aliases are."""
    return summary(found) | {
        "default": found.version == model.default.version,
        "aliases": model.aliases_of(found.version),
    }


def summary(found: Ready | NotReady) -> dict[str, Any]:
    """Name, version and state, as every listing shows them."""
    head: dict[str, Any] = {"name": found.name, "version": found.version}
    if isinstance(found, NotReady):
        return head | {"state": "not ready", "reason": found.reason}
    verdicts = {each.target: each.status for each in found.bundle.manifest.verdict.targets}
    note = {"note": found.note} if found.note else {}
    return head | {"state": "ready", **note, "targets": verdicts, "example": found.example}


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


_DOCUMENT, _SECURED = Document(), Document(describe_secured)

DOOR = Door(
    name="native",
    routes=(
        Route(path="/livez", handler=live, scope="open"),
        Route(path="/readyz", handler=ready, scope="open"),
        Route(path="/openapi.json", handler=document, threaded=True),
        Route(path="/models", handler=models),
        Route(path="/models/{name}", handler=model),
        Route(path="/models/{name}/versions/{version}", handler=model),
        *(
            Route(
                path=f"/models/{{name}}{which}/predict",
                handler=predict,
                methods=("GET", "POST"),
                bulk=bulk.predict,
                bulk_types=bulk.TYPES,
            )
            for which in ("", "/versions/{version}", "/aliases/{label}")
        ),
    ),
    fault=problem,
)
