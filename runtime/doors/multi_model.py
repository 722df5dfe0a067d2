"""SageMaker's multi-model contract: it lays a bundle down, says where, and names it as it likes.

Only where SAGEMAKER_MULTI_MODEL is true, because `/models` is the native door's address, too: a
listing here has the members of both. What was loaded stands on disk below artifacts/.sagemaker,
since a service may be several processes. A model that lies in artifacts/ has its own name.

Source: the Amazon SageMaker developer guide, "Build Your Own Container for Multi-Model Endpoints".
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from bundle import shared_file
from bundle.errors import BundleError
from bundle.reader import Bundle, open_bundle
from bundle.writer import write_bundle
from runtime import strict
from runtime.door import Asked, Call, Door, Reply, Route
from runtime.doors import invocations, mlflow, native
from runtime.errors import ConflictError, MalformedError, NotReadyError, UnknownModelError
from runtime.models import Models
from runtime.platforms import is_multi_model

KEPT = ".sagemaker"  # the repository passes over names that start with a dot
NO_MEMORY = 507  # SageMaker then unloads another model and tries again


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """What SageMaker calls `alias` and found at `url`; `copied`: it was laid into artifacts/."""

    alias: str
    url: str
    name: str
    version: int
    copied: bool = False


def doors(environment: Mapping[str, str]) -> tuple[Door, ...]:
    """This door, where the environment asks for it."""
    return (DOOR,) if is_multi_model(environment) else ()


def ping(_: Call) -> Reply:
    """SageMaker asks before it loads a model, and loads none until the answer is 200."""
    return Reply(b"\n")


def models(call: Call) -> Reply:
    """Every model, by the name that it was loaded with, or its own."""
    now = call.repository.now()
    listed = [_listed(now, each) for each in _known(call, now).values()]
    return Reply(msgspec.json.encode({"models": listed}))


def model(call: Call) -> Reply:
    """One model."""
    now = call.repository.now()
    return Reply(msgspec.json.encode(_listed(now, _find(call, now))))


def load(call: Call) -> Reply:
    """Lay the bundle at `url` into artifacts/ and answer with it.

    Raises MalformedError (no bundle there), ConflictError (loaded already), NotReadyError.
    """
    alias, url = _asked(call.body)
    if alias in _known(call, call.repository.now()):
        raise ConflictError("a model of this name is loaded", mend="Unload it first")
    bundle = _bundle(Path(url))
    root, manifest = call.repository.root, bundle.manifest
    copied = not (root / manifest.name / str(manifest.version)).exists()
    if copied:
        write_bundle(root, manifest, bundle.files)
    elif open_bundle(root / manifest.name / str(manifest.version)).manifest != manifest:
        raise ConflictError("another bundle has the same name and version", mend="Convert it again")
    try:
        call.repository.load(manifest.name, manifest.version)
    except NotReadyError as error:
        if "MemoryError" not in error.fault:
            raise
        return Reply(b"", NO_MEMORY)
    found = Loaded(
        alias=alias, url=url, name=manifest.name, version=manifest.version, copied=copied
    )
    _keep(root, found)
    return Reply(b"{}")


def unload(call: Call) -> Reply:
    """Forget a model; what was copied is removed when no other name means it."""
    known = _known(call, call.repository.now())
    found = _find(call, call.repository.now())
    _place(call.repository.root, found.alias).unlink(missing_ok=True)
    others = [each for each in known.values() if each.alias != found.alias]
    if not any((each.name, each.version) == (found.name, found.version) for each in others):
        call.repository.unload(found.name, found.version)
        if found.copied:
            shutil.rmtree(call.repository.root / found.name / str(found.version))
            call.repository.follow()
    return Reply(b"{}")


def invoke(call: Call) -> Asked:
    """As /invocations; the path names the model, and Target-Model the file that it came in."""
    found = _find(call, call.repository.now())
    call.params = {"name": found.name, "version": str(found.version)}
    call.headers.pop(b"x-amzn-sagemaker-target-model", None)
    return invocations.invocations(call)


def _asked(body: bytes) -> tuple[str, str]:
    found = strict.loads(body)
    if isinstance(found, strict.Record) and found.keys() == {"model_name", "url"}:
        alias, url = found["model_name"], found["url"]
        if found.repeated is None and isinstance(alias, str) and isinstance(url, str) and alias:
            return alias, url
    raise MalformedError("the body names no model", mend='Send {"model_name": .., "url": ..}')


def _bundle(at: Path) -> Bundle:
    """The bundle in a directory, or the only one at <name>/<version> below it."""
    try:
        places = [
            path.parent for path in (*at.glob("manifest.json"), *at.glob("*/*/manifest.json"))
        ]
        if len(places) == 1:
            return open_bundle(places[0])
    except (BundleError, OSError, ValueError):
        pass  # what lies on this machine's disk is nobody else's business
    raise MalformedError("no whole bundle is at the url", mend="Pack one bundle into the archive")


def _known(call: Call, now: Models) -> dict[str, Loaded]:
    """By name: what was loaded, and what lies in artifacts/ and answers or should."""
    root = call.repository.root
    files = sorted((root / KEPT).glob("*.json"))
    kept = [each for each in map(_read, files) if each is not None]
    taken = {each.name for each in kept}
    own = [
        Loaded(
            alias=each.name, url=str(root / each.name), name=each.name, version=each.default.version
        )
        for each in now.models()
        if each.name not in taken and len(each.unloaded) < len(each.versions)
    ]
    return {each.alias: each for each in sorted((*own, *kept), key=lambda each: each.alias)}


def _find(call: Call, now: Models) -> Loaded:
    """What the path names. Raises UnknownModelError."""
    found = _known(call, now).get(call.params["name"])
    if found is None:
        raise UnknownModelError("no model has this name", mend="See /models for those there")
    return found


def _listed(now: Models, found: Loaded) -> dict[str, Any]:
    version = now.find(found.name, str(found.version))
    theirs = {"modelName": found.alias, "modelUrl": found.url}
    return theirs | native.standing(now.model(found.name), version)


def _place(root: Path, alias: str) -> Path:
    return root / KEPT / f"{hashlib.sha256(alias.encode()).hexdigest()}.json"


def _keep(root: Path, found: Loaded) -> None:
    (root / KEPT).mkdir(exist_ok=True)
    shared_file.change(_place(root, found.alias), lambda _: msgspec.json.encode(found))


def _read(path: Path) -> Loaded | None:
    content = shared_file.read(path)
    return None if content is None else msgspec.json.decode(content, type=Loaded)


DOOR = Door(
    name="multi-model",
    routes=(
        Route(path="/ping", handler=ping, scope="open"),
        Route(path="/models", handler=models),
        Route(path="/models", handler=load, methods=("POST",), scope="admin", threaded=True),
        Route(path="/models/{name}", handler=model),
        Route(
            path="/models/{name}", handler=unload, methods=("DELETE",), scope="admin", threaded=True
        ),
        Route(path="/models/{name}/invoke", handler=invoke, methods=("POST",)),
    ),
    fault=mlflow.error,
)
