"""Who may ask for what: the key that a request carries, against the file of keys.

It is asked for on every request, so what a header was found to mean is remembered; only headers
with a valid key are, so a guess learns nothing from how long it took but that it is wrong.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import hmac
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from bundle import shared_file
from bundle.errors import IsomorphError
from runtime import keys
from runtime.door import Call
from runtime.errors import ForbiddenError, UnauthorizedError
from runtime.keys import Keys, Scope
from runtime.logs import LOG

SECONDS = 1.0
"""After how long a key that was revoked opens nothing, at most."""
MAX_REMEMBERED = 1024  # a client with a key may write it in many ways
MAX_SPELLING = 512  # bytes of a header that is remembered

_MISSING = "this address asks for a key"
_MEND = "Send a key that was made for this service, as Authorization: Bearer KEY"


class Known(NamedTuple):
    """A key of the file, ready to compare."""

    name: str
    scope: Scope
    digest: bytes


class Access:
    """The keys as the file last said them; it is asked, and looks at the file now and then."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._content: bytes | None = None
        self._fault = ""
        self._known: dict[bytes, Known] = {}
        self._remembered: dict[tuple[bytes | None, bytes | None], Known] = {}
        self.look()

    def check(self, call: Call, scope: Scope) -> None:
        """Let the request pass, and note whose it is. Raises UnauthorizedError, ForbiddenError."""
        headers = call.headers
        spelt = (headers.get(b"authorization"), headers.get(b"x-api-key"))
        found = self._remembered.get(spelt) or self._recognised(*spelt)
        call.key = found.name
        if scope == "admin" and found.scope != "admin":
            raise ForbiddenError(
                "the key may not change what is served", mend="Use a key of scope admin"
            )

    def _recognised(self, authorization: bytes | None, alone: bytes | None) -> Known:
        remembered = self._remembered  # of these keys: those of the next look are others
        given = alone if alone is not None else _credential(authorization or b"")
        digest = keys.digest(given)
        found = self._known.get(digest)
        if found is None or not hmac.compare_digest(digest, found.digest):
            said = "no key of this service was sent" if given else _MISSING
            raise UnauthorizedError(said, mend=_MEND)
        if len(authorization or b"") + len(alone or b"") <= MAX_SPELLING:
            if len(remembered) >= MAX_REMEMBERED:
                remembered.clear()
            remembered[authorization, alone] = found
        return found

    def look(self) -> None:
        """Follow the file. One that is wrong changes nothing, and the log says so once."""
        try:
            content = shared_file.read(self._path)
            if content is None or content != self._content:
                self._take(keys.decoded(self._path, content))
                self._content = content
        except IsomorphError as error:
            self._say(str(error))
        else:
            self._say("")

    def _take(self, found: Keys) -> None:
        digests = {name: bytes.fromhex(key.sha256) for name, key in found.items()}
        known = {each: Known(name, found[name].scope, each) for name, each in digests.items()}
        self._known = known
        self._remembered = {}

    def _say(self, fault: str) -> None:
        if fault and fault != self._fault:
            kept = "the keys as they were stay" if self._content else "no key is known"
            LOG.error("%s: %s", kept, fault)
        elif self._fault and not fault:
            LOG.warning("the file of keys is followed again")
        self._fault = fault


def check_site(call: Call) -> None:
    """Refuse what a page of another site makes a browser send. Raises ForbiddenError.

    A browser on this machine reaches loopback, too, and sends a POST before it asks for leave.
    """
    if call.headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
        raise ForbiddenError("a page of another site asks for this", mend="Ask without a browser")


@asynccontextmanager
async def watched(access: Access | None) -> AsyncIterator[None]:
    """While this lasts, the file of keys is followed."""
    task = asyncio.create_task(_watch(access)) if access is not None else None
    try:
        yield
    finally:
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task


async def _watch(access: Access) -> None:
    while True:
        await asyncio.sleep(SECONDS)
        try:
            await asyncio.to_thread(access.look)
        except Exception:  # noqa: BLE001 - the next look may see it mended
            LOG.exception("the file of keys could not be looked at")


def _credential(authorization: bytes) -> bytes:
    """The key in the header; empty where its scheme is another's, such as SigV4.

    Basic is what MLflow's client and `curl -u :KEY` send: the password is the key.
    """
    scheme, _, rest = authorization.partition(b" ")
    scheme = scheme.lower()
    if scheme == b"bearer":
        return rest.strip()
    if scheme == b"basic":
        with suppress(binascii.Error):
            return base64.b64decode(rest.strip(), validate=True).partition(b":")[2]
    return b""
