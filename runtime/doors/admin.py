"""Versions and aliases: which version answers to what, and which answer at all."""

from __future__ import annotations

import msgspec

from runtime import strict
from runtime.door import Call, Door, Reply, Route
from runtime.doors.native import model, problem, standing
from runtime.errors import MalformedError


def aliases(call: Call) -> Reply:
    """A model's aliases, and the version that is meant where none is named."""
    found = call.repository.model(call.params["name"])
    content = {
        "model": found.name,
        "default": found.default.version,
        "aliases": found.aliases or {},
        "fault": found.fault or None,
    }
    return Reply(msgspec.json.encode({k: v for k, v in content.items() if v is not None}))


def set_alias(call: Call) -> Reply:
    """Point an alias at the version in the body, {"version": 3}; all of them after."""
    version = _version(call.body)
    call.repository.set_alias(call.params["name"], call.params["label"], version)
    return aliases(call)


def delete_alias(call: Call) -> Reply:
    """Forget an alias; those that are left."""
    call.repository.delete_alias(call.params["name"], call.params["label"])
    return aliases(call)


def load(call: Call) -> Reply:
    """Let a version, or all of a model, answer; as `/models/{name}` shows it then."""
    found = call.repository.load(call.params["name"], call.params.get("version"))
    return _shown(call, str(found.version))


def unload(call: Call) -> Reply:
    """Let a version, or all of a model, answer no more."""
    call.repository.unload(call.params["name"], call.params.get("version"))
    return _shown(call, call.params.get("version"))


def _shown(call: Call, version: str | None) -> Reply:
    models = call.repository.now()
    name = call.params["name"]
    return Reply(msgspec.json.encode(standing(models.model(name), models.find(name, version))))


def _version(body: bytes) -> int:
    """The body's only member. Raises MalformedError."""
    found = strict.loads(body)
    if isinstance(found, strict.Record) and found.keys() == {"version"} and not found.repeated:
        version = found["version"]
        if type(version) is int and version > 0:  # true is an int, too
            return version
    raise MalformedError("the body names no version", mend='Send {"version": 3}')


_MODEL = "/models/{name}"
_ALIAS = f"{_MODEL}/aliases/{{label}}"

DOOR = Door(
    name="admin",
    routes=(
        Route(path=f"{_MODEL}/aliases", handler=aliases),
        Route(path=_ALIAS, handler=model),
        # They wait for the disk, and for a bundle to open.
        Route(path=_ALIAS, handler=set_alias, methods=("PUT",), scope="admin", threaded=True),
        Route(path=_ALIAS, handler=delete_alias, methods=("DELETE",), scope="admin", threaded=True),
        *(
            Route(
                path=f"{path}/{verb}",
                handler=handler,
                methods=("POST",),
                scope="admin",
                threaded=True,
            )
            for path in (_MODEL, f"{_MODEL}/versions/{{version}}")
            for verb, handler in (("load", load), ("unload", unload))
        ),
    ),
    fault=problem,
)
