"""HTTPS by two files: what uvicorn is told of them, and what can be wrong with them."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from bundle.errors import IsomorphError
from runtime.settings import Settings

_MEND = "Set tls_cert to a certificate and tls_key to its private key, both PEM and readable"


class _LockedError(Exception):
    """OpenSSL asked for a password."""


def options(settings: Settings) -> dict[str, Any]:
    """What uvicorn.Config is given; nothing without a certificate."""
    if settings.tls_cert is None:
        return {}
    return {
        "ssl_certfile": str(settings.tls_cert),
        "ssl_keyfile": str(settings.tls_key),
        "ssl_context_factory": modern,
    }


def modern(_: Any, make: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """A context as uvicorn makes it, for TLS 1.2 and 1.3 whatever the system's OpenSSL allows."""
    context = make()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def check(settings: Settings) -> None:
    """Raise IsomorphError unless the files are there, fit each other and need no password."""
    if settings.tls_cert is None and settings.tls_key is None:
        return
    if settings.tls_cert is None or settings.tls_key is None:
        raise IsomorphError("only one of tls_cert and tls_key is set", mend=_MEND)
    for path in (settings.tls_cert, settings.tls_key):
        _readable(path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(settings.tls_cert, settings.tls_key, _no_password)
    except _LockedError:
        where = str(settings.tls_key)
        mend = "Decrypt it (openssl pkey), and let only the service read it"
        raise IsomorphError("the private key is encrypted", where=where, mend=mend) from None
    except (ssl.SSLError, OSError) as error:
        fault = "these are not a certificate and its private key"
        where = f"{settings.tls_cert}, {settings.tls_key}"
        raise IsomorphError(fault, where=where, mend=_MEND) from error


def unverified() -> ssl.SSLContext:
    """For asking this very server whether it is there, whatever name its certificate has."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def _readable(path: Path) -> None:
    try:
        path.read_bytes()
    except OSError as error:
        fault = f"the file cannot be read ({error.strerror})"
        raise IsomorphError(fault, where=str(path), mend=_MEND) from error


def _no_password() -> NoReturn:
    raise _LockedError
