"""What is served at one moment: models, their versions, their aliases. Nothing here changes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from bundle.aliases import CHAMPION
from bundle.reader import Bundle
from runtime.chosen import by_default
from runtime.engine import Engine
from runtime.errors import NotReadyError, UnknownModelError
from runtime.forms import Forms
from runtime.leaving import Leaving
from runtime.predictions import Predictions
from runtime.statistics import Statistics

UNLOADED = "unloaded"
"""The reason of a version that was asked not to answer."""


@dataclass(frozen=True, kw_only=True)
class Ready:
    """A version that answers: opened, loaded and replayed."""

    name: str
    version: int
    bundle: Bundle
    engine: Engine
    forms: Forms
    predictions: Predictions
    example: dict[str, Any]
    """A record that is known to work."""
    note: str = ""
    """What an operator should know although it answers."""
    statistics: Statistics = field(default_factory=Statistics, compare=False, repr=False)
    """What this process counts about it, since the process started."""

    @cached_property
    def by_default(self) -> list[str]:
        """The outputs of its main method."""
        return by_default(self.bundle.signature)


@dataclass(frozen=True, kw_only=True)
class NotReady:
    """A version that does not answer, and why."""

    name: str
    version: int
    reason: str
    tried: Any = field(default=None, repr=False)
    """What its directory looked like then: another look deserves another try."""


Version = Ready | NotReady


@dataclass(frozen=True, kw_only=True)
class Model:
    """One name: its versions, ascending, and its aliases.

    `aliases` is None where they could never be read. `fault` says why what is on disk now is not
    what is followed. `unloaded` are the versions that were asked not to answer.
    """

    name: str
    versions: Mapping[int, Version]
    aliases: Mapping[str, int] | None = field(default_factory=dict)
    unloaded: frozenset[int] = frozenset()
    fault: str = ""

    @cached_property
    def default(self) -> Version:
        """What a request without a version means: the champion, or the newest that answers.

        Where there is a champion it alone counts, ready or not. Where none answers, the newest.
        """
        if self.aliases is None:
            return NotReady(name=self.name, version=max(self.versions), reason=self.fault)
        if CHAMPION in self.aliases:
            return self.at(self.aliases[CHAMPION])
        newest_first = [self.versions[version] for version in sorted(self.versions, reverse=True)]
        return next((each for each in newest_first if isinstance(each, Ready)), newest_first[0])

    def at(self, version: int) -> Version:
        """A version that an alias names; it may not be there."""
        found = self.versions.get(version)
        return found or NotReady(name=self.name, version=version, reason="it is not there")

    def labelled(self, label: str) -> Version:
        """The version that an alias names. Raises UnknownModelError."""
        if self.aliases is None:
            return self.default
        if label not in self.aliases:
            raise UnknownModelError("the model has no such alias", mend=self._known_aliases())
        return self.at(self.aliases[label])

    def numbered(self, version: str) -> Version:
        """The version that a path names. Raises UnknownModelError."""
        for number, each in self.versions.items():
            if str(number) == version:
                return each
        known = ", ".join(map(str, self.versions))
        raise UnknownModelError("the model has no such version", mend=f"It has: {known}")

    def aliases_of(self, version: int) -> list[str]:
        """The aliases that name this version."""
        return [alias for alias, named in (self.aliases or {}).items() if named == version]

    def _known_aliases(self) -> str:
        return f"It has: {', '.join(self.aliases)}" if self.aliases else "It has none"


class Models:
    """Every model at one moment. Each method reads the moment once."""

    def __init__(
        self,
        models: Mapping[str, Model],
        default: str | None = None,
        *,
        unlisted: bool = False,
        lost: Collection[str] = (),
    ) -> None:
        """`unlisted`: nobody knows which models there are, since their directory cannot be listed.

        `lost`: what could not be listed by itself when it was first found; known once opened.
        """
        self._models = models
        self._default = default
        self._unlisted, self._lost = unlisted, lost

    @property
    def names(self) -> list[str]:
        """The models' names, sorted."""
        return sorted(self._models)

    @property
    def default_name(self) -> str:
        """The model that addresses without a name mean. Raises UnknownModelError."""
        models = self._models
        if self._default is not None:
            return self._default
        if len(models) == 1:
            return next(iter(models))
        if not models and self._unlisted:
            raise _not_known()
        raise UnknownModelError(
            "this address names no model, and there is more than one"
            if models
            else "there is no model",
            mend="Start the server with --model NAME",
        )

    def model(self, name: str) -> Model:
        """One model. Raises UnknownModelError, NotReadyError (nobody knows whether it is there)."""
        found = self._models.get(name)
        if found is None and (self._unlisted or name in self._lost):
            raise _not_known()
        if found is None:
            raise UnknownModelError("no model has this name", mend="See /models for those there")
        return found

    def models(self) -> list[Model]:
        """Every model, by name."""
        return [model for _, model in sorted(self._models.items())]

    def versions(self, name: str) -> list[Version]:
        """Every version of a model, ascending. Raises UnknownModelError."""
        return list(self.model(name).versions.values())

    def all(self) -> list[Version]:
        """Every version of every model."""
        return [each for model in self.models() for each in model.versions.values()]

    def aliases(self, name: str) -> dict[str, int]:
        """A model's aliases that are followed, alias to version. Raises UnknownModelError."""
        return dict(self.model(name).aliases or {})

    def all_ready(self) -> bool:
        """Whether the default of every model answers, but for models that were unloaded.

        A process that is about to end is not ready, though it answers; nor is one that does not
        know what there is.
        """
        models = self._models
        if Leaving.now or not models.keys() >= {*self._lost} or (self._unlisted and not models):
            return False
        defaults = [model.default for model in models.values()]
        return all(isinstance(each, Ready) or each.reason == UNLOADED for each in defaults)

    def find(self, name: str, version: str | None = None, label: str | None = None) -> Version:
        """One version, as a path names it, by its alias, or the default. Raises UnknownModelError.

        It may not be ready: another version never steps in for one that was asked for.
        """
        model = self.model(name)
        if label is not None:
            return model.labelled(label)
        return model.default if version is None else model.numbered(version)

    def ready(self, name: str, version: str | None = None, label: str | None = None) -> Ready:
        """As `find`, and it answers. Raises NotReadyError."""
        model = self._models.get(name) if version is None and label is None else None
        found = self.find(name, version, label) if model is None else model.default
        if isinstance(found, NotReady):
            raise NotReadyError(
                f"version {found.version} is not ready: {found.reason}",
                mend="Load it, or ask for another version by its number"
                if found.reason == UNLOADED
                else "Ask for another version by its number, or mend the bundle: it is tried again",
            )
        return found


def _not_known() -> NotReadyError:
    return NotReadyError(
        "the directory of models cannot be listed", mend="Send it again: it is looked at again"
    )
