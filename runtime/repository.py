"""The bundles under `artifacts/`: which answer, and why the others do not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bundle.errors import BundleError
from bundle.reader import Bundle, open_bundle
from runtime.engine import Engine
from runtime.errors import NotReadyError, UnknownModelError
from runtime.forms import Forms
from runtime.golden_rows import first_record

_VERSION = re.compile(r"[1-9][0-9]{0,9}")


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A version that answers: opened, loaded and replayed."""

    name: str
    version: int
    bundle: Bundle
    engine: Engine
    forms: Forms
    example: dict[str, Any]
    """A record that is known to work."""


@dataclass(frozen=True, kw_only=True)
class NotReady:
    """A version that does not answer, and why."""

    name: str
    version: int
    reason: str


class Repository:
    """Every version found when the server started; a bad one never stops the others."""

    def __init__(self, artifacts: Path | str, default: str | None = None) -> None:
        self.root = Path(artifacts)
        self._default = default
        self._models: dict[str, dict[int, Ready | NotReady]] = {}
        for name, version, place in _places(self.root):
            self._models.setdefault(name, {})[version] = self._load(name, version, place)

    @property
    def names(self) -> list[str]:
        """The models' names, sorted."""
        return sorted(self._models)

    @property
    def default_name(self) -> str:
        """The model that addresses without a name mean. Raises UnknownModelError."""
        if self._default is not None:
            return self._default
        if len(self._models) == 1:
            return next(iter(self._models))
        raise UnknownModelError(
            "this address names no model, and there is more than one"
            if self._models
            else "there is no model",
            mend="Start the server with --model NAME",
        )

    def versions(self, name: str) -> list[Ready | NotReady]:
        """Every version of a model, ascending. Raises UnknownModelError."""
        if name not in self._models:
            raise UnknownModelError("no model has this name", mend="See /models for those there")
        found = self._models[name]
        return [found[version] for version in sorted(found)]

    def all(self) -> list[Ready | NotReady]:
        """Every version of every model."""
        return [each for name in self.names for each in self.versions(name)]

    def find(
        self, name: str, version: str | None = None, label: str | None = None
    ) -> Ready | NotReady:
        """One version, as a path names it, or by its alias; None is the latest, ready or not."""
        versions = self.versions(name)
        if label is not None:
            raise UnknownModelError("the model has no such alias")
        if version is None:
            return versions[-1]
        for each in versions:
            if str(each.version) == version:
                return each
        raise UnknownModelError(
            "the model has no such version",
            mend=f"It has: {', '.join(str(each.version) for each in versions)}",
        )

    def ready(self, name: str, version: str | None = None, label: str | None = None) -> Ready:
        """As `find`, and it answers. Raises NotReadyError: another version never steps in."""
        found = self.find(name, version, label)
        if isinstance(found, NotReady):
            raise NotReadyError(
                f"version {found.version} is not ready: {found.reason}",
                mend="Ask for another version by its number, or mend the bundle and restart",
            )
        return found

    def _load(self, name: str, version: int, place: Path) -> Ready | NotReady:
        try:
            return _ready(name, version, open_bundle(place))
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others serve
            unforeseen = "" if isinstance(error, BundleError) else f"{type(error).__name__}: "
            # Where artifacts/ lies on this machine is nobody else's business.
            reason = f"{unforeseen}{error}".replace(f"{self.root}/", "")
            return NotReady(name=name, version=version, reason=reason)


def _ready(name: str, version: int, bundle: Bundle) -> Ready:
    if (bundle.manifest.name, bundle.manifest.version) != (name, version):
        raise BundleError(
            f"the manifest says {bundle.reference}",
            where=f"{name}/{version}",
            mend="Put the bundle in the directory of its own name and version",
        )
    engine = Engine(bundle)
    engine.replay()
    return Ready(
        name=name,
        version=version,
        bundle=bundle,
        engine=engine,
        forms=Forms(bundle.signature),
        example=first_record(bundle),
    )


def _places(root: Path) -> Iterator[tuple[str, int, Path]]:
    """Directories artifacts/<name>/<version>; the writer's own start with a dot."""
    if not root.is_dir():
        return
    for model in sorted(root.iterdir()):
        if model.name.startswith(".") or not model.is_dir():
            continue
        for place in sorted(model.iterdir()):
            if _VERSION.fullmatch(place.name) and place.is_dir():
                yield model.name, int(place.name), place
