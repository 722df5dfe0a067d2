"""A model's aliases, `artifacts/<name>/aliases.json`: {"champion": 3}.

Both the command and the service read and change them here.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import msgspec

from bundle import shared_file
from bundle.errors import BundleError
from bundle.manifest import Version

FILE = "aliases.json"
CHAMPION = "champion"
"""The alias that says which version a request without a version means."""
PATTERN = r"^(?!latest\Z|[vV][0-9]+\Z)[A-Za-z][A-Za-z0-9_-]{0,63}\Z"
"""As in MLflow's registry, where `latest` and `v3` are not aliases either."""

Alias = Annotated[str, msgspec.Meta(pattern=PATTERN)]
Aliases = dict[Alias, Version]


def read_aliases(model: Path) -> dict[str, int]:
    """The aliases in directory `model`, alias to version. Raises BundleError."""
    return _decoded(model / FILE, shared_file.read(model / FILE))


def set_alias(model: Path, alias: str, version: int) -> dict[str, int]:
    """Point `alias` at `version`, wherever it pointed; the aliases after. Raises BundleError."""
    check_name(alias)
    return _change(model / FILE, lambda found: {**found, alias: version})


def delete_alias(model: Path, alias: str) -> dict[str, int]:
    """Forget `alias`; the aliases after. Raises BundleError, also where there is none."""

    def without(found: dict[str, int]) -> dict[str, int]:
        if alias not in found:
            raise BundleError("there is no such alias", where=f"{model / FILE}: {alias!r}")
        return {name: version for name, version in found.items() if name != alias}

    return _change(model / FILE, without)


def check_name(alias: str) -> None:
    """Raise BundleError for what cannot be an alias."""
    try:
        msgspec.convert(alias, Alias)
    except msgspec.ValidationError:
        raise BundleError(
            "this cannot be an alias",
            mend="Begin with a letter; letters, digits, - and _ follow, 64 at most; not `latest` "
            "and not like `v3`",
        ) from None


def _change(path: Path, edit: Callable[[dict[str, int]], dict[str, int]]) -> dict[str, int]:
    made: dict[str, int] = {}

    def edited(content: bytes | None) -> bytes:
        made.update(edit(_decoded(path, content)))
        return json.dumps(made, indent=1, sort_keys=True).encode() + b"\n"

    shared_file.change(path, edited)
    return dict(sorted(made.items()))


def _decoded(path: Path, content: bytes | None) -> dict[str, int]:
    if content is None:
        return {}
    try:
        found = json.loads(content, object_pairs_hook=_once)
        return dict(sorted(msgspec.convert(found, Aliases).items()))
    except (ValueError, RecursionError) as error:
        raise BundleError(
            f"not a file of aliases: {error}",
            where=str(path),
            mend='Write aliases and versions, such as {"champion": 3}',
        ) from error


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("an alias stands twice")
    return found
