"""The file of keys: whose there are and what each may do, never the keys themselves.

{"keys": {"billing": {"sha256": "..", "scope": "predict", "created": "2026-11-21T09:00:00Z"}}}

A key is 192 random bits: its plain SHA-256 cannot be turned back, and needs no salt or stretching.
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from bundle import shared_file
from bundle.errors import IsomorphError

PREFIX = "isomorph_"
"""How every key begins, so that scanners of secrets can tell one."""
PRIVATE = 0o600  # of a file that is made here; one that is there keeps the mode it has

Scope = Literal["predict", "admin"]
"""`predict`: ask, and read what is served. `admin`: change which version answers, too."""
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}\Z")]
Moment = Annotated[datetime, msgspec.Meta(tz=True)]


class Key(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is known of a key."""

    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
    scope: Scope
    created: Moment


Keys = dict[Name, Key]


class _File(msgspec.Struct, forbid_unknown_fields=True):
    keys: Keys


def read(path: Path) -> Keys:
    """The keys in the file, by name. Raises IsomorphError, also where there is no file."""
    return decoded(path, shared_file.read(path))


def make(path: Path, name: str, scope: Scope) -> str:
    """A new key, its digest added to the file under `name`; the file is made where there is none.

    It is told here and nowhere else. Raises IsomorphError.
    """
    try:
        msgspec.convert(name, Name)
    except msgspec.ValidationError:
        raise IsomorphError(
            "this cannot be the name of a key",
            mend="Begin with a letter or digit; letters, digits, . - and _ follow, 64 at most",
        ) from None
    key = PREFIX + secrets.token_hex(24)
    made = Key(digest(key.encode()).hex(), scope, datetime.now(UTC).replace(microsecond=0))

    def added(found: Keys) -> Keys:
        if name in found:
            raise _fault(path, "there is a key of this name", "Revoke it first, or choose another")
        return {**found, name: made}

    _change(path, added)
    return key


def revoke(path: Path, name: str) -> None:
    """Forget the key; a running service follows in a second. Raises IsomorphError."""

    def without(found: Keys) -> Keys:
        if name not in found:
            known = f"There are: {', '.join(found)}" if found else "There are none"
            raise _fault(path, "there is no key of this name", known)
        return {each: key for each, key in found.items() if each != name}

    _change(path, without)


def digest(key: bytes) -> bytes:
    """What is kept of a key."""
    return hashlib.sha256(key).digest()


def decoded(path: Path, content: bytes | None) -> Keys:
    """The keys in a file's content. Raises IsomorphError."""
    if content is None:
        raise _fault(path, "there is no such file", "Make a key with isomorph key make")
    try:
        found = msgspec.convert(json.loads(content, object_pairs_hook=_once), _File).keys
        _once([(key.sha256, name) for name, key in found.items()])
    except (ValueError, RecursionError) as error:
        mend = "Write it with isomorph key make and isomorph key revoke"
        raise _fault(path, f"not a file of keys: {error}", mend) from error
    return dict(sorted(found.items()))


def _change(path: Path, edit: Callable[[Keys], Keys]) -> None:
    def edited(content: bytes | None) -> bytes:
        found = {} if content is None else decoded(path, content)
        plain = msgspec.to_builtins(_File(edit(found)))
        return json.dumps(plain, indent=1, sort_keys=True).encode() + b"\n"

    shared_file.change(path, edited, PRIVATE)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name, a member or a key stands twice")
    return found


def _fault(path: Path, fault: str, mend: str) -> IsomorphError:
    return IsomorphError(fault, where=str(path), mend=mend)
