"""Aliases of a model's versions, as the command sets and shows them."""

from __future__ import annotations

from pathlib import Path

from bundle.aliases import check_name, delete_alias, read_aliases, set_alias
from bundle.errors import BundleError
from bundle.reader import open_bundle
from bundle.writer import versions


def aliases(artifacts: Path, name: str, alias: str | None = None) -> dict[str, int]:
    """The aliases of model `name`, or the one asked for. Raises BundleError."""
    model = _model(artifacts, name)
    found = read_aliases(model)
    if alias is None:
        return found
    if alias not in found:
        known = f"It has: {', '.join(found)}" if found else "It has none"
        raise BundleError(f"there is no alias {alias!r}", where=str(model), mend=known)
    return {alias: found[alias]}


def assign(artifacts: Path, name: str, alias: str, version: int) -> dict[str, int]:
    """Point `alias` at a version whose bundle opens; all aliases after. Raises BundleError."""
    model = _model(artifacts, name)
    check_name(alias)
    known = versions(artifacts, name)
    if version not in known:
        raise BundleError(
            f"there is no version {version}",
            where=str(model),
            mend=f"It has: {', '.join(map(str, known))}",
        )
    open_bundle(model / str(version))
    return set_alias(model, alias, version)


def delete(artifacts: Path, name: str, alias: str) -> dict[str, int]:
    """Forget `alias`; the aliases that are left. Raises BundleError."""
    return delete_alias(_model(artifacts, name), alias)


def _model(artifacts: Path, name: str) -> Path:
    """The model's directory, found in the listing: a name is no path."""
    known = sorted(each.name for each in artifacts.iterdir() if versions(artifacts, each.name))
    if name not in known:
        raise BundleError(
            f"there is no model {name!r}",
            where=str(artifacts),
            mend=f"There are: {', '.join(known)}" if known else "Convert one first",
        )
    return artifacts / name
