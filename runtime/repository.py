"""The bundles under `artifacts/`, followed as they change there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from bundle import aliases, unloaded
from bundle.errors import BundleError
from runtime.book import Book
from runtime.errors import ConflictError, MalformedError, UnknownModelError
from runtime.logs import LOG
from runtime.models import UNLOADED, Model, Models, NotReady, Ready, Version
from runtime.on_disk import OnDisk, fingerprint, look, look_at, shown, unlisted
from runtime.opening import opened
from runtime.transition import next_model
from runtime.transition import unloaded as unloaded_now

__all__ = ["NotReady", "Ready", "Repository"]


class Repository(Models):
    """Models that follow the disk; a bad one never stops the others.

    What is served is one mapping that is replaced and never changed, so whoever reads it once has
    one state. Opening a bundle takes as long as it takes and keeps nothing else waiting.
    What changes something waits for the disk, so it is called off the event loop.
    """

    def __init__(
        self,
        artifacts: Path | str,
        default: str | None = None,
        book: Book | None = None,
        *,
        gather: bool = True,
        trial: Callable[[str, int, Path], str] | None = None,
    ) -> None:
        """`trial` opens a bundle elsewhere first, and says its digest; without it, here only."""
        super().__init__({}, default)
        self._gather = gather
        self.book = Book() if book is None else book
        self.root, self._trial = Path(artifacts), trial
        self._replacing = threading.Lock()
        self._opening = threading.Lock()
        self._followed: dict[str, OnDisk] = {}
        self._closed = False
        self.refresh()

    def now(self) -> Models:
        """What is served at this moment, for whoever reads more than once."""
        return Models(self._models, self._default, unlisted=self._unlisted, lost=self._lost)

    def refresh(self) -> None:
        """Follow the disk; returns when everything new there has been tried."""
        for name in self.follow():
            self.open(name)

    def follow(self) -> list[str]:
        """Follow aliases, unloading and removals at once; the models with versions to open.

        Where the directory cannot be listed nothing changes.
        """
        try:
            found = look(self.root)
        except OSError as error:
            self._listed(error)
            return []
        self._lost = {
            name
            for name, each in found.items()
            if name not in self._models and (each.lost or self._unlisted or name in self._lost)
        }
        self._listed(None)
        for name in self._models.keys() | found.keys():
            if name not in found or found[name] != self._followed.get(name):
                self._replace(name)
        return [
            name
            for name, each in found.items()
            if (name not in self._models and not each.lost) or self._waiting(each)
        ]

    def open(self, name: str, again: Collection[int] = ()) -> None:
        """Open the versions of a model that wait for it, and those of `again` that do not answer.

        The model is replaced once, when all of them were tried.
        """
        with self._opening:  # one at a time: memory, and no version twice
            made: dict[int, Version] = {}
            done = False
            while not done and not self._closed:
                found = look_at(self.root, name)
                waiting = [each for each in self._waiting(found, again) if each not in made]
                made |= {each: self._opened(found, each) for each in waiting}
                done = self._replace(name, made, found)

    def close(self) -> None:
        """Open nothing more: the process is about to end."""
        self._closed = True

    def load(self, name: str, version: str | int | None = None) -> Ready:
        """Open a version, or all, from disk if it does not answer; it answers from then on.

        Every process over these artifacts follows. Returns the version, or the default. Raises
        UnknownModelError, NotReadyError (it was tried, and why), ConflictError (read-only).
        """
        found = self._on_disk(name)
        chosen = _chosen(found.versions, version)
        if chosen & (found.unloaded or frozenset()):
            with _changing():
                unloaded.remove_unloaded(self.root / name, chosen)
        self.open(name, again=chosen)
        return self.ready(name, None if version is None else str(version))

    def unload(self, name: str, version: str | int | None = None) -> None:
        """Let a version, or all that are there, answer no more and free its memory.

        It stays so until `load`; every process over these artifacts follows. Raises
        UnknownModelError, ConflictError (an alias names the version; read-only).
        """
        self.model(name)
        self._replace(name)  # another process may have moved an alias a moment ago
        model, there = self.model(name), look_at(self.root, name).versions
        chosen = _chosen({*model.versions, *there}, version)
        if version is not None:
            for each in chosen:
                _not_in_use(model, each)
        with _changing():
            unloaded.add_unloaded(self.root / name, chosen)
        self._replace(name)

    def set_alias(self, name: str, alias: str, version: int) -> None:
        """Point an alias at a version, which must answer and be on disk.

        Raises UnknownModelError, MalformedError (the alias's name), ConflictError (it does not
        answer; read-only).
        """
        try:
            aliases.check_name(alias)
        except BundleError as error:
            raise MalformedError(error.fault, mend=error.mend) from error
        self._on_disk(name)
        self.open(name)  # it may have come a moment ago
        found = self.model(name).at(version)
        if isinstance(found, NotReady) or found.note:
            reason = found.reason if isinstance(found, NotReady) else found.note
            raise ConflictError(
                f"version {version} is not ready: {reason}",
                mend="An alias moves to versions that answer only",
            )
        with _changing():
            aliases.set_alias(self.root / name, alias, version)
        self._replace(name)

    def delete_alias(self, name: str, alias: str) -> None:
        """Forget an alias. Raises UnknownModelError, ConflictError (read-only)."""
        self.model(name)
        found = look_at(self.root, name).aliases
        if found is not None and alias not in found:
            raise UnknownModelError("the model has no such alias")
        with _changing():
            aliases.delete_alias(self.root / name, alias)
        self._replace(name)

    def _listed(self, error: OSError | None) -> None:
        """Say once that the directory cannot be listed, and once that it can again."""
        if (error is not None) == self._unlisted:
            return
        self._unlisted = error is not None
        if error is None:
            LOG.warning("artifacts can be listed again")
            self._seen_again()
            return
        LOG.warning("artifacts: %s", fault := unlisted(error))
        with self._replacing:
            self._models = {
                name: replace(model, fault=fault) for name, model in self._models.items()
            }

    def _seen_again(self) -> None:
        """Let the next look say of every model how it is."""
        for name in self._followed:
            self._replace(name)

    def _on_disk(self, name: str) -> OnDisk:
        """A model's directory. No path is made of a name before it was found in the listing."""
        with suppress(OSError):
            found = look(self.root).get(name)
            if found is not None and not found.lost:
                return found
        self.model(name)
        raise ConflictError(
            "the model's directory is gone", mend="Put it back, or choose another model"
        )

    def _waiting(self, found: OnDisk, again: Collection[int] = ()) -> list[int]:
        """The versions to open: new, loaded again, or mended since they were tried."""
        model = self._models.get(found.name)
        known = model.versions if model is not None else {}
        out = unloaded_now(model, found)
        return [
            version
            for version in found.versions
            if version not in out
            and not isinstance(each := known.get(version), Ready)
            and (version in again or _changed(each, found.bundle(version)))
        ]

    def _opened(self, found: OnDisk, version: int) -> Version:
        place = found.bundle(version)
        tried = fingerprint(place)  # before it is read, so that a change since then is seen
        return opened(
            found.name,
            version,
            place,
            tried=tried,
            shown=lambda error: shown(error, self.root),
            book=self.book,
            gather=self._gather,
            trial=self._trial,
        )

    def _replace(
        self, name: str, made: Mapping[int, Version] | None = None, looked: OnDisk | None = None
    ) -> bool:
        """Bring one model up to date with the disk and with what was opened, all at once.

        Not (False) where a model is new and the disk is not as `looked` any more: its aliases may
        by now name versions that nobody has opened.
        """
        with self._replacing:
            old = self._models.get(name)
            found = look_at(self.root, name)
            if old is None and found != looked:
                return False
            self._followed[name] = found
            model = next_model(old, found, made or {})
            if model != old:
                _tell(old, model)
                others = {key: kept for key, kept in self._models.items() if key != name}
                self._models = others if model is None else {**others, name: model}
            return True


def _tell(old: Model | None, made: Model | None) -> None:
    """Log what does not answer, or is not followed, since a moment ago; the start tells its own."""
    if old is None or made is None:
        return
    for version, each in made.versions.items():
        if (
            isinstance(each, NotReady)
            and each.reason != UNLOADED
            and each != old.versions.get(version)
        ):
            LOG.warning("%s/%d is not ready: %s", made.name, version, each.reason)
    if made.fault not in ("", old.fault):
        LOG.warning("%s: %s", made.name, made.fault)


def _changed(known: NotReady | None, place: Path) -> bool:
    """Whether a version that does not answer is another than when it was tried."""
    return known is None or known.tried != fingerprint(place)


def _chosen(there: Collection[int], version: str | int | None) -> set[int]:
    if version is None:
        return {*there}
    for each in there:
        if str(each) == str(version):
            return {each}
    raise UnknownModelError("the model has no such version", mend="See /models for those there")


def _not_in_use(model: Model, version: int) -> None:
    for alias in model.aliases_of(version):
        raise ConflictError(
            f"the alias {alias} names this version", mend="Move or delete the alias first"
        )


@contextmanager
def _changing() -> Iterator[None]:
    """What the disk refuses, as the client may know it: without the path."""
    try:
        yield
    except BundleError as error:
        raise ConflictError(error.fault, mend=error.mend) from error
