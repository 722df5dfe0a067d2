"""What a model becomes when the disk changes: the rules of versions and aliases, without a disk.

docs/decisions/0007-versions-and-aliases.md says why they are what they are.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from bundle.aliases import CHAMPION
from runtime.models import UNLOADED, Model, NotReady, Ready, Version
from runtime.on_disk import OnDisk

GONE = "its directory is gone: it answers from memory, as long as the default or an alias means it"


def next_model(old: Model | None, found: OnDisk, opened: Mapping[int, Version]) -> Model | None:
    """The model after a look at its directory, with what was opened since; None: it has none."""
    if found.lost and old is not None:
        return replace(old, fault=found.fault)
    out = unloaded(old, found)
    versions = _present(old, found, opened, out)
    gone = _gone(old, found, out)
    aliases, faults = _aliases(old, found, {**gone, **versions})
    versions |= _kept(gone, versions, aliases)
    if not versions:
        return None
    return Model(
        name=found.name,
        versions=dict(sorted(versions.items())),
        aliases=aliases,
        unloaded=out,
        fault="; ".join(filter(None, [found.fault, *faults])),
    )


def unloaded(old: Model | None, found: OnDisk) -> frozenset[int]:
    """The versions that are not to answer: as before, where the disk does not say."""
    if found.versions and found.unloaded is not None:
        return found.unloaded
    return old.unloaded if old is not None else frozenset()


def _present(
    old: Model | None, found: OnDisk, opened: Mapping[int, Version], out: Collection[int]
) -> dict[int, Version]:
    """What stands on disk. What answers goes on answering, whatever became of its files."""
    known = {**(old.versions if old is not None else {}), **opened}
    versions: dict[int, Version] = {}
    for version in found.versions:
        if version in out:
            versions[version] = _unloaded(found.name, version)
        elif version in known:
            versions[version] = _noted(known[version], "")
    return versions


def _gone(old: Model | None, found: OnDisk, out: Collection[int]) -> dict[int, Version]:
    """What answers from memory only."""
    return {
        version: _noted(each, GONE)
        for version, each in (old.versions if old is not None else {}).items()
        if isinstance(each, Ready) and version not in found.versions and version not in out
    }


def _kept(
    gone: Mapping[int, Version], versions: Mapping[int, Version], aliases: Mapping[str, int] | None
) -> dict[int, Version]:
    """Of what is gone, what is still meant: by an alias, or because nothing else answers."""
    meant = set((aliases or {}).values())
    if CHAMPION not in (aliases or {}) and not any(
        isinstance(each, Ready) for each in versions.values()
    ):
        meant |= {max(gone)} if gone else set()
    return {version: each for version, each in gone.items() if version in meant}


def _aliases(
    old: Model | None, found: OnDisk, versions: Mapping[int, Version]
) -> tuple[Mapping[str, int] | None, list[str]]:
    """The aliases to follow, and why some on disk are not.

    While a model is served, an alias moves to a version when that answers, and not before.
    """
    if not found.versions or found.aliases is None:
        return (old.aliases if old is not None else None), []
    if old is None or old.aliases is None:
        return found.aliases, []
    aliases, faults = {}, []
    for alias, version in found.aliases.items():
        if old.aliases.get(alias) == version or isinstance(versions.get(version), Ready):
            aliases[alias] = version
            continue
        faults.append(f"{alias} does not move to version {version}, which does not answer")
        if alias in old.aliases:
            aliases[alias] = old.aliases[alias]
    return aliases, faults


def _unloaded(name: str, version: int) -> NotReady:
    return NotReady(name=name, version=version, reason=UNLOADED)


def _noted(version: Version, note: str) -> Version:
    if isinstance(version, NotReady) or version.note == note:
        return version
    return replace(version, note=note)
